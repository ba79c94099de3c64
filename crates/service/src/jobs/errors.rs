//! What the errors of a run mean.

use crate::Error;

/// Whether the same run may succeed later.
pub(super) fn is_transient(error: &Error) -> bool {
    match error {
        Error::Store(error) => error.is_transient(),
        Error::Unavailable(_) | Error::OutcomeUnknown(_) | Error::Busy { .. } | Error::Contended => true,
        _ => false,
    }
}

/// The text of an error and of its causes.
pub(super) fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
