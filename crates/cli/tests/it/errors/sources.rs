//! Documents that become no source, given to the command line as a newcomer does.

use executor_core::ErrorCode;

use super::Case;
use super::told::Told;
use super::world::World;
use crate::support::executor;

const EMPTY: &str = r#"{ "openapi": "3.1.0", "info": { "title": "x", "version": "1" }, "paths": {} }"#;
const NOWHERE: &str = r#"{ "openapi": "3.1.0", "info": { "title": "x", "version": "1" },
    "paths": { "/a": { "get": { "responses": {} } } } }"#;
const OLD: &str = r#"{ "swagger": "1.2", "apis": [] }"#;

pub(super) const CASES: &[Case] = &[
    Case {
        code: ErrorCode::SourceUnreachable,
        provoke: |world| add(world, "http://127.0.0.1:1/openapi.json"),
    },
    Case {
        code: ErrorCode::SourceSignInRequired,
        provoke: |world| add(world, &format!("{}/private", world.upstream)),
    },
    Case {
        code: ErrorCode::DocumentTooLarge,
        provoke: |world| add(world, &format!("{}/huge", world.upstream)),
    },
    Case {
        code: ErrorCode::DocumentUnreadable,
        provoke: |world| add_text(world, "<!doctype html><html><body>Our API</body></html>"),
    },
    // Cut off in the middle, and one that grows without end as it is read.
    Case { code: ErrorCode::DocumentUnreadable, provoke: |world| add_text(world, &NOWHERE[..100]) },
    Case { code: ErrorCode::DocumentUnreadable, provoke: |world| add_text(world, &bomb()) },
    Case { code: ErrorCode::DocumentUnsupported, provoke: |world| add_text(world, OLD) },
    Case { code: ErrorCode::NoOperations, provoke: |world| add_text(world, EMPTY) },
    Case { code: ErrorCode::BaseUrlRequired, provoke: |world| add_text(world, NOWHERE) },
    Case {
        code: ErrorCode::AddressBlocked,
        provoke: |world| {
            let guarded = World::with(&[("EXECUTOR_ALLOW_LOCAL_NETWORK", "false")]);
            add(&guarded, &format!("{}/well", world.upstream))
        },
    },
];

fn add(world: &World, document: &str) -> Told {
    let output =
        executor(world.folder()).args(["sources", "add", document, "--name", "new"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    Told::by_command(&output.stderr)
}

fn add_text(world: &World, text: &str) -> Told {
    let path = world.folder().join("document");
    std::fs::write(&path, text).unwrap();
    add(world, path.to_str().unwrap())
}

/// Twelve lines of YAML, each ten times the one before.
fn bomb() -> String {
    let line = |number: usize| {
        let repeated = vec![format!("*a{}", number - 1); 10].join(",");
        format!("a{number}: &a{number} [{repeated}]\n")
    };
    "a0: &a0 [x]\n".to_owned() + &(1..12).map(line).collect::<String>()
}
