//! The system calls of a worker. Any other kills it.
//!
//! What is left is reading the pipe, writing to it, memory that is not executable, and dying. No call of these names a
//! file, an address or another process.

use std::collections::BTreeMap;
use std::error::Error;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

type Built<T> = Result<T, Box<dyn Error>>;

/// Puts the filter on. It holds for as long as the process lives.
pub(super) fn restrict_system_calls() -> Built<()> {
    let filter = SeccompFilter::new(
        rules()?,
        SeccompAction::KillProcess,
        SeccompAction::Allow,
        std::env::consts::ARCH.try_into()?,
    )?;
    let program: BpfProgram = filter.try_into()?;
    seccompiler::apply_filter(&program)?;
    Ok(())
}

fn rules() -> Built<BTreeMap<i64, Vec<SeccompRule>>> {
    let standard_input = argument_is(0, libc::STDIN_FILENO)?;
    let standard_error = argument_is(0, libc::STDERR_FILENO)?;
    let own_process = argument_is(0, std::process::id().try_into()?)?;
    let not_executable = || has_none_of(2, libc::PROT_EXEC);
    let anonymous = SeccompCondition::new(
        3,
        SeccompCmpArgLen::Dword,
        SeccompCmpOp::MaskedEq(bits(libc::MAP_ANONYMOUS)?),
        bits(libc::MAP_ANONYMOUS)?,
    )?;
    Ok(BTreeMap::from([
        (libc::SYS_read, vec![SeccompRule::new(vec![standard_input.clone()])?]),
        (
            libc::SYS_write,
            vec![SeccompRule::new(vec![standard_input])?, SeccompRule::new(vec![standard_error])?],
        ),
        (libc::SYS_mmap, vec![SeccompRule::new(vec![not_executable()?, anonymous])?]),
        (libc::SYS_mprotect, vec![SeccompRule::new(vec![not_executable()?])?]),
        (libc::SYS_munmap, vec![]),
        (libc::SYS_mremap, vec![]),
        (libc::SYS_madvise, vec![]),
        (libc::SYS_brk, vec![]),
        (libc::SYS_futex, vec![]),
        (libc::SYS_getrandom, vec![]),
        (libc::SYS_clock_gettime, vec![]),
        (libc::SYS_gettimeofday, vec![]),
        // What a panic, an abort and an overflow of the stack need to end the process by the right signal.
        (libc::SYS_getpid, vec![]),
        (libc::SYS_gettid, vec![]),
        (libc::SYS_tgkill, vec![SeccompRule::new(vec![own_process])?]),
        (libc::SYS_rt_sigaction, vec![]),
        (libc::SYS_rt_sigprocmask, vec![]),
        (libc::SYS_rt_sigreturn, vec![]),
        (libc::SYS_sigaltstack, vec![]),
        (libc::SYS_restart_syscall, vec![]),
        (libc::SYS_exit, vec![]),
        (libc::SYS_exit_group, vec![]),
    ]))
}

fn argument_is(index: u8, value: i32) -> Built<SeccompCondition> {
    Ok(SeccompCondition::new(index, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, bits(value)?)?)
}

fn has_none_of(index: u8, mask: i32) -> Built<SeccompCondition> {
    Ok(SeccompCondition::new(index, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(bits(mask)?), 0)?)
}

fn bits(value: i32) -> Built<u64> {
    Ok(u64::try_from(value)?)
}
