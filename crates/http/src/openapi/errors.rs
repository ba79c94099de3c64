//! The error codes of an operation, noted in the descriptions of its responses.

use crate::code::Code;
use paperclip::v2::models::{DefaultOperationRaw, DefaultResponseRaw, Either};

/// Notes that an operation may respond with these codes.
pub(crate) fn add_errors(operation: &mut DefaultOperationRaw, codes: &[Code]) {
    for code in codes {
        let status = code.status().as_str().to_owned();
        let entry =
            operation.responses.entry(status).or_insert_with(|| Either::Right(DefaultResponseRaw::default()));
        let Some(response) = entry.right_mut() else { continue };
        let noted = response.description.get_or_insert_default();
        if !noted.split(' ').any(|known| known == code.as_str()) {
            noted.push_str(if noted.is_empty() { "" } else { " " });
            noted.push_str(code.as_str());
        }
    }
}

/// The codes that [`add_errors`] noted in a description, in the order of the table.
pub(crate) fn noted_codes(description: &str) -> Vec<Code> {
    let noted = |code: &Code| description.split(' ').any(|word| word == code.as_str());
    Code::ALL.iter().copied().filter(noted).collect()
}
