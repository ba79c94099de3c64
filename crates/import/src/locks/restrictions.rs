//! What the fields of a record say about its status, taken together.

use crate::report::note::Note;
use jiff::Timestamp;
use roster_domain::{PendingReason, PendingReasons, Status};

/// The restrictions that the fields ask for. The strictest one counts.
#[derive(Default)]
pub(crate) struct Restrictions {
    disabled: bool,
    since: Option<Timestamp>,
    unverified: bool,
    reasons: Vec<PendingReason>,
}

impl Restrictions {
    /// A field says that the account is disabled. Of several times the earliest one counts.
    pub(crate) fn disable(&mut self, since: Option<Timestamp>) {
        self.disabled = true;
        self.since = self.since.into_iter().chain(since).min();
    }

    /// A field says that the account is pending, which in other systems means unverified.
    pub(crate) const fn mark_unverified(&mut self) {
        self.unverified = true;
    }

    /// The note for a field that says that the account is pending. In an export, `exported` are the reasons; `None` if
    /// none of them is left, because this import brings a password.
    pub(crate) fn pending_note(&self, field: String, exported: Option<PendingReasons>) -> Option<Note> {
        let Some(reasons) = exported else { return Some(Note::Waiting(field)) };
        let has_password = !self.reasons.contains(&PendingReason::NoPassword);
        let left = reasons.iter().filter(|reason| *reason != PendingReason::NoPassword || !has_password);
        PendingReasons::new(left).map(|reasons| Note::PendingFor { field, reasons })
    }

    /// The account stays pending for this reason.
    pub(crate) fn add_reason(&mut self, reason: PendingReason) {
        self.reasons.push(reason);
    }

    /// The resulting status. `exported` are the reasons that an export of Roster gives: they replace `unverified`, except
    /// that whether there is a password is decided by this import. `changed_at` replaces a missing time of disabling.
    pub(crate) fn into_status(
        mut self,
        exported: Option<PendingReasons>,
        changed_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Status {
        if self.disabled {
            let since = self.since.or(changed_at).unwrap_or(now);
            return Status::Disabled { since: since.min(now) };
        }
        if self.unverified && exported.is_none() {
            self.reasons.push(PendingReason::Unverified);
        }
        let exported = exported.into_iter().flat_map(PendingReasons::iter);
        self.reasons.extend(exported.filter(|reason| *reason != PendingReason::NoPassword));
        PendingReasons::new(self.reasons).map_or(Status::Active, |reasons| Status::Pending { reasons })
    }
}

#[cfg(test)]
mod tests {
    use crate::fields::parser::tests::parse_with_defaults;
    use crate::secrets::credential::ImportedCredential;
    use roster_domain::PasswordHash;
    use serde_json::json;

    #[test]
    fn the_report_of_an_export_names_the_real_reasons() {
        let notes = |reasons: &[&str], credential: &ImportedCredential| {
            let record = json!({"roster_export": 2, "status": "pending", "pending_reasons": reasons});
            parse_with_defaults(&record, |parser| {
                parser.take_export_mark().unwrap();
                parser.status(None, credential)
            })
            .1
        };
        let none = ImportedCredential::None;
        let said = |reasons: &str| vec![format!("status says that the account is pending: {reasons}")];
        assert_eq!(notes(&["no_password"], &none), said("no_password"));
        assert_eq!(notes(&["no_password", "not_understood"], &none), said("no_password, not_understood"));
        let hash = ImportedCredential::Hash(PasswordHash::new("x").unwrap());
        assert_eq!(notes(&["no_password", "locked_before"], &hash), said("locked_before"));
        assert_eq!(notes(&["no_password"], &hash), Vec::<String>::new());
    }
}
