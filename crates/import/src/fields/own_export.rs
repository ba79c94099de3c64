//! Records that an export of Roster wrote.

use crate::fields::field::Fields;
use crate::fields::values::as_flag;
use crate::report::refusal::Refusal;
use roster_domain::PendingReasons;

/// The version of the records of an export. Each record names its version under `roster_export`; records without it have
/// version 1. Version 2 added the mark itself, the reasons of a pending user and the mark of a temporary password.
pub const EXPORT_VERSION: u64 = 2;

/// What only a marked export says about a person.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct OwnExport {
    /// Why a pending person is pending.
    pub(crate) reasons: Option<PendingReasons>,
    /// Whether the password is a temporary one.
    pub(crate) must_change_password: bool,
}

impl OwnExport {
    /// Takes the mark of an export and the fields that go with it. `None` if there is no mark.
    ///
    /// # Errors
    /// [`Refusal::NewerExport`] if a later version wrote it: its fields may mean something else.
    pub(crate) fn take(fields: &mut Fields) -> Result<Option<Self>, Refusal> {
        let Some(mark) = fields.take(&["rosterexport"]) else { return Ok(None) };
        // In a table every value is a text.
        let text = mark.value.as_str().and_then(|text| text.parse().ok());
        let Some(version) = mark.value.as_u64().or(text) else {
            fields.put_back(mark);
            return Ok(None);
        };
        if version > EXPORT_VERSION {
            return Err(Refusal::NewerExport { version });
        }
        let reasons = fields.take(&["pendingreasons"]);
        let reasons = reasons.and_then(|field| serde_json::from_value(field.value).ok());
        let temporary = fields.take(&["mustchangepassword"]);
        let must_change_password = temporary.is_some_and(|field| as_flag(&field.value) == Some(true));
        Ok(Some(Self { reasons, must_change_password }))
    }
}

/// Whether a record without the mark comes from an export of version 1 or from the API: it has all of these fields.
pub(crate) fn is_unmarked_export(fields: &Fields) -> bool {
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
    ALL.iter().all(|name| fields.has_any(&[name]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use roster_domain::PendingReason;
    use serde_json::{Value, json};

    fn read(record: &Value) -> (Result<Option<OwnExport>, Refusal>, usize) {
        let mut fields = Fields::new(record.as_object().unwrap().clone());
        (OwnExport::take(&mut fields), fields.take_rest().len())
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
    fn fields_with_the_same_names_in_another_file_are_left_alone() {
        assert_eq!(read(&json!({ "pending_reasons": "x", "must_change_password": true })), (Ok(None), 2));
        assert_eq!(read(&json!({ "roster_export": "yes" })), (Ok(None), 1));
    }

    #[test]
    fn the_export_of_a_later_version_is_refused() {
        assert_eq!(read(&json!({ "roster_export": 3 })).0, Err(Refusal::NewerExport { version: 3 }));
    }
}
