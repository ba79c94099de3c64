//! `[registration]`

use crate::fields::SettingsReader;
use crate::rules;

/// Who can create an account.
#[derive(Debug)]
pub struct Registration {
    /// The mode.
    pub mode: RegistrationMode,
}

/// Who can create an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RegistrationMode {
    /// Anyone.
    Open,
    /// Callers with the permission to create users.
    #[default]
    Closed,
}

impl Registration {
    pub(crate) fn read(fields: &mut SettingsReader) -> Self {
        let modes = [("open", RegistrationMode::Open), ("closed", RegistrationMode::Closed)];
        Self { mode: fields.one("registration.mode", rules::one_of(modes)) }
    }
}
