//! What a worker's process may still do: next to nothing (`ENGINE.md` 10.6).
//!
//! Each attempt has a process of its own, since most end it.
#![expect(unsafe_code, reason = "the attempts go to the kernel directly, as an attacker's would")]

use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, ExitCode, Stdio};

use executor_sandbox::{LayerState, enter_jail};

use crate::support::sandbox;

/// What an attempt may come to without being killed.
const ALLOWED: u8 = 0;
const REFUSED: u8 = 10;

type Attempt = (&'static str, fn() -> libc::c_long);

/// Attempts that a worker has no need of.
const FORBIDDEN: &[Attempt] = &[
    ("open a file", || unsafe { libc::open(c"/etc/passwd".as_ptr(), libc::O_RDONLY) }.into()),
    ("open /proc", || unsafe { libc::open(c"/proc/self/environ".as_ptr(), libc::O_RDONLY) }.into()),
    ("open with openat2", || unsafe {
        libc::syscall(libc::SYS_openat2, libc::AT_FDCWD, c"/".as_ptr(), 0, 0)
    }),
    ("read a link", || unsafe {
        libc::syscall(libc::SYS_readlinkat, libc::AT_FDCWD, c"/proc/self/exe".as_ptr(), 0, 0)
    }),
    ("list files", || unsafe { libc::syscall(libc::SYS_getdents64, 0, 0, 0) }),
    ("make an internet socket", || unsafe { libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0) }.into()),
    ("make a local socket", || unsafe { libc::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0) }.into()),
    ("send a descriptor", || unsafe { libc::sendmsg(0, std::ptr::null(), 0) as libc::c_long }),
    ("receive a descriptor", || unsafe { libc::recvmsg(0, std::ptr::null_mut(), 0) as libc::c_long }),
    ("fork", || unsafe { libc::fork() }.into()),
    ("start a thread", || if std::thread::Builder::new().spawn(|| ()).is_ok() { 0 } else { -1 }),
    ("execute", || unsafe { libc::execve(c"/bin/sh".as_ptr(), std::ptr::null(), std::ptr::null()) }.into()),
    ("trace a process", || unsafe { libc::ptrace(libc::PTRACE_ATTACH, libc::getppid(), 0, 0) }),
    ("read another's memory", || unsafe {
        libc::process_vm_readv(1, std::ptr::null(), 0, std::ptr::null(), 0, 0) as libc::c_long
    }),
    ("kill the parent", || unsafe { libc::kill(1, libc::SIGTERM) }.into()),
    ("kill by thread", || unsafe { libc::syscall(libc::SYS_tgkill, 1, 1, libc::SIGTERM) }),
    ("open a process", || unsafe { libc::syscall(libc::SYS_pidfd_open, 1, 0) }),
    ("map executable memory", || unsafe {
        let prot = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
        libc::mmap(std::ptr::null_mut(), 4096, prot, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
            as libc::c_long
    }),
    ("make memory executable", || unsafe { libc::syscall(libc::SYS_mprotect, 0, 0, libc::PROT_EXEC) }),
    ("map a descriptor", || unsafe {
        libc::mmap(std::ptr::null_mut(), 4096, libc::PROT_READ, libc::MAP_SHARED, 0, 0) as libc::c_long
    }),
    ("make a file in memory", || unsafe { libc::syscall(libc::SYS_memfd_create, c"a".as_ptr(), 0) }),
    ("read another descriptor", || unsafe { libc::read(2, std::ptr::null_mut(), 0) as libc::c_long }),
    ("write to another descriptor", || unsafe { libc::write(3, std::ptr::null(), 0) as libc::c_long }),
    ("copy a descriptor", || unsafe { libc::dup(0) }.into()),
    ("control a descriptor", || unsafe { libc::ioctl(0, libc::FIONREAD, 0) }.into()),
    ("use io_uring", || unsafe { libc::syscall(libc::SYS_io_uring_setup, 1, 0) }),
    ("load a kernel program", || unsafe { libc::syscall(libc::SYS_bpf, 0, 0, 0) }),
    ("measure", || unsafe { libc::syscall(libc::SYS_perf_event_open, 0, 0, 0, 0, 0) }),
    ("leave a namespace", || unsafe { libc::unshare(libc::CLONE_NEWUSER) }.into()),
    ("mount", || {
        unsafe { libc::mount(c"a".as_ptr(), c"/".as_ptr(), c"tmpfs".as_ptr(), 0, std::ptr::null()) }.into()
    }),
    ("raise a limit", || unsafe { libc::syscall(libc::SYS_prlimit64, 0, libc::RLIMIT_NOFILE, 0, 0) }),
    ("change what it may", || unsafe { libc::syscall(libc::SYS_prctl, libc::PR_SET_DUMPABLE, 1, 0, 0, 0) }),
    ("use a key", || unsafe { libc::syscall(libc::SYS_keyctl, 0, 0, 0, 0, 0) }),
    ("become another user", || unsafe { libc::syscall(libc::SYS_setuid, 0) }),
    ("learn its parent", || unsafe { libc::syscall(libc::SYS_getppid) }),
    ("sleep", || unsafe { libc::usleep(1) }.into()),
];

/// What a worker needs, and how it has to be able to die.
const NEEDED: &[Attempt] = &[
    ("nothing", || 0),
    ("allocate", || vec![1_u8; 64 << 20].len() as libc::c_long - (64 << 20)),
    ("tell the time", || if std::time::Instant::now().elapsed().as_secs() < 1 { 0 } else { -1 }),
    ("write to the pipe", || unsafe { libc::write(0, [0_u8].as_ptr().cast(), 1) as libc::c_long - 1 }),
    ("allocate beyond the limit", || unsafe { if libc::malloc(2 << 30).is_null() { 0 } else { -1 } }),
    ("abort", || std::process::abort()),
    ("overflow the stack", || overflow(1)),
];

#[expect(unconditional_recursion, reason = "that is the attempt")]
fn overflow(depth: libc::c_long) -> libc::c_long {
    std::hint::black_box([depth; 64]);
    overflow(depth + 1) + 1
}

/// Enters the jail and tries one thing; the process's end says what came of it.
pub(crate) fn probe(name: &str) -> ExitCode {
    let attempt =
        FORBIDDEN.iter().chain(NEEDED).find(|(known, _)| *known == name).expect("a known attempt").1;
    if !enter_jail().meets_floor() {
        return ExitCode::from(99);
    }
    ExitCode::from(if attempt() >= 0 { ALLOWED } else { REFUSED })
}

/// Tries one thing in a process of its own, as another user if so wished.
fn outcome(name: &str, user: Option<u32>) -> String {
    let (_ours, theirs) = UnixStream::pair().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["__probe", name]).env_clear().env("TZ", "UTC0");
    command
        .stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    let status = command.status().unwrap();
    match (status.signal(), status.code()) {
        (Some(libc::SIGSYS), _) => "killed".to_owned(),
        (Some(libc::SIGABRT | libc::SIGSEGV), _) => "died by itself".to_owned(),
        (None, Some(0)) => "done".to_owned(),
        (None, Some(10)) => "refused".to_owned(),
        _ => format!("{status}"),
    }
}

fn table(user: Option<u32>) -> String {
    let lines = FORBIDDEN.iter().chain(NEEDED).map(|(name, _)| format!("{name}: {}", outcome(name, user)));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_jail_refuses_what_a_worker_has_no_need_of() {
    let table = table(None);
    for (name, _) in FORBIDDEN {
        assert!(!table.contains(&format!("{name}: done")), "{table}");
    }
    insta::assert_snapshot!("refusals", table);
}

#[test]
fn an_unprivileged_user_is_jailed_alike() {
    const NOBODY: u32 = 65_534;
    let am_root = unsafe { libc::geteuid() } == 0;
    // Where we are unprivileged ourselves, the other test has shown it.
    if am_root && Command::new(std::env::current_exe().unwrap()).arg("--version").uid(NOBODY).output().is_ok()
    {
        insta::assert_snapshot!("refusals", table(Some(NOBODY)));
    }
}

#[tokio::test]
async fn the_report_names_every_layer_and_the_floor_holds() {
    let sandbox = sandbox().await;
    let report = sandbox.report();
    let names = |floor| {
        report.layers.iter().filter(move |layer| layer.floor == floor).map(|layer| layer.name.as_str())
    };
    let floor = ["descriptors", "environment", "parent_death", "no_new_privs", "rlimits", "seccomp"];
    assert!(names(true).eq(floor) && names(false).eq(["namespaces", "landlock"]), "{report:?}");
    assert!(report.meets_floor(), "{}", report.missing_floor());
    for layer in &report.layers {
        if let LayerState::Unavailable(reason) = &layer.state {
            assert!(!layer.floor && !reason.is_empty(), "{layer:?}");
        }
    }
}

#[tokio::test]
async fn an_environment_variable_too_many_is_below_the_floor() {
    use executor_sandbox::{Options, Sandbox, StartError, WorkerCommand};
    let program = "/usr/bin/env".into();
    let worker = std::env::current_exe().unwrap().to_str().unwrap().to_owned();
    let arguments = vec!["SECRET=1".to_owned(), worker, "__worker".to_owned()];
    let options = Options::new(WorkerCommand { program, arguments });
    let refused = Sandbox::start(options.clone()).await.unwrap_err();
    assert!(
        matches!(&refused, StartError::BelowFloor(_)) && refused.to_string().contains("SECRET"),
        "{refused}"
    );
    assert!(Sandbox::start(Options { below_floor: true, ..options }).await.is_ok());
}
