//! What requests say: raw values, each with the domain's rule.

use crate::extract::{ChosenPassword, Clearable, FromForm, Given, KnownPassword, RawFault, Required, told};
use crate::problem::{Fault, Problem};
use garde::Validate;
use jiff::Timestamp;
use paperclip::actix::Apiv2Schema;
use roster_auth::password::{Password, PasswordPolicy};
use roster_domain::{
    Attributes, DisplayName, EmailAddress, ExternalId, RoleSet, StatusKind, UserId, Username, Version,
};
use roster_service::{
    AttributesDraft, Completeness, FixedFields, LogOut, NewPassword, NewUser, PrivilegedFields, UserDraft,
};
use serde::Deserialize;

/// Someone to register.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(PasswordPolicy))]
#[openapi(
    rename = "NewUser",
    example = r#"{"username": "ada", "password": "correct horse battery staple", "email": "ada@example.org"}"#
)]
pub(crate) struct NewUserBody {
    /// The name to log in with.
    #[garde(dive)]
    username: Required<Username>,
    /// Not a common one, and not made of the person's own name.
    #[garde(custom(chosen(&self.username, &self.email)))]
    password: ChosenPassword,
    /// Where mail goes.
    #[garde(dive)]
    email: Clearable<EmailAddress>,
    /// What they are called on screen.
    #[garde(dive)]
    display_name: Clearable<DisplayName>,
    /// Needs `users:create`; `["user"]` unless said.
    #[garde(dive)]
    roles: Given<RoleSet>,
    /// Needs `users:create`; `active` unless said.
    #[garde(dive)]
    status: Given<StatusKind>,
    /// Needs `users:create`; false unless said.
    #[garde(dive)]
    email_verified: Given<bool>,
    /// Needs `users:create`. Any JSON object.
    #[garde(dive)]
    attributes: Given<Attributes>,
    /// Needs `users:create`.
    #[garde(dive)]
    external_id: Clearable<ExternalId>,
}

/// What a user shall be. Fields that nobody may write are accepted with their present value.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(PasswordPolicy))]
#[openapi(
    rename = "UserDraft",
    example = r#"{"username": "ada", "email": "ada@example.org", "display_name": "Ada Lovelace"}"#
)]
pub(crate) struct UserDraftBody {
    /// The name to log in with.
    #[garde(dive)]
    username: Given<Username>,
    /// Where mail goes; null clears it. A new address is unverified.
    #[garde(dive)]
    email: Clearable<EmailAddress>,
    /// Needs `users:update`.
    #[garde(dive)]
    email_verified: Given<bool>,
    /// What they are called on screen; null clears it.
    #[garde(dive)]
    display_name: Clearable<DisplayName>,
    /// Needs `users:update`.
    #[garde(dive)]
    status: Given<StatusKind>,
    /// Needs `users:update`; one may give only what one holds.
    #[garde(dive)]
    roles: Given<RoleSet>,
    /// Needs `users:update`. PUT replaces them, PATCH merges (RFC 7396); null clears them.
    #[garde(dive)]
    attributes: Clearable<Attributes>,
    /// Needs `users:update`; null clears it.
    #[garde(dive)]
    external_id: Clearable<ExternalId>,
    /// Read only.
    #[garde(dive)]
    id: Given<UserId>,
    /// Read only.
    #[garde(dive)]
    created_at: Given<Timestamp>,
    /// Read only.
    #[garde(dive)]
    updated_at: Given<Timestamp>,
    /// Read only.
    #[garde(dive)]
    last_login_at: Clearable<Timestamp>,
    /// Read only.
    #[garde(dive)]
    version: Given<Version>,
}

/// Another password.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(PasswordPolicy))]
#[openapi(
    rename = "PasswordChange",
    example = r#"{"current_password": "correct horse battery staple", "password": "four other random words"}"#
)]
pub(crate) struct PasswordChangeBody {
    /// The present one. Needed for oneself; somebody with `users:update` sets another's without.
    #[garde(skip)]
    current_password: KnownPassword,
    /// The new one.
    #[garde(custom(|password: &ChosenPassword, policy: &PasswordPolicy| password.check(*policy, &[])))]
    password: ChosenPassword,
}

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
    #[garde(custom(|token: &Option<String>, _: &PasswordPolicy| given(token.as_deref(), "give the refresh token")))]
    refresh_token: Option<String>,
}

/// Where to log out.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(PasswordPolicy))]
#[openapi(rename = "LogOut", example = r#"{"all": true}"#)]
pub(crate) struct LogOutBody {
    /// Whether to end all of one's sessions; only this one unless said.
    #[garde(dive)]
    all: Given<bool>,
}

/// The password form of OAuth 2.0 (RFC 6749, section 4.3.2). Other fields that its clients send are ignored.
#[derive(Apiv2Schema)]
#[openapi(rename = "PasswordForm")]
#[expect(dead_code, reason = "it is a schema; the form is read by `CredentialsBody`")]
pub(crate) struct PasswordForm {
    /// `password`
    grant_type: Option<String>,
    /// A username or an email address.
    username: String,
    /// The password.
    password: String,
}

/// The policy also knows the person's names, as far as they are valid.
fn chosen<'a>(
    username: &'a Required<Username>,
    email: &'a Clearable<EmailAddress>,
) -> impl FnOnce(&ChosenPassword, &PasswordPolicy) -> garde::Result + use<'a> {
    move |password, policy| {
        let (username, email) = (username.get().ok(), email.get().ok().flatten().flatten());
        let mut own = Vec::new();
        own.extend(username.as_ref().map(Username::as_str));
        own.extend(email.as_ref().map(EmailAddress::as_str));
        password.check(*policy, &own)
    }
}

fn one_name(others: [bool; 2]) -> impl FnOnce(&Option<String>, &PasswordPolicy) -> garde::Result {
    let others = others.into_iter().filter(|given| *given).count();
    move |login, _| match others + usize::from(login.is_some()) {
        1 => Ok(()),
        0 => Err(told(&RawFault::new("field_missing", "give a login, a username or an email"))),
        _ => Err(told(&RawFault::new("field_twice", "give one of login, username and email"))),
    }
}

fn given(text: Option<&str>, otherwise: &'static str) -> garde::Result {
    text.map(drop).ok_or_else(|| told(&RawFault::new("field_missing", otherwise)))
}

impl RefreshBody {
    /// The token; it is there by now.
    pub(crate) fn into_token(self) -> String {
        self.refresh_token.unwrap_or_default()
    }
}

impl LogOutBody {
    pub(crate) fn which(&self) -> Result<LogOut, Problem> {
        Ok(if self.all.get()? == Some(true) { LogOut::Everywhere } else { LogOut::This })
    }
}

impl NewUserBody {
    /// The values; they are valid by now.
    pub(crate) fn into_new_user(self) -> Result<NewUser, Problem> {
        Ok(NewUser {
            username: self.username.get()?,
            email: self.email.get()?.flatten(),
            display_name: self.display_name.get()?.flatten(),
            privileged: PrivilegedFields {
                roles: self.roles.get()?,
                status: self.status.get()?,
                email_verified: self.email_verified.get()?,
                attributes: self.attributes.get()?,
                external_id: self.external_id.get()?.flatten(),
            },
            password: self.password.take()?,
        })
    }
}

impl UserDraftBody {
    /// The values; they are valid by now. PUT replaces attributes, PATCH merges them.
    pub(crate) fn into_draft(self, completeness: Completeness) -> Result<UserDraft, Problem> {
        let attributes = self.attributes.get()?.map(|given| match (given, completeness) {
            (None, _) => AttributesDraft::Replace(Attributes::default()),
            (Some(attributes), Completeness::Whole) => AttributesDraft::Replace(attributes),
            (Some(patch), Completeness::Partial) => AttributesDraft::Merge(patch.into()),
        });
        Ok(UserDraft {
            username: self.username.get()?,
            email: self.email.get()?,
            email_verified: self.email_verified.get()?,
            display_name: self.display_name.get()?,
            status: self.status.get()?,
            roles: self.roles.get()?,
            attributes,
            external_id: self.external_id.get()?,
            fixed: FixedFields {
                id: self.id.get()?,
                created_at: self.created_at.get()?,
                updated_at: self.updated_at.get()?,
                last_login_at: self.last_login_at.get()?,
                version: self.version.get()?,
            },
        })
    }
}

impl PasswordChangeBody {
    pub(crate) fn into_new_password(self) -> Result<NewPassword, Problem> {
        Ok(NewPassword { current: self.current_password.take(), password: self.password.take()? })
    }
}

impl CredentialsBody {
    /// The name and the password; they are there by now.
    pub(crate) fn into_parts(self) -> (String, Password) {
        let login = self.login.or(self.username).or(self.email).unwrap_or_default();
        (login, self.password.take().unwrap_or_else(|| Password::new(String::new())))
    }
}

impl FromForm for CredentialsBody {
    type Form = PasswordForm;

    fn from_form(fields: Vec<(String, String)>) -> Result<Self, Vec<Fault>> {
        let (mut body, mut faults) = (Self::default(), Vec::new());
        for (name, value) in fields {
            match name.as_str() {
                "username" => body.username = Some(value),
                "password" => body.password = Password::new(value).into(),
                "grant_type" if value != "password" => {
                    faults.push(Fault::new(
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
