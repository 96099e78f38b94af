//! From failures of the parts to failures that a user can see.

use executor_core::Failure;

/// What a user sees of a failure of the store. What is not theirs to know is logged, not shown.
pub(crate) fn of_store(error: &executor_store::Error) -> Failure {
    let failure = Failure::from(error);
    if failure.code == executor_core::ErrorCode::Internal {
        tracing::error!(%error, "the store failed");
        return Failure::new(failure.code, "The server could not do this; its log says why.");
    }
    failure
}

/// The same, to use with `?`.
pub(crate) trait StoreResult<T> {
    fn shown(self) -> Result<T, Failure>;
}

impl<T> StoreResult<T> for Result<T, executor_store::Error> {
    fn shown(self) -> Result<T, Failure> {
        self.map_err(|error| of_store(&error))
    }
}
