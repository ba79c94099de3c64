//! What only an export of Roster's own says of a person.

use super::fields::Fields;
use super::fields::as_flag;
use super::reading::Reading;
use super::refusal::Refusal;
use crate::export_users::EXPORT_VERSION;
use roster_domain::PendingReasons;

/// The fields of a record that an export marked as its own.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct OwnExport {
    /// Why a pending person is pending.
    pub(super) reasons: Option<PendingReasons>,
    /// Whether the password is a temporary one.
    pub(super) must_change_password: bool,
}

impl Reading<'_> {
    /// Takes the mark of an export, and what it says besides.
    ///
    /// # Errors
    /// [`Refusal::NewerExport`], if a later version wrote it.
    pub(super) fn take_export_mark(&mut self) -> Result<(), Refusal> {
        self.own_export = self.own_export()?;
        self.is_export |= self.own_export.is_some();
        Ok(())
    }

    /// Takes what the export of a Roster says besides, if the record is marked as one's.
    ///
    /// # Errors
    /// [`Refusal::NewerExport`], if a later version wrote it: what it says may mean something else.
    fn own_export(&mut self) -> Result<Option<OwnExport>, Refusal> {
        let Some(mark) = self.fields.take(&["rosterexport"]) else { return Ok(None) };
        // A table has texts only.
        let text = mark.value.as_str().and_then(|text| text.parse().ok());
        let Some(version) = mark.value.as_u64().or(text) else {
            self.fields.give_back(mark);
            return Ok(None);
        };
        if version > EXPORT_VERSION {
            return Err(Refusal::NewerExport { version });
        }
        let reasons = self.fields.take(&["pendingreasons"]);
        let reasons = reasons.and_then(|field| serde_json::from_value(field.value).ok());
        let temporary = self.fields.take(&["mustchangepassword"]);
        let must_change_password = temporary.is_some_and(|field| as_flag(&field.value) == Some(true));
        Ok(Some(OwnExport { reasons, must_change_password }))
    }
}

/// Whether a record without the mark is one of an export before there was one, or of the API: it has all of these
/// fields.
pub(super) fn is_unmarked_export(fields: &Fields) -> bool {
    const ALL: [&str; 13] = [
        "id",
        "username",
        "email",
        "emailverified",
        "displayname",
        "status",
        "roles",
        "attributes",
        "externalid",
        "createdat",
        "updatedat",
        "lastloginat",
        "version",
    ];
    ALL.iter().all(|name| fields.mention(&[name]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import_users::reading::tests::reading;
    use roster_domain::PendingReason;
    use serde_json::{Value, json};

    fn read(record: &Value) -> (Result<Option<OwnExport>, Refusal>, usize) {
        reading(record, |reading| (reading.own_export(), reading.fields.take_rest().len())).0
    }

    #[test]
    fn the_reasons_and_the_temporary_password_of_an_export_are_taken() {
        let reasons = Some(PendingReason::LockedBefore.into());
        let record = json!({
            "roster_export": 2, "pending_reasons": ["locked_before"], "must_change_password": true,
        });
        assert_eq!(read(&record), (Ok(Some(OwnExport { reasons, must_change_password: true })), 0));
    }

    #[test]
    fn fields_of_the_same_names_in_another_file_stay_as_they_are() {
        assert_eq!(read(&json!({ "pending_reasons": "x", "must_change_password": true })), (Ok(None), 2));
        assert_eq!(read(&json!({ "roster_export": "yes" })), (Ok(None), 1));
    }

    #[test]
    fn the_export_of_a_later_version_is_refused() {
        assert_eq!(read(&json!({ "roster_export": 3 })).0, Err(Refusal::NewerExport { version: 3 }));
    }
}
