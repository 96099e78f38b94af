//! Tool paths, and the patterns of rules: two lines.

use executor_core::path::{MAX_PATH_BYTES, fold};
use executor_core::{ToolPath, ToolPattern};

use super::first_line;
use crate::Target;
use crate::nested::LEVELS;

pub(super) const TARGET: Target = Target { name: "paths", run, deep };

fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (path, pattern) = first_line(&text);
    assert_eq!(fold(&fold(path)), fold(path));
    let Ok(path) = path.parse::<ToolPath>() else { return };
    assert!(path.as_str().len() <= MAX_PATH_BYTES && !path.source().is_empty() && !path.name().is_empty());
    assert_eq!(
        path.folded().parse::<ToolPath>().map(|path| path.folded()).ok().unwrap_or(path.folded()),
        path.folded()
    );
    assert!(ToolPattern::everything().matches(&path));
    let own: ToolPattern = path.as_str().parse().expect("a path is a pattern");
    assert!(own.matches(&path), "{path}");
    if let Ok(pattern) = pattern.parse::<ToolPattern>() {
        let folded = fold(path.as_str()).parse::<ToolPath>();
        assert!(
            folded.is_err() || folded.is_ok_and(|folded| pattern.matches(&folded) == pattern.matches(&path))
        );
    }
}

fn deep() -> Vec<Vec<u8>> {
    vec!["a.".repeat(LEVELS).into_bytes(), format!("a.b\n{}", "*.".repeat(LEVELS)).into_bytes()]
}
