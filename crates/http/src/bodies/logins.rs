//! What requests say to log in, to go on and to log out.

use crate::extract::{FromForm, KnownPassword, KnownToken, Optional, RawError, describe};
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

/// Who logs in: `login`, `username` or `email`, and the password.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(PasswordPolicy))]
#[openapi(
    rename = "Credentials",
    example = r#"{"login": "ada", "password": "correct horse battery staple"}"#
)]
pub(crate) struct CredentialsBody {
    /// A username or an email address.
    #[garde(custom(one_name([self.username.is_some(), self.email.is_some()])))]
    login: Option<String>,
    /// The same as `login`.
    #[garde(skip)]
    username: Option<String>,
    /// The same as `login`.
    #[garde(skip)]
    email: Option<String>,
    /// The password.
    #[garde(custom(|password: &KnownPassword, _: &PasswordPolicy| password.present()))]
    password: KnownPassword,
}

/// A refresh token, to go on with.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(PasswordPolicy))]
#[openapi(rename = "Refresh", example = r#"{"refresh_token": "rt_2mXwV0c7…"}"#)]
pub(crate) struct RefreshBody {
    /// The one that was given last.
    #[garde(custom(|token: &KnownToken, _: &PasswordPolicy| token.present("give the refresh token")))]
    refresh_token: KnownToken,
}

/// Where to log out.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(PasswordPolicy))]
#[openapi(rename = "LogOut", example = r#"{"all": true}"#)]
pub(crate) struct LogOutBody {
    /// Whether to end all of one's sessions; only this one unless said.
    #[garde(dive)]
    all: Optional<bool>,
}

/// The password form of OAuth 2.0 (RFC 6749, section 4.3.2), as a schema. [`CredentialsBody`] is what reads it.
pub(crate) struct PasswordForm;

fn one_name(others: [bool; 2]) -> impl FnOnce(&Option<String>, &PasswordPolicy) -> garde::Result {
    let others = others.into_iter().filter(|given| *given).count();
    move |login, _| match others + usize::from(login.is_some()) {
        1 => Ok(()),
        0 => Err(describe(&RawError::new("field_missing", "give a login, a username or an email"))),
        _ => Err(describe(&RawError::new("field_twice", "give one of login, username and email"))),
    }
}

impl RefreshBody {
    /// The token; it is there by now.
    pub(crate) fn into_token(self) -> Zeroizing<String> {
        self.refresh_token.take().unwrap_or_default()
    }
}

impl LogOutBody {
    pub(crate) fn which(&self) -> Result<LogOut, Problem> {
        Ok(if self.all.get()? == Some(true) { LogOut::Everywhere } else { LogOut::This })
    }
}

impl CredentialsBody {
    /// The name and the password; they are there by now.
    pub(crate) fn into_parts(self) -> (String, Password) {
        let login = self.login.or(self.username).or(self.email).unwrap_or_default();
        (login, self.password.take().unwrap_or_else(|| Password::new(String::new())))
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
        let (mut body, mut faults) = (Self::default(), Vec::new());
        for (name, mut value) in fields.filter(|(_, value)| !value.is_empty()) {
            let twice = match name.as_str() {
                "username" => body.username.is_some(),
                "password" => body.password.present().is_ok(),
                _ => false,
            };
            if twice {
                faults.push(FieldViolation::new(
                    format!("/{name}"),
                    "field_twice",
                    "this field is there twice",
                ));
            }
            match name.as_str() {
                "username" => body.username = Some(mem::take(&mut *value)),
                "password" => body.password = Password::from(value).into(),
                "grant_type" if *value != "password" => {
                    faults.push(FieldViolation::new(
                        "/grant_type",
                        "grant_type_invalid",
                        "only password is supported",
                    ));
                }
                _ => {}
            }
        }
        if faults.is_empty() { Ok(body) } else { Err(faults) }
    }
}
