//! The options of an import that are parts of a form and not parameters of the query, because they are secrets or belong to
//! secrets: a query is logged by proxies.

use crate::code::Code;
use crate::extract::TextParts;
use crate::problem::{FieldViolation, Problem};
use actix_web::web;
use roster_auth::password::{Pepper, PepperScheme, SaltedForm};
use roster_service::{FirebaseParameters, FirebaseParametersError, ImportOptions, WeakHashes};
use zeroize::Zeroizing;

/// The options that are parts of a form.
pub(crate) struct ImportParts;

const SALTED: &str = "salted";
const FIREBASE: &str = "firebase_hash_config";
const PEPPER: &str = "pepper";
const FLASK_SALT: &str = "flask_security_salt";

impl TextParts for ImportParts {
    const PARTS: &'static [(&'static str, &'static str)] = &[
        (
            SALTED,
            "How digests are made whose salt is in another column, such as `sha256:salt+password`. Requires \
             `allow_weak_hashes`.",
        ),
        (
            FIREBASE,
            "The hash parameters of a Firebase project, as its console shows them. They are erased with the files.",
        ),
        (
            PEPPER,
            "The pepper of Devise, which is in the hashes. The setting `migration.devise_pepper` has to be the same.",
        ),
        (
            FLASK_SALT,
            "The `SECURITY_PASSWORD_SALT` of Flask-Security, which is in the hashes. The setting \
             `migration.flask_security_salt` has to be the same.",
        ),
    ];
}

impl ImportParts {
    /// Adds the option in a part to the others.
    ///
    /// # Errors
    /// [`Code::ValidationFailed`].
    pub(crate) async fn add(
        name: &'static str,
        text: Zeroizing<String>,
        options: &mut ImportOptions,
    ) -> Result<(), Problem> {
        match name {
            SALTED => {
                let form: SaltedForm = text.trim().parse().map_err(|error| invalid(name, &error))?;
                once(name, options.salted.replace(form).is_none())
            }
            FIREBASE => {
                let parsed = text.parse().map_err(|error: FirebaseParametersError| invalid(name, &error));
                let parameters: FirebaseParameters = parsed?;
                once(name, options.firebase.replace(parameters).is_none())
            }
            _ => {
                let scheme = if name == PEPPER { PepperScheme::Devise } else { PepperScheme::FlaskSecurity };
                once(name, options.peppers.is_empty())?;
                // Deriving the id takes some tenths of a second.
                let pepper =
                    web::block(move || Pepper::in_text(scheme, &text).map(|pepper| pepper.id())).await;
                let pepper =
                    pepper.map_err(|error| Problem::new(Code::Internal).with_cause(error.to_string()))?;
                options.peppers.push(pepper.ok_or_else(|| invalid(name, &"it is empty"))?);
                Ok(())
            }
        }
    }

    /// Checks what depends on several options.
    ///
    /// # Errors
    /// [`Code::ValidationFailed`].
    pub(crate) fn check(options: &ImportOptions) -> Result<(), Problem> {
        if options.salted.is_some() && options.weak_hashes == WeakHashes::Refuse {
            return Err(invalid(SALTED, &"it requires the parameter allow_weak_hashes=true"));
        }
        Ok(())
    }
}

fn once(name: &'static str, is_first: bool) -> Result<(), Problem> {
    const TWICE: &str = "this option, or one that excludes it, is sent already";
    if is_first { Ok(()) } else { Err(violation(name, "part_twice", TWICE.to_owned())) }
}

/// The problem of an option. `reason` does not repeat the text, which may be a secret.
fn invalid(name: &'static str, reason: &dyn std::fmt::Display) -> Problem {
    violation(name, "option_invalid", reason.to_string())
}

fn violation(name: &'static str, code: &'static str, message: String) -> Problem {
    Problem::new(Code::ValidationFailed).with_violations(vec![FieldViolation::new(name, code, message)])
}
