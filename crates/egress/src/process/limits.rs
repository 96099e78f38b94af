//! What a program may use up.
//!
//! The limits are set right after the start, from outside: what the program starts later inherits them. They keep an
//! accident small; they are no wall against who wants to do harm.

/// Sets the limits, as far as the system has them.
#[cfg(target_os = "linux")]
pub(super) fn set(id: u32) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};

    const MIB: u64 = 1024 * 1024;
    /// Of memory those pages that are written to: a JavaScript engine reserves far more than it uses.
    const LIMITS: [(Resource, u64); 5] = [
        (Resource::Core, 0),
        (Resource::Nofile, 4096),
        (Resource::Nproc, 4096),
        (Resource::Data, 4096 * MIB),
        (Resource::Fsize, 4096 * MIB),
    ];
    let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) else { return };
    for (resource, limit) in LIMITS {
        let limit = Rlimit { current: Some(limit), maximum: Some(limit) };
        // A limit of ours that is lower already stays as it is, and one that has ended needs none.
        if let Err(error) = prlimit(Some(pid), resource, limit) {
            tracing::debug!(id, ?resource, %error, "a limit of a program could not be set");
        }
    }
}

/// Sets the limits, as far as the system has them.
#[cfg(not(target_os = "linux"))]
pub(super) fn set(_: u32) {}
