//! Every target over all of its seeds, on a small stack.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test, and it says how far it came")]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::thread;

use executor_fuzz::mutation::{Random, mutated};
use executor_fuzz::{TARGETS, Target};

/// Half of what a thread of the server has.
const STACK: usize = 1 << 20;

/// How many changes of each seed are tried.
const MUTATIONS: u64 = 200;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("seeds")
}

fn kept(target: &Target) -> Vec<(String, Vec<u8>)> {
    let files = fs_err::read_dir(folder().join(target.name)).unwrap().map(|file| file.unwrap().path());
    files.map(|file| (file.display().to_string(), fs_err::read(&file).unwrap())).collect()
}

#[test]
fn every_seed_is_taken_on_a_small_stack() {
    for target in TARGETS {
        let deep =
            (target.deep)().into_iter().enumerate().map(|(place, seed)| (format!("deep {place}"), seed));
        for (name, seed) in kept(target).into_iter().chain(deep) {
            // An overflow of the stack ends the process: this line says whose it was.
            println!("{} {name}", target.name);
            let run = target.run;
            let thread = thread::Builder::new().stack_size(STACK).spawn(move || run(&seed)).unwrap();
            assert!(thread.join().is_ok(), "{} fails at {name}", target.name);
        }
    }
}

#[test]
fn every_target_has_seeds_and_every_folder_of_seeds_a_target() {
    let folders =
        fs_err::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names = TARGETS.iter().map(|target| target.name.to_owned());
    assert_eq!(folders.collect::<BTreeSet<_>>(), names.collect());
    assert!(TARGETS.iter().all(|target| !kept(target).is_empty()));
}

#[test]
fn seeds_that_are_changed_at_random_are_taken() {
    for target in TARGETS {
        for (name, seed) in kept(target) {
            for number in 0..MUTATIONS {
                let changed = mutated(&seed, &mut Random(number));
                let result = std::panic::catch_unwind(|| (target.run)(&changed));
                let shown = String::from_utf8_lossy(&changed);
                assert!(result.is_ok(), "{} fails at change {number} of {name}: {shown}", target.name);
            }
        }
    }
}
