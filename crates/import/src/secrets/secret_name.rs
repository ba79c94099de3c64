//! Recognises secrets by the names of their fields.

use crate::fields::times::parse_time;
use crate::fields::values::as_flag;
use crate::naming::{KnownNames, normalized, words};
use crate::secrets::secret_words::{
    FACT_WORDS, HARMLESS_CODE_WORDS, HARMLESS_WORDS, SECOND_FACTOR_WORDS, SECRET_COMPOUNDS, SECRET_ENDINGS,
    SECRET_WORDS,
};
use serde_json::Value;
use std::cell::RefCell;

/// What the name of a field says, whatever its value is.
#[derive(Clone, Copy)]
struct NameTraits {
    secrecy: Secrecy,
    /// It may name a fact about a secret, such as the time of its change.
    is_fact: bool,
    may_be_opaque: bool,
}

/// Whether a name is that of a secret.
#[derive(Clone, Copy)]
enum Secrecy {
    NotSecret,
    /// If the value is more than a flag.
    UnlessFlag,
    Secret,
}

thread_local! {
    static KNOWN: RefCell<KnownNames<NameTraits>> = RefCell::default();
}

fn traits(name: &str) -> NameTraits {
    KNOWN.with_borrow_mut(|known| known.get_or_classify(name, NameTraits::of))
}

/// Whether a field is a secret, by its name.
pub(crate) fn is_secret_name(name: &str, value: &Value) -> bool {
    let NameTraits { secrecy, is_fact, .. } = traits(name);
    let is_secret = match secrecy {
        Secrecy::NotSecret => false,
        Secrecy::UnlessFlag => is_more_than_a_flag(value),
        Secrecy::Secret => true,
    };
    is_secret && !(is_fact && may_be_fact_about_secret(value))
}

/// Whether a field with this name may hold a long random text: an id, or the address of a picture.
pub(crate) fn may_be_opaque(name: &str) -> bool {
    traits(name).may_be_opaque
}

impl NameTraits {
    fn of(name: &str) -> Self {
        let words = words(name);
        Self {
            secrecy: Secrecy::of(name, &words),
            is_fact: words.last().is_some_and(|last| is_in(FACT_WORDS, last)),
            may_be_opaque: words.iter().any(|word| is_in(OPAQUE_WORDS, word)),
        }
    }
}

impl Secrecy {
    /// That of a name, which consists of these words.
    fn of(name: &str, words: &[String]) -> Self {
        let Some(last) = words.last() else { return Self::NotSecret };
        let is_access_code = is_in(&["code", "codes", "key", "keys"], last)
            && !words.iter().any(|word| is_in(HARMLESS_CODE_WORDS, word));
        let ends_as_secret = |word: &String| {
            !is_in(HARMLESS_WORDS, word) && SECRET_ENDINGS.iter().any(|end| word.ends_with(end))
        };
        let name = normalized(name);
        if is_access_code
            || words.iter().any(|word| is_in(SECRET_WORDS, word) || ends_as_secret(word))
            || SECRET_COMPOUNDS.iter().any(|compound| name.contains(compound))
        {
            return Self::Secret;
        }
        let is_second_factor =
            words.iter().any(|word| is_in(SECOND_FACTOR_WORDS, word) || word.contains("2fa"));
        if name == "auth" || is_second_factor || name.contains("twofactor") {
            Self::UnlessFlag
        } else {
            Self::NotSecret
        }
    }
}

fn is_in(list: &[&str], word: &str) -> bool {
    list.contains(&word)
}

/// Whether a value can be a fact about a secret: a time, a flag or a small number. Other values may be the secret
/// itself.
fn may_be_fact_about_secret(value: &Value) -> bool {
    const SMALL: f64 = 1_000.0;
    let small = |number: f64| (-SMALL..SMALL).contains(&number);
    let number = match value {
        Value::Null | Value::Object(_) => return true,
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.is_some_and(small) || as_flag(value).is_some() || parse_time(value).is_some()
}

fn is_more_than_a_flag(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Number(_)) && as_flag(value).is_none()
}

/// Words in the names of fields that may hold a long random text.
const OPAQUE_WORDS: &[&str] = &[
    "id",
    "ids",
    "uid",
    "uuid",
    "guid",
    "ref",
    "reference",
    "etag",
    "checksum",
    "gravatar",
    "avatar",
    "image",
    "picture",
    "photo",
    "thumbnail",
    "icon",
    "logo",
    "file",
    "url",
    "commit",
    "tenant",
    "public",
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_recognised_in_many_languages_and_spellings() {
        for name in [
            "pass",
            "pw",
            "user_pass",
            "userpass",
            "old_pass",
            "passwort",
            "senha",
            "mdp",
            "clave",
            "contraseña",
            "security_answer",
            "google2fa",
            "mfa_seed",
            "SecurityStamp",
            "bearer",
            "api_key",
            "backup_codes",
            "userpassword",
            "accesstoken",
            "PIN",
            "passcode",
            "otpsecret",
            "twofactorsecret",
            "two_factor",
            "twofa",
            "tfa_key_b32",
            "userpw",
            "loginpass",
            "webpass",
            "pwhash",
            "oldhash",
            "pswd",
            "passw",
            "kennwort",
            "parola",
            "heslo",
            "sifre",
            "remembertoken",
            "verificationtoken",
            "confirmationtoken",
            "sessionid",
            "phpsessid",
            "security_question_response",
            "password_used",
            "password_type",
            "last_password_changed",
        ] {
            assert!(is_secret_name(name, &json!("hunter2x")), "{name}");
        }
        for name in [
            "passport",
            "country_code",
            "password_changed_at",
            "keyboard",
            "otpEnabled",
            "spinning",
            "secretary",
            "mfa",
            "two_factor",
            "password_used",
            "compass",
            "bypass",
            "security_question",
        ] {
            assert!(!is_secret_name(name, &json!(true)), "{name}");
        }
    }
}
