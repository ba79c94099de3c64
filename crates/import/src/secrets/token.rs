//! Recognises tokens, private keys and other texts that carry a secret.

use crate::secrets::randomness::is_opaque;

/// Whether an unknown text is a token or a private key.
pub(crate) fn is_token(text: &str) -> bool {
    const PREFIXES: [&str; 14] = [
        "otpauth://",
        "OTPAUTH://",
        "ya29.",
        "ghp_",
        "gho_",
        "ghs_",
        "github_pat_",
        "glpat-",
        "sk_live_",
        "sk_test_",
        "xoxb-",
        "xoxp-",
        "-----BEGIN PGP",
        "AIzaSy",
    ];
    let text = text.trim();
    let jwt = text.starts_with("eyJ") && text.matches('.').count() >= 2;
    let pem = text.contains("-----BEGIN ") && text.contains("PRIVATE KEY");
    let bearer =
        ["Bearer ", "bearer ", "Basic "].iter().any(|word| text.strip_prefix(word).is_some_and(is_opaque));
    jwt || pem
        || bearer
        || PREFIXES.iter().any(|prefix| text.starts_with(prefix))
        || is_aws_key(text)
        || is_url_with_secret(text)
        || has_labelled_password(text)
}

/// An access key id of AWS.
fn is_aws_key(text: &str) -> bool {
    let is_key_char = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    text.len() == 20
        && (text.starts_with("AKIA") || text.starts_with("ASIA"))
        && text.bytes().all(is_key_char)
}

/// A URL with a password before the host or a secret in its query.
fn is_url_with_secret(text: &str) -> bool {
    const PARAMETERS: [&str; 8] =
        ["access_token", "token", "api_key", "apikey", "secret", "client_secret", "signature", "password"];
    let Some((_, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let password = authority.rsplit_once('@').and_then(|(userinfo, _)| userinfo.split_once(':'));
    let query = rest.split_once(['?', '#']).map_or("", |(_, query)| query);
    let named = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        !value.is_empty() && PARAMETERS.contains(&&*name.to_ascii_lowercase())
    };
    password.is_some_and(|(_, password)| !password.is_empty()) || query.split(['&', ';', '#']).any(named)
}

/// A password with its label in a longer text: `password: hunter2`, `"password";s:7:"hunter2"` of PHP.
fn has_labelled_password(text: &str) -> bool {
    const LABELS: [&str; 6] = ["password", "passwort", "passwd", "pwd", "mot de passe", "contraseña"];
    let lower = text.to_lowercase();
    LABELS.iter().any(|label| {
        lower.match_indices(label).any(|(at, _)| {
            let rest = &lower[at + label.len()..];
            let assigned =
                rest.trim_start().strip_prefix([':', '=']).is_some_and(|value| !value.trim().is_empty());
            assigned || rest.starts_with("\";s:")
        })
    })
}
