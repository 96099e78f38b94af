//! The layers on Linux, in the order in which they can be put on.

use std::error::Error;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _,
    RulesetStatus, Scope,
};
use rustix::io::Errno;
use rustix::process::{DumpableBehavior, Resource, Rlimit, Signal};
use rustix::thread::UnshareFlags;

use super::{JailReport, Layer, LayerState, TIME_ZONE, seccomp};

/// The address space: the heap of a program, and what the worker itself needs to parse and to copy.
const ADDRESS_SPACE_BYTES: u64 = 1 << 30;
/// The stack: what the TypeScript parser may use of it before the process dies.
const STACK_BYTES: u64 = 64 << 20;

type Tried = Result<(), Box<dyn Error>>;

/// Puts every layer on.
pub(super) fn enter() -> JailReport {
    let layers = [
        layer("descriptors", true, close_descriptors()),
        layer("environment", true, check_environment()),
        layer("parent_death", true, die_with_parent()),
        layer("no_new_privs", true, rustix::thread::set_no_new_privs(true).map_err(Into::into)),
        layer("namespaces", false, leave_namespaces()),
        layer("landlock", false, restrict_files_and_network()),
        layer("rlimits", true, set_limits()),
        layer("seccomp", true, seccomp::restrict_system_calls()),
    ];
    JailReport { layers: layers.into() }
}

fn layer(name: &str, floor: bool, tried: Tried) -> Layer {
    let state = match tried {
        Ok(()) => LayerState::Active,
        Err(error) => LayerState::Unavailable(error.to_string()),
    };
    Layer { name: name.to_owned(), floor, state }
}

/// Leaves the pipe, which is standard input, and standard error, which is nothing unless workers are diagnosed.
#[expect(unsafe_code, reason = "no library closes a range of descriptors")]
fn close_descriptors() -> Tried {
    // SAFETY: nobody in this process owns a descriptor above standard error, and nobody uses standard output.
    let closed = unsafe {
        libc::close(libc::STDOUT_FILENO);
        libc::syscall(libc::SYS_close_range, libc::STDERR_FILENO + 1, libc::c_uint::MAX, 0)
    };
    if closed == 0 { Ok(()) } else { Err(std::io::Error::last_os_error().into()) }
}

fn check_environment() -> Tried {
    match std::env::vars_os().find(|(name, _)| name != TIME_ZONE.0) {
        None => Ok(()),
        Some((name, _)) => Err(format!("there is a variable {}", name.display()).into()),
    }
}

fn die_with_parent() -> Tried {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    // Nobody of the same user may look into the process or have its memory written to disk.
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// A user, a network, a file system and a message space of its own, each without anything in it.
#[expect(unsafe_code, reason = "leaving a namespace can invalidate what other threads rely on")]
fn leave_namespaces() -> Tried {
    let all = UnshareFlags::NEWUSER
        | UnshareFlags::NEWNET
        | UnshareFlags::NEWNS
        | UnshareFlags::NEWIPC
        | UnshareFlags::NEWUTS;
    // SAFETY: a worker has one thread, and shares no descriptors with another process.
    unsafe { rustix::thread::unshare_unsafe(all) }.map_err(|error| match error {
        Errno::PERM | Errno::NOSPC => format!("the kernel does not let this user ({error})").into(),
        other => other.into(),
    })
}

fn restrict_files_and_network() -> Tried {
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI::V5))?
        .handle_access(AccessNet::from_all(ABI::V5))?
        .scope(Scope::from_all(ABI::V6))?
        .create()?
        .restrict_self()?;
    match status.ruleset {
        RulesetStatus::NotEnforced => Err("the kernel has none".into()),
        RulesetStatus::PartiallyEnforced | RulesetStatus::FullyEnforced => Ok(()),
    }
}

/// Processor time is not among them: a worker outlives many programs, and each turn has its own deadline.
fn set_limits() -> Tried {
    let hard = |limit| Rlimit { current: Some(limit), maximum: Some(limit) };
    rustix::process::setrlimit(Resource::Core, hard(0))?;
    rustix::process::setrlimit(Resource::Fsize, hard(0))?;
    rustix::process::setrlimit(Resource::Nproc, hard(0))?;
    rustix::process::setrlimit(Resource::Nofile, hard(0))?;
    rustix::process::setrlimit(Resource::Memlock, hard(0))?;
    let inherited = rustix::process::getrlimit(Resource::Stack).maximum;
    let stack = inherited.map_or(STACK_BYTES, |maximum| maximum.min(STACK_BYTES));
    rustix::process::setrlimit(Resource::Stack, hard(stack))?;
    rustix::process::setrlimit(Resource::As, hard(ADDRESS_SPACE_BYTES))?;
    Ok(())
}
