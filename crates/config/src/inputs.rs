//! All that a configuration is made of, handed in by the program's edge.

use std::collections::BTreeMap;

/// The texts from which a [`Config`](crate::Config) is made.
#[derive(Default)]
pub struct Inputs {
    /// Command-line flags, under the names of the variables that they stand for.
    pub flags: BTreeMap<String, String>,
    /// The process environment.
    pub environment: BTreeMap<String, String>,
    /// The text of the `.env` file beside the working directory, in development.
    pub dotenv: Option<String>,
    /// The text of the managed runtime's `config.json`: an object from names of variables to values.
    pub runtime_file: Option<String>,
    /// Settings stored in the deployment, under the names of variables.
    pub stored: BTreeMap<String, String>,
    /// The platform, which decides where data lives.
    pub platform: Platform,
}

/// The platforms that differ in where data lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Folders by the XDG specification.
    Unix,
    /// Folders of macOS.
    MacOs,
}

/// The platform that this program was built for.
impl Default for Platform {
    fn default() -> Self {
        if cfg!(target_os = "macos") { Self::MacOs } else { Self::Unix }
    }
}
