//! Importing every document, each by itself.

use std::time::{Duration, Instant};

use executor_core::{ErrorCode, Failure};
use executor_sources::{Claimed, Import, ImportOptions, Kinds, Skipped};
use serde_json::Value;

use crate::documents::Document;
use crate::operations;
use crate::reasons::Reasons;

/// Where the API of a document is that does not say it.
const BASE_URL: &str = "https://api.example.com";

/// What came of a collection.
#[derive(Debug)]
pub(crate) struct Imports {
    pub(crate) documents: Vec<Imported>,
}

/// What came of a document.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) document: Document,
    pub(crate) took: Duration,
    pub(crate) tools: usize,
    skipped: Vec<Skipped>,
    failure: Option<Failure>,
    panicked: bool,
    without_server: bool,
    /// Counted apart from the import.
    operations: usize,
}

/// Imports each document.
pub(crate) fn import(kinds: &Kinds, documents: Vec<Document>) -> anyhow::Result<Imports> {
    let documents = documents.into_iter().map(|document| one(kinds, document));
    Ok(Imports { documents: documents.collect::<anyhow::Result<_>>()? })
}

fn one(kinds: &Kinds, document: Document) -> anyhow::Result<Imported> {
    let bytes = fs_err::read(&document.file)?;
    let began = Instant::now();
    // A panic ends a thread of its own, and only that.
    let ended = std::thread::scope(|scope| scope.spawn(|| read(kinds, &bytes, None)).join());
    let took = began.elapsed();
    let mut imported = Imported {
        document,
        took,
        tools: 0,
        skipped: Vec::new(),
        failure: None,
        panicked: false,
        without_server: false,
        operations: 0,
    };
    match ended {
        Ok(Ok(read)) => {
            imported.tools = read.import.tools.len();
            imported.skipped = read.import.skipped;
            imported.without_server = read.without_server;
        }
        Ok(Err(failure)) => imported.failure = Some(failure),
        Err(_) => imported.panicked = true,
    }
    Ok(imported)
}

/// A document that could be imported.
pub(crate) struct Read {
    pub(crate) claimed: Claimed,
    pub(crate) import: Import,
    without_server: bool,
}

/// Imports as a user would: who is told that the document does not say where its API is, says it.
pub(crate) fn read(kinds: &Kinds, bytes: &[u8], base_url: Option<&str>) -> Result<Read, Failure> {
    let claimed = kinds.claim(bytes, None)?;
    let import = |base_url| {
        let options = ImportOptions { base_url, ..ImportOptions::new(&|_, _| ()) };
        claimed.kind.import(&claimed.document, &options)
    };
    match import(base_url) {
        Err(failure) if failure.code == ErrorCode::BaseUrlRequired => {
            let import = import(Some(BASE_URL))?;
            Ok(Read { claimed, import, without_server: true })
        }
        import => Ok(Read { import: import?, claimed, without_server: false }),
    }
}

impl Imports {
    /// Counts what each document offers.
    pub(crate) fn count(&mut self) -> anyhow::Result<()> {
        for imported in &mut self.documents {
            let bytes = fs_err::read(&imported.document.file)?;
            match serde_json::from_slice::<Value>(&bytes) {
                Ok(document) => imported.operations = operations::all(&document).len(),
                Err(error) => eprintln!("{} cannot be counted: {error}", imported.document.name),
            }
        }
        Ok(())
    }

    pub(crate) fn imported(&self) -> usize {
        self.how_many(|one| one.failure.is_none() && !one.panicked)
    }

    pub(crate) fn empty(&self) -> usize {
        self.how_many(|one| one.operations == 0)
    }

    pub(crate) fn refused(&self) -> usize {
        self.how_many(|one| one.failure.is_some() && one.operations > 0)
    }

    pub(crate) fn panics(&self) -> usize {
        self.how_many(|one| one.panicked)
    }

    pub(crate) fn without_server(&self) -> usize {
        self.how_many(|one| one.without_server)
    }

    fn how_many(&self, which: impl Fn(&Imported) -> bool) -> usize {
        self.documents.iter().filter(|one| which(one)).count()
    }

    pub(crate) fn operations(&self) -> usize {
        self.documents.iter().map(|one| one.operations).sum()
    }

    pub(crate) fn tools(&self) -> usize {
        self.documents.iter().map(|one| one.tools).sum()
    }

    pub(crate) fn took(&self) -> Duration {
        self.documents.iter().map(|one| one.took).sum()
    }

    /// Why operations are no tools.
    pub(crate) fn missing(&self) -> Reasons {
        let mut reasons = Reasons::default();
        for one in &self.documents {
            let example = |operation: &str| format!("{operation} of {}", one.document.name);
            for skipped in &one.skipped {
                reasons.add(&skipped.reason, || example(&skipped.operation));
            }
            let told = one.tools + one.skipped.len();
            match one.failure.is_some() || one.panicked {
                true => reasons.add_many("Its document is not imported.", one.operations, || example("all")),
                false => {
                    reasons.add_many("Nothing is said of it.", one.operations.saturating_sub(told), || {
                        example("some")
                    })
                }
            }
        }
        reasons
    }

    /// Why documents are not imported.
    pub(crate) fn failures(&self) -> Reasons {
        let mut reasons = Reasons::default();
        for one in &self.documents {
            let example = || format!("{}, {} operations", one.document.name, one.operations);
            if let Some(failure) = &one.failure {
                reasons.add(&failure.message, example);
            } else if one.panicked {
                reasons.add("It panicked.", example);
            }
        }
        reasons
    }
}
