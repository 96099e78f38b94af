//! Well-known APIs, ready to be added: data, which lies in `presets.json`.

use std::sync::LazyLock;

use executor_core::tool::SourceKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A well-known API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Preset {
    /// What it is asked for by, and the name that the source gets.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// What it is for, on one line.
    pub summary: String,
    /// The kind of source.
    pub kind: SourceKind,
    /// The address of the API or of its document.
    pub url: String,
    /// Where the API is, if its document does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Where the API is for whoever adds it, as they have to write it: each customer has an address of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_base_url: Option<String>,
    /// The header that a token goes into which is no bearer token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The operations that are taken; all if it says nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// What it takes to sign in, as a sentence; nothing for what is open to all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<String>,
}

static PRESETS: LazyLock<Vec<Preset>> =
    // A test reads the file, so it is there and whole.
    LazyLock::new(|| serde_json::from_str(include_str!("presets.json")).unwrap_or_default());

/// Every preset.
#[must_use]
pub fn presets() -> &'static [Preset] {
    &PRESETS
}

/// The preset of that id.
#[must_use]
pub fn preset(id: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use executor_core::path::{fold, is_reserved, is_segment};

    use super::*;

    #[test]
    fn each_preset_can_be_added() {
        let all: Vec<Preset> = serde_json::from_str(include_str!("presets.json")).unwrap();
        assert!(all.len() > 20);
        let mut ids = HashSet::new();
        for preset in &all {
            assert!(is_segment(&preset.id) && !is_reserved(&preset.id), "{}", preset.id);
            assert!(ids.insert(fold(&preset.id)), "{} twice", preset.id);
            for url in [Some(&preset.url), preset.base_url.as_ref()].into_iter().flatten() {
                assert_eq!(url::Url::parse(url).unwrap().scheme(), "https", "{url}");
            }
            assert!(preset.summary.ends_with('.') && preset.summary.len() < 100, "{}", preset.summary);
        }
    }
}
