//! The body of an answer.

use roster_service::OldSystemAnswer;
use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

/// Why a body is not an answer. It does not repeat the body, which may contain a hash.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(super) enum MalformedAnswer {
    /// It has another form.
    #[error("the answer is not {{\"valid\": true, \"user\": {{…}}}} or {{\"valid\": false}}")]
    Form,
    /// It says that the password is right, but not whose it is.
    #[error("the answer is valid, but has no object as its user")]
    NoUser,
}

#[derive(Deserialize)]
struct Body {
    valid: bool,
    /// As it was sent: numbers must not be rounded.
    user: Option<Box<RawValue>>,
}

/// Reads the body of an answer with status 200.
pub(super) fn parse(body: &str) -> Result<OldSystemAnswer, MalformedAnswer> {
    let body: Body = serde_json::from_str(body).map_err(|_| MalformedAnswer::Form)?;
    if !body.valid {
        return Ok(OldSystemAnswer::Invalid);
    }
    let user = body.user.filter(|user| user.get().starts_with('{')).ok_or(MalformedAnswer::NoUser)?;
    Ok(OldSystemAnswer::Valid { user: user.get().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_answer_has_the_user_as_it_was_sent() {
        let user = r#"{"id": 12345678901234567890123, "login": "ada"}"#;
        let answer = parse(&format!(r#" {{"valid": true, "user": {user}, "took": 3}}"#)).ok().unwrap();
        assert!(answer == OldSystemAnswer::Valid { user: user.to_owned() });
    }

    #[test]
    fn an_invalid_answer_needs_no_user() {
        for body in [r#"{"valid": false}"#, r#"{"valid": false, "user": null}"#] {
            assert!(parse(body) == Ok(OldSystemAnswer::Invalid), "{body}");
        }
    }

    #[test]
    fn everything_else_is_no_answer() {
        for body in [
            "",
            "true",
            "{}",
            "<html>",
            r#"{"valid": "true"}"#,
            r#"{"valid": 1}"#,
            r#"{"valid":true,"valid":true}"#,
        ] {
            assert!(parse(body).err() == Some(MalformedAnswer::Form), "{body}");
        }
        for body in
            [r#"{"valid": true}"#, r#"{"valid": true, "user": null}"#, r#"{"valid": true, "user": [{}]}"#]
        {
            assert!(parse(body).err() == Some(MalformedAnswer::NoUser), "{body}");
        }
    }
}
