//! The names of the columns of a table.

use crate::format::problem::FormatProblem;
use crate::limits::MAX_COLUMNS;
use crate::secrets::password::looks_secret;
use serde_json::Value;

/// The columns that `firebase auth:export` writes, without a header and with a comma at the end of each line. Older versions
/// end after `customAttributes` (firebase-tools 15.34.2: those of six more providers follow).
const FIREBASE: [&str; 53] = [
    "localId",
    "email",
    "emailVerified",
    "passwordHash",
    "salt",
    "displayName",
    "photoUrl",
    "google_id",
    "google_email",
    "google_display_name",
    "google_photo_url",
    "facebook_id",
    "facebook_email",
    "facebook_display_name",
    "facebook_photo_url",
    "twitter_id",
    "twitter_email",
    "twitter_display_name",
    "twitter_photo_url",
    "github_id",
    "github_email",
    "github_display_name",
    "github_photo_url",
    "createdAt",
    "lastSignedInAt",
    "phoneNumber",
    "disabled",
    "customAttributes",
    "apple_id",
    "apple_email",
    "apple_display_name",
    "apple_photo_url",
    "microsoft_id",
    "microsoft_email",
    "microsoft_display_name",
    "microsoft_photo_url",
    "game_center_id",
    "game_center_email",
    "game_center_display_name",
    "game_center_photo_url",
    "play_games_id",
    "play_games_email",
    "play_games_display_name",
    "play_games_photo_url",
    "linkedin_id",
    "linkedin_email",
    "linkedin_display_name",
    "linkedin_photo_url",
    "yahoo_id",
    "yahoo_email",
    "yahoo_display_name",
    "yahoo_photo_url",
    "",
];

/// The columns of Firebase's table.
pub(crate) fn firebase_columns() -> Vec<String> {
    FIREBASE.map(str::to_owned).into()
}

/// Whether a row is one of Firebase's: an id, an address or nothing, whether that is verified, and 27 columns or more.
pub(crate) fn is_firebase_row(row: &[String]) -> bool {
    let is_flag = |cell: &String| matches!(cell.as_str(), "true" | "false");
    (27..=FIREBASE.len()).contains(&row.len())
        && row.first().is_some_and(|id| !id.is_empty() && !id.contains('@'))
        && row.get(1).is_some_and(|email| email.is_empty() || email.contains('@'))
        && row.get(2).is_some_and(is_flag)
}

/// The names of the columns in the first row. Empty cells at its end are no columns.
///
/// # Errors
/// If the row has values, too many columns, or a name twice.
pub(crate) fn columns(mut row: Vec<String>) -> Result<Vec<String>, FormatProblem> {
    while row.last().is_some_and(|name| name.trim().is_empty()) {
        row.pop();
    }
    if row.len() > MAX_COLUMNS {
        return Err(FormatProblem::TooManyColumns(row.len()));
    }
    let mut row: Vec<String> = row.into_iter().map(|name| name.trim().to_owned()).collect();
    if let Some(value) = row.iter().find(|cell| is_value(cell)) {
        let shown = if looks_secret(&Value::from(value.as_str())) { "a hash" } else { value };
        return Err(FormatProblem::NoHeader(shown.to_owned()));
    }
    if let Some(index) = row.iter().position(String::is_empty) {
        // pandas writes its index into a first column without a name.
        match (index, row.iter().filter(|name| name.is_empty()).count()) {
            (0, 1) => "row".clone_into(&mut row[0]),
            _ => return Err(FormatProblem::UnnamedColumn(index + 1)),
        }
    }
    let mut sorted: Vec<&String> = row.iter().collect();
    sorted.sort_unstable();
    match sorted.array_windows().find(|[one, other]| one == other) {
        Some([name, _]) => Err(FormatProblem::DuplicateColumn((*name).clone())),
        None => Ok(row),
    }
}

/// Whether a cell cannot be the name of a column: an address, a number, a hash, a flag or JSON.
fn is_value(cell: &str) -> bool {
    let digits = cell.bytes().any(|byte| byte.is_ascii_digit());
    let number = digits && cell.bytes().all(|byte| byte.is_ascii_digit() || b"-+.:/ TZ".contains(&byte));
    let word = matches!(cell, "true" | "false" | "t" | "f" | "NULL" | "\\N");
    number
        || word
        || cell.contains('@')
        || cell.starts_with(['{', '[', '$'])
        || looks_secret(&Value::from(cell))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(row: &[&str]) -> Result<Vec<String>, FormatProblem> {
        columns(row.iter().map(|&cell| cell.to_owned()).collect())
    }

    #[test]
    fn the_first_row_names_the_columns() {
        assert_eq!(named(&[" id ", "User Name", "", ""]).unwrap(), ["id", "User Name"]);
        assert_eq!(named(&["", "name"]).unwrap(), ["row", "name"]);
    }

    #[test]
    fn a_row_of_values_is_no_header() {
        for row in [
            ["1", "ann"],
            ["ann", "ann@example.com"],
            ["ann", "2024-03-01 09:15:22"],
            ["ann", "t"],
            ["ann", "$2b$04$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC"],
        ] {
            assert!(matches!(named(&row), Err(FormatProblem::NoHeader(_))), "{row:?}");
        }
        let hash = named(&["ann", "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="]).unwrap_err().to_string();
        assert!(hash.contains("a hash") && !hash.contains("W6ph"), "{hash}");
    }

    #[test]
    fn a_header_that_is_ambiguous_or_huge_is_refused() {
        assert_eq!(named(&["a", "b", "a"]), Err(FormatProblem::DuplicateColumn("a".to_owned())));
        assert_eq!(named(&["a", "", "b"]), Err(FormatProblem::UnnamedColumn(2)));
        let many: Vec<String> = (0..10_000).map(|count| format!("c{count}")).collect();
        assert_eq!(columns(many), Err(FormatProblem::TooManyColumns(10_000)));
    }
}
