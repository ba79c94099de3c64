//! Recognises secrets by the names of their fields.

use crate::fields::times::parse_time;
use crate::fields::values::as_flag;
use crate::naming::{normalized, words};
use serde_json::Value;

/// Words that occur in names of secrets only.
const SECRET_WORDS: &[&str] = &[
    "passcode",
    "pswd",
    "kennwort",
    "parola",
    "heslo",
    "sifre",
    "şifre",
    "token",
    "tokens",
    "secret",
    "secrets",
    "password",
    "passwords",
    "passwd",
    "pwd",
    "passphrase",
    "otp",
    "totp",
    "hotp",
    "jwt",
    "credential",
    "credentials",
    "salt",
    "cookie",
    "cookies",
    "session",
    "sessions",
    "pin",
    "cvv",
    "apikey",
    "apikeys",
    "hash",
    "nonce",
    "hashes",
    "webauthn",
    "pass",
    "pw",
    "passwort",
    "senha",
    "mdp",
    "clave",
    "contraseña",
    "contrasena",
    "wachtwoord",
    "hasło",
    "haslo",
    "пароль",
    "密码",
    "seed",
    "bearer",
    "answer",
    "answers",
    "mnemonic",
    "fido",
    "passkey",
    "passkeys",
    "u2f",
    "pepper",
    "pincode",
    "psw",
    "lozinka",
    "tok",
    "tkn",
    "passord",
    "salasana",
    "lösenord",
    "losenord",
    "パスワード",
    "adgangskode",
    "jelszó",
    "jelszo",
];

/// Compounds that occur in names of secrets only.
const SECRET_COMPOUNDS: &[&str] = &[
    "passw",
    "passcode",
    "kennwort",
    "sifre",
    "sessionid",
    "sessid",
    "questionresponse",
    "securityresponse",
    "secretresponse",
    "passphrase",
    "userpass",
    "oldpass",
    "motdepasse",
    "token",
    "apikey",
    "privatekey",
    "secretkey",
    "securitystamp",
    "securityanswer",
    "authkey",
    "accesskey",
    "rememberme",
    "passhint",
    "passwordhint",
];

/// Endings of words for a secret, other than [`HARMLESS_WORDS`].
const SECRET_ENDINGS: &[&str] = &["secret", "pass", "pw", "pwd", "hash", "passwort"];

/// Words that end like a secret.
const HARMLESS_WORDS: &[&str] = &["bypass", "compass", "surpass", "trespass", "overpass", "underpass"];

/// Last words of the names of facts about a secret.
const FACT_WORDS: &[&str] = &[
    "at",
    "on",
    "date",
    "time",
    "expires",
    "expiry",
    "expiration",
    "count",
    "attempts",
    "enabled",
    "required",
    "changed",
    "updated",
    "type",
    "policy",
    "timeout",
    "version",
    "used",
];

/// Words that make a code or a key harmless.
const HARMLESS_CODE_WORDS: &[&str] = &[
    "country",
    "postal",
    "post",
    "zip",
    "area",
    "dial",
    "phone",
    "lang",
    "language",
    "locale",
    "currency",
    "region",
    "state",
    "city",
    "color",
    "department",
    "dept",
    "cost",
    "product",
    "public",
    "primary",
    "job",
];

/// Words for a second factor. Such a field is a secret unless it only says whether there is one.
const SECOND_FACTOR_WORDS: &[&str] =
    &["mfa", "2fa", "google2fa", "twofactor", "authenticator", "tfa", "twofa"];

/// Whether a field is a secret, by its name.
pub(crate) fn is_secret_name(name: &str, value: &Value) -> bool {
    let words = words(name);
    let is_in = |list: &[&str], word: &String| list.contains(&word.as_str());
    let Some(last) = words.last() else { return false };
    if is_in(FACT_WORDS, last) && may_be_fact_about_secret(value) {
        return false;
    }
    let is_access_code = is_in(&["code", "codes", "key", "keys"], last)
        && !words.iter().any(|word| is_in(HARMLESS_CODE_WORDS, word));
    let name = normalized(name);
    (name == "auth" && is_more_than_a_flag(value))
        || is_access_code
        || words.iter().any(|word| is_in(SECRET_WORDS, word))
        || SECRET_COMPOUNDS.iter().any(|compound| name.contains(compound))
        || words
            .iter()
            .any(|word| !is_in(HARMLESS_WORDS, word) && SECRET_ENDINGS.iter().any(|end| word.ends_with(end)))
        || (words.iter().any(|word| is_in(SECOND_FACTOR_WORDS, word) || word.contains("2fa"))
            || name.contains("twofactor"))
            && is_more_than_a_flag(value)
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

/// Whether a field with this name may hold a long random text: an id, or the address of a picture.
pub(crate) fn may_be_opaque(name: &str) -> bool {
    const NAMES: &[&str] = &[
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
    words(name).iter().any(|word| NAMES.contains(&word.as_str()))
}

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
