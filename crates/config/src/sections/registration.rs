//! `[registration]`

use crate::fields::SettingsReader;
use crate::rules;

/// Who may create an account.
#[derive(Debug)]
pub struct Registration {
    /// Anyone, or not.
    pub mode: RegistrationMode,
}

/// Who may create an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RegistrationMode {
    /// Anyone.
    Open,
    /// Whoever holds the permission to create users.
    #[default]
    Closed,
}

impl Registration {
    pub(crate) fn read(fields: &mut SettingsReader) -> Self {
        let modes = [("open", RegistrationMode::Open), ("closed", RegistrationMode::Closed)];
        Self { mode: fields.one("registration.mode", rules::one_of(modes)) }
    }
}
