//! Engine and store in this process, dying at every moment (`ENGINE.md` 10.2 and 10.4).
//!
//! A *point* is a task or two, and up to two deaths: each at a write or a sync of the disk, or at a step of a request
//! at the upstream. An engine that is dead can write nothing and its requests have no effect; the next one starts on
//! what the disk kept. After the last life the [`check`](crate::check) compares what is left with the history and with
//! an undisturbed run.

mod life;
mod parts;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde_json::Value;

use crate::check::{Expected, check};
use crate::disk::{Death, Disk};
use crate::fate::{Fate, Moment};
use crate::history::History;
use crate::program::Program;
use crate::random::Random;
use crate::upstream::World;

use life::{Case, Life};
pub use parts::Simulation;

/// What is switched off, for the tests which show that the proof can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Honesty {
    /// What led to a write is durable before it leaves.
    pub output_commit: bool,
    /// A sync of the disk does what it says.
    pub sync: bool,
}

impl Default for Honesty {
    fn default() -> Self {
        Self { output_commit: true, sync: true }
    }
}

/// A program, how it ends undisturbed, and how many moments that takes.
#[derive(Debug, Clone)]
pub struct Subject {
    program: Program,
    expected: Expected,
    disk: u64,
    upstream: u64,
}

impl Simulation {
    /// Runs a program undisturbed.
    pub async fn subject(&self, seed: u64) -> Subject {
        let program = Program::generate(&mut Random::new(seed));
        let world = format!("r{seed}");
        let tag = format!("{world}.t0");
        let history = Arc::new(History::default());
        let fate = Arc::new(Fate::new(None));
        self.upstream.enter(&world, World { history: history.clone(), fate: fate.clone() });
        let disk = Disk::new(&self.template, fate.clone(), true);
        let case = Case {
            tag: tag.clone(),
            code: program.code(&tag),
            cancel: false,
            read: false,
            submitted: AtomicBool::new(false),
        };
        let life = Life::start(self, &disk, 0, Honesty::default()).await.expect("undisturbed engines start");
        life.live(&[case], &history).await;
        let left = life.left().await;
        life.end().await;
        self.upstream.leave(&world);
        let ending = left[0].ending.clone().expect("undisturbed tasks end");
        let expected = Expected { ending, certain: program.certain.clone() };
        let wrong = check(&history.so_far(), &left, &BTreeMap::from([(tag, expected.clone())]));
        assert!(wrong.is_empty(), "undisturbed, seed {seed}: {wrong:#?}\n{}", program.code("t"));
        Subject {
            program,
            expected,
            disk: fate.passed(Moment::Disk),
            upstream: fate.passed(Moment::Upstream),
        }
    }

    /// One point. Gives what is wrong afterwards.
    pub async fn point(&self, subjects: &[Subject], seed: u64, honesty: Honesty) -> Vec<String> {
        let mut random = Random::new(seed);
        let world = format!("w{seed}");
        let history = Arc::new(History::default());
        let (mut cases, mut expected, mut deaths) = (Vec::new(), BTreeMap::new(), Vec::new());
        for number in 0..1 + random.below(2) {
            let subject = &subjects[random.below(subjects.len() as u64) as usize];
            let tag = format!("{world}.t{number}");
            cases.push(Case {
                code: subject.program.code(&tag),
                cancel: random.once_in(16),
                read: random.once_in(3),
                tag: tag.clone(),
                submitted: AtomicBool::new(false),
            });
            expected.insert(tag, subject.expected.clone());
            deaths.push(subject.death(&mut random));
        }
        let mut files = self.template.clone();
        for (life, death) in deaths.into_iter().map(Some).chain([None]).enumerate() {
            let fate = Arc::new(Fate::new(death));
            self.upstream.enter(&world, World { history: history.clone(), fate: fate.clone() });
            let disk = Disk::new(&files, fate.clone(), honesty.sync);
            let lived = Life::start(self, &disk, life as u64, honesty).await;
            if let Some(life) = &lived {
                tokio::select! {
                    () = fate.death() => {}
                    () = life.live(&cases, &history) => {}
                }
            }
            if death.is_none() {
                let Some(life) = lived else { return vec!["the engine does not start again".to_owned()] };
                let left = life.left().await;
                life.end().await;
                self.upstream.leave(&world);
                let mut wrong = check(&history.so_far(), &left, &expected);
                if !wrong.is_empty() {
                    wrong.extend(cases.iter().map(|case| case.code.clone()));
                    wrong.extend(
                        left.iter().map(|task| format!("{} {}", task.tag, Value::from(task.journal.clone()))),
                    );
                }
                return wrong;
            }
            // A life that ended before its moment came ends here, as if it were killed.
            fate.die();
            let how = if random.once_in(2) { Death::Killed } else { Death::PowerLost };
            files = disk.after(how, &mut random);
            if let Some(life) = lived {
                life.end().await;
            }
        }
        Vec::new()
    }

    /// Points with the seeds from `first` on, some of them at the same time. Gives those at which something is wrong.
    pub async fn points(
        &self,
        subjects: &[Subject],
        first: u64,
        count: u64,
        honesty: Honesty,
    ) -> Vec<(u64, Vec<String>)> {
        use futures::StreamExt;
        futures::stream::iter(first..first + count)
            .map(|seed| async move { (seed, self.point(subjects, seed, honesty).await) })
            .buffer_unordered(AT_ONCE)
            .filter(|(_, wrong)| futures::future::ready(!wrong.is_empty()))
            .collect()
            .await
    }
}

/// Points under way at the same time: more than cores, since most of them wait for a timer or an answer.
const AT_ONCE: usize = 6;

impl Subject {
    fn death(&self, random: &mut Random) -> (Moment, u64) {
        match random.below(2) {
            0 => (Moment::Disk, random.below(self.disk)),
            _ => (Moment::Upstream, random.below(self.upstream)),
        }
    }
}
