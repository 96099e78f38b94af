//! The committed documentation is what the declarations say.

use std::fs;
use std::path::Path;

use executor_config::render;

fn documents() -> [(&'static str, String); 2] {
    [(".env.example", render::env_example()), ("docs/configuration.md", render::reference())]
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[test]
fn documents_are_up_to_date() {
    for (path, text) in documents() {
        let committed = fs::read_to_string(root().join(path)).unwrap_or_default();
        assert!(committed == text, "{path} is out of date; run: cargo test -p executor-config -- --ignored");
    }
}

#[test]
#[ignore = "writes the documents; run it after a change to the declarations"]
fn write_documents() {
    for (path, text) in documents() {
        fs::write(root().join(path), text).unwrap();
    }
}
