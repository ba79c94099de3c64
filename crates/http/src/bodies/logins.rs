//! Requests to log in, to refresh and to log out.

use crate::extract::{FromForm, Input, KnownPassword, KnownToken, MISSING, Optional, Violations};
use crate::openapi::schema::schema;
use crate::problem::{FieldViolation, Problem};
use garde::Validate;
use paperclip::actix::Apiv2Schema;
use paperclip::v2::models::DefaultSchemaRaw;
use paperclip::v2::schema::Apiv2Schema as Schema;
use roster_auth::password::{Password, PasswordPolicy};
use roster_service::LogOut;
use serde::Deserialize;
use serde_json::json;
use std::mem;
use zeroize::Zeroizing;

/// A login: `login`, `username` or `email`, and the password.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(Violations))]
#[openapi(
    rename = "Credentials",
    example = r#"{"login": "ada", "password": "correct horse battery staple"}"#
)]
pub(crate) struct CredentialsBody {
    /// A username or an email address.
    #[garde(skip)]
    login: Option<String>,
    /// The same as `login`.
    #[garde(skip)]
    username: Option<String>,
    /// The same as `login`.
    #[garde(skip)]
    email: Option<String>,
    /// The password.
    #[garde(skip)]
    password: KnownPassword,
}

/// A refresh token.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(Violations))]
#[openapi(rename = "Refresh", example = r#"{"refresh_token": "rt_2mXwV0c7…"}"#)]
pub(crate) struct RefreshBody {
    /// The latest refresh token.
    #[garde(skip)]
    refresh_token: KnownToken,
}

/// What to log out of.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(Violations))]
#[openapi(rename = "LogOut", example = r#"{"all": true}"#)]
pub(crate) struct LogOutBody {
    /// Whether to end all your sessions. Default: only the calling one.
    #[garde(dive)]
    all: Optional<bool>,
}

/// The schema of the password form of OAuth 2.0 (RFC 6749, section 4.3.2). It is read into [`CredentialsBody`].
pub(crate) struct PasswordForm;

impl Input for CredentialsBody {
    /// There must be exactly one name, and a password.
    fn check(&self, _: PasswordPolicy, violations: &mut Vec<FieldViolation>) {
        let names = [&self.login, &self.username, &self.email].into_iter().flatten().count();
        let violation = match names {
            0 => Some(("field_missing", "send login, username or email")),
            1 => None,
            _ => Some(("field_twice", "send only one of login, username and email")),
        };
        violations.extend(violation.map(|(code, message)| FieldViolation::new("/login", code, message)));
        if self.password.0.is_none() {
            violations.push(FieldViolation::new("/password", MISSING.code, MISSING.message));
        }
    }
}

impl Input for RefreshBody {
    fn check(&self, _: PasswordPolicy, violations: &mut Vec<FieldViolation>) {
        if self.refresh_token.0.is_none() {
            let message = "send the refresh token";
            violations.push(FieldViolation::new("/refresh_token", "field_missing", message));
        }
    }
}

impl Input for LogOutBody {}

impl RefreshBody {
    /// The token, after validation.
    pub(crate) fn into_token(self) -> Zeroizing<String> {
        self.refresh_token.0.unwrap_or_default()
    }
}

impl LogOutBody {
    /// Which sessions to end, after validation.
    pub(crate) fn which(self) -> Result<LogOut, Problem> {
        Ok(if self.all.into_value()? == Some(true) { LogOut::Everywhere } else { LogOut::This })
    }
}

impl CredentialsBody {
    /// The name and the password, after validation.
    pub(crate) fn into_parts(self) -> (String, Password) {
        let login = self.login.or(self.username).or(self.email).unwrap_or_default();
        (login, self.password.0.unwrap_or_else(|| Password::new(String::new())))
    }
}

impl Schema for PasswordForm {
    fn name() -> Option<String> {
        Some("PasswordForm".to_owned())
    }

    fn raw_schema() -> DefaultSchemaRaw {
        let hidden = json!({
            "type": "object",
            "description": "The password form of OAuth 2.0 (RFC 6749, section 4.3.2). A field without a value counts as \
                omitted (section 3.2). Other fields are ignored.",
            "required": ["username", "password"],
            "additionalProperties": { "type": "string" },
            "properties": {
                "grant_type": { "type": "string", "enum": ["password"] },
                "username": { "type": "string", "description": "A username or an email address." },
                "password": { "type": "string", "description": "The password." },
            },
            "example": { "grant_type": "password", "username": "ada", "password": "correct horse battery staple" },
        });
        DefaultSchemaRaw { name: Self::name(), ..schema(&hidden) }
    }
}

impl FromForm for CredentialsBody {
    type Form = PasswordForm;

    fn from_form(
        fields: impl Iterator<Item = (String, Zeroizing<String>)>,
    ) -> Result<Self, Vec<FieldViolation>> {
        let (mut body, mut violations) = (Self::default(), Vec::new());
        for (name, mut value) in fields.filter(|(_, value)| !value.is_empty()) {
            let twice = match name.as_str() {
                "username" => body.username.is_some(),
                "password" => body.password.0.is_some(),
                _ => false,
            };
            if twice {
                let message = "the form has this field twice";
                violations.push(FieldViolation::new(format!("/{name}"), "field_twice", message));
            }
            match name.as_str() {
                "username" => body.username = Some(mem::take(&mut *value)),
                "password" => body.password = KnownPassword(Some(Password::from(value))),
                "grant_type" if *value != "password" => {
                    let message = "the only supported grant type is password";
                    violations.push(FieldViolation::new("/grant_type", "grant_type_invalid", message));
                }
                _ => {}
            }
        }
        if violations.is_empty() { Ok(body) } else { Err(violations) }
    }
}
