//! Programs of this machine: what they get, what comes of them, and that they end.

use std::time::Duration;

use executor_egress::process::{Ended, Invocation, Launcher, Program};
use executor_egress::{Injection, InjectionError, Url};

struct Place {
    launcher: Launcher,
    folder: std::path::PathBuf,
}

impl Place {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("executor-egress-{}-{name}", std::process::id()));
        Self { launcher: Launcher::new(folder.clone(), std::env::var_os("PATH").unwrap()), folder }
    }

    fn shell(&self, script: &str, injection: Option<&Injection>) -> Result<Program, Ended> {
        let arguments = ["-c".to_owned(), script.to_owned()];
        let variables = [("PLAIN".to_owned(), "a b".to_owned())];
        let invocation = Invocation {
            folder: "one",
            program: "sh",
            arguments: &arguments,
            variables: &variables,
            injection,
        };
        self.launcher.start(invocation)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn secret(address: &str) -> Injection {
    let origin = Url::parse(address).unwrap().origin();
    Injection::new(origin).environment("KEY", "s3cr3t".into()).unwrap()
}

#[tokio::test]
async fn a_program_is_written_to_and_read_line_by_line() {
    let place = Place::new("lines");
    let mut program = place.shell("while read -r line; do echo \"<$line>\"; done; exit 5", None).unwrap();
    let input = program.input();
    input.write("one").await.unwrap();
    input.write("two").await.unwrap();
    assert_eq!(program.line().await.unwrap(), "<one>");
    assert_eq!(program.line().await.unwrap(), "<two>");
    // Nothing is lost where the wait was given up.
    assert!(tokio::time::timeout(Duration::from_millis(50), program.line()).await.is_err());
    input.write("three").await.unwrap();
    assert_eq!(program.line().await.unwrap(), "<three>");
}

#[tokio::test]
async fn the_end_of_a_program_says_how_it_came() {
    let place = Place::new("ends");
    let table = [
        ("exit 0", "it ended with exit status: 0"),
        ("echo one >&2; echo two >&2; exit 3", "it ended with exit status: 3; it said: one / two"),
        ("kill -9 $$", "it ended with signal: 9"),
        ("seq 1 100000 >&2", "99996 / 99997 / 99998 / 99999 / 100000"),
        ("head -c 17000000 /dev/zero | tr '\\0' x", "it wrote a line of more than 16 MiB"),
    ];
    for (script, expected) in table {
        let ended = place.shell(script, None).unwrap().line().await.unwrap_err();
        assert!(ended.to_string().contains(expected), "{script}: {ended}");
    }
    let arguments = [];
    let nothing = Invocation {
        folder: "one",
        program: "no-such-program-anywhere",
        arguments: &arguments,
        variables: &[],
        injection: None,
    };
    let ended = place.launcher.start(nothing).unwrap_err();
    assert_eq!(ended.to_string(), "there is no program `no-such-program-anywhere` on the search path");
}

#[tokio::test]
async fn a_secret_is_for_programs_only_and_never_shown() {
    let place = Place::new("secrets");
    for (address, expected) in [("stdio:any", "s3cr3t a b"), ("https://api.test", " a b")] {
        let injection = secret(address);
        let mut program = place.shell("echo \"$KEY $PLAIN\"", Some(&injection)).unwrap();
        assert_eq!(program.line().await.unwrap(), expected, "{address}");
        assert!(!format!("{injection:?} {program:?}").contains("s3cr3t"));
    }
    assert!(secret("stdio:any").carries_what(&secret("stdio:any")));
    let other = Injection::new(Url::parse("stdio:any").unwrap().origin());
    assert!(!secret("stdio:any").carries_what(&other.clone().environment("KEY", "new".into()).unwrap()));
    for name in ["", "A=B", "A\0"] {
        let refused = other.clone().environment(name, "x".into()).unwrap_err();
        assert_eq!(refused, InjectionError::Name(name.to_owned()));
    }
    let refused = other.environment("A", "x\0".into()).unwrap_err();
    assert_eq!(refused, InjectionError::Value("A".to_owned()));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_that_will_not_end_is_killed() {
    let place = Place::new("kill");
    let mut program = place.shell("trap '' TERM; echo $$; while true; do sleep 1; done", None).unwrap();
    let process = program.line().await.unwrap();
    drop(program);
    let state = || std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    for _ in 0..100 {
        if state().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it is still there: {}", state());
}
