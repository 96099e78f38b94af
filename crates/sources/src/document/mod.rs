//! A JSON or YAML document in memory, compact and quick to walk.

use executor_core::{ErrorCode, Failure};

/// A document that has been read.
#[derive(Debug)]
pub struct Document {}

impl Document {
    /// Reads JSON or YAML. The content type, where one is known, is only a hint.
    pub fn read(bytes: &[u8], content_type: Option<&str>) -> Result<Self, Failure> {
        let _ = (bytes, content_type);
        Err(Failure::new(ErrorCode::Internal, "Reading is not built yet."))
    }
}
