//! What a check of a store finds.

/// Something about a store that its operator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether anything has to be done.
    pub level: FindingLevel,
    /// The file or folder.
    pub place: String,
    /// What is so, as a sentence without its end.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// Whether anything has to be done about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingLevel {
    /// It is wrong, and somebody has to put it right.
    Fault,
    /// It is in order, and good to know.
    Note,
}

impl Finding {
    /// Something that is wrong.
    #[must_use]
    pub fn fault(place: impl Into<String>, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { level: FindingLevel::Fault, place: place.into(), what: what.into(), remedy: remedy.into() }
    }

    /// Something that is good to know.
    #[must_use]
    pub fn note(place: impl Into<String>, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { level: FindingLevel::Note, ..Self::fault(place, what, remedy) }
    }
}

impl FindingLevel {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Note => "note",
        }
    }
}
