//! Defaults that follow from other values, from the machine, or from the hosting platform.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::inputs::Platform;
use crate::sources::Origin;

/// What is known when a default is derived: the values declared before, and the process environment.
pub struct Known<'a> {
    pub(crate) values: &'a BTreeMap<&'static str, String>,
    pub(crate) environment: &'a BTreeMap<String, String>,
    pub(crate) platform: Platform,
}

/// A derived default and where it comes from, or why there is none.
pub(crate) type Derived = Result<(String, Origin), Gap>;
type Address = fn(&str) -> String;

/// Why a default cannot be derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// The machine does not say.
    Machine,
    /// What it would follow from is itself a problem, which has been noted.
    Dependency,
}

/// How hosting platforms say under which address they publish a service.
const PUBLISHED: &[(&str, Address)] = &[
    ("RAILWAY_PUBLIC_DOMAIN", |domain| format!("https://{domain}")),
    ("RENDER_EXTERNAL_URL", str::to_owned),
    ("FLY_APP_NAME", |application| format!("https://{application}.fly.dev")),
];

impl Known<'_> {
    fn environment(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    fn value(&self, name: &str) -> Result<&str, Gap> {
        self.values.get(name).map(String::as_str).ok_or(Gap::Dependency)
    }

    fn in_data_dir(&self, name: &str) -> Derived {
        defaulted(Path::new(self.value("EXECUTOR_DATA_DIR")?).join(name))
    }
}

/// The folder in which the platform keeps an application's data. A relative `XDG_DATA_HOME` does not count.
pub(crate) fn data_dir(known: &Known<'_>) -> Derived {
    let home = known.environment("HOME").map(PathBuf::from).ok_or(Gap::Machine);
    let folder = match known.platform {
        Platform::MacOs => home?.join("Library/Application Support"),
        Platform::Unix => {
            match known.environment("XDG_DATA_HOME").filter(|path| Path::new(path).is_absolute()) {
                Some(folder) => PathBuf::from(folder),
                None => home?.join(".local/share"),
            }
        }
    };
    defaulted(folder.join("executor"))
}

pub(crate) fn db_path(known: &Known<'_>) -> Derived {
    known.in_data_dir("data.db")
}

pub(crate) fn blob_folder(known: &Known<'_>) -> Derived {
    known.in_data_dir("blobs")
}

pub(crate) fn web_base_url(known: &Known<'_>) -> Derived {
    let published = PUBLISHED.iter().find_map(|(name, address)| {
        known.environment(name).map(|value| (address(value), Origin::Platform(name)))
    });
    match published {
        Some(published) => Ok(published),
        None => Ok((format!("http://localhost:{}", known.value("PORT")?), Origin::Default)),
    }
}

fn defaulted(path: PathBuf) -> Derived {
    let text = path.into_os_string().into_string().map_err(|_| Gap::Machine)?;
    Ok((text, Origin::Default))
}
