//! The result of a store check.

/// The result of a check.
#[derive(Debug)]
pub struct Examination {
    /// All findings, file by file.
    pub findings: Vec<Finding>,
    /// Who has the store open for writing.
    pub holder: Holder,
}

/// Who has a store open for writing while it is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Nobody: its files do not change.
    Nobody,
    /// A process: its files may have changed since.
    Process,
}

/// Something about a store that its operator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether action is needed.
    pub level: FindingLevel,
    /// The file or folder.
    pub place: String,
    /// What was found, as a sentence without its full stop.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// Whether a finding needs action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingLevel {
    /// Something is wrong and needs fixing.
    Fault,
    /// Nothing is wrong; this is only for information.
    Note,
}

impl Finding {
    /// A finding that needs fixing.
    #[must_use]
    pub fn fault(place: impl Into<String>, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { level: FindingLevel::Fault, place: place.into(), what: what.into(), remedy: remedy.into() }
    }

    /// Users without an active administrator.
    #[must_use]
    pub fn no_active_admin(place: impl Into<String>) -> Self {
        let remedy = "roster user create NAME --role admin, or roster user set-roles NAME admin";
        Self::fault(place, "there is no active administrator", remedy)
    }

    /// An API key of a service account: it grants only what its creator holds, who no longer exists.
    #[must_use]
    pub fn key_without_creator(place: impl Into<String>, prefix: &str, account: &str) -> Self {
        let what = format!(
            "the API key {prefix} of service account {account} grants nothing: its creator no longer exists"
        );
        let remedy =
            format!("roster api-key create {account} …, and roster api-key revoke {account} {prefix}");
        Self::fault(place, what, remedy)
    }

    /// A finding that is only for information.
    #[must_use]
    pub fn note(place: impl Into<String>, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { level: FindingLevel::Note, ..Self::fault(place, what, remedy) }
    }
}

impl FindingLevel {
    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Note => "note",
        }
    }
}
