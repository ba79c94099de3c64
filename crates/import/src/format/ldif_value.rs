//! The attributes and values in the lines of LDIF.

use crate::report::ldif_fault::LdifFault;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A value of an attribute.
pub(crate) enum LdifValue {
    Text(String),
    Binary(Vec<u8>),
    /// The address of a value. It is not read.
    Address(String),
}

/// The attribute and the value in a line.
///
/// # Errors
/// If there is no colon, or the value is not the base64 that it should be.
pub(crate) fn parse_line(line: &str, number: usize) -> Result<(String, LdifValue), LdifFault> {
    let (name, rest) = line.split_once(':').ok_or(LdifFault::NoColon(number))?;
    let name = name.strip_suffix(";binary").unwrap_or(name);
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err(LdifFault::NoColon(number));
    }
    let value = if let Some(encoded) = rest.strip_prefix(':') {
        let damaged = |_| LdifFault::Base64 { attribute: name.to_owned(), line: number };
        let bytes = STANDARD.decode(encoded.trim()).map_err(damaged)?;
        String::from_utf8(bytes).map_or_else(|error| LdifValue::Binary(error.into_bytes()), LdifValue::Text)
    } else if let Some(address) = rest.strip_prefix('<') {
        LdifValue::Address(address.trim().to_owned())
    } else {
        LdifValue::Text(rest.trim_start_matches(' ').to_owned())
    };
    Ok((name.to_owned(), value))
}

impl LdifValue {
    /// Its text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) | Self::Address(_) => None,
        }
    }

    /// The value in a record; `None` if it is binary and has no place there.
    pub(crate) fn into_json(self, name: &str) -> Option<Value> {
        match self {
            Self::Text(text) => Some(text.into()),
            // An object, so that the address of a password is not taken for the password.
            Self::Address(address) => Some(json!({ "address": address })),
            Self::Binary(bytes) if name.eq_ignore_ascii_case("objectGUID") => {
                Some(mixed_endian(bytes.try_into().ok()?).into())
            }
            Self::Binary(_) => None,
        }
    }
}

/// The text of a UUID whose first three parts are little-endian, as Active Directory stores it.
fn mixed_endian(mut bytes: [u8; 16]) -> String {
    bytes[..4].reverse();
    bytes[4..6].reverse();
    bytes[6..8].reverse();
    let digits = hex::encode(bytes);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_active_directory_is_a_uuid() {
        let (name, value) = parse_line("objectGUID:: w87BgvVYDk2aUVofOwx9EQ==", 1).unwrap();
        assert_eq!(value.into_json(&name), Some(json!("82c1cec3-58f5-4d0e-9a51-5a1f3b0c7d11")));
    }

    #[test]
    fn a_damaged_line_is_named() {
        for (line, expected) in [
            ("garbage", "line 7: expected ATTRIBUTE: VALUE, or a space before the rest of the line above"),
            ("cn:: %%%", "line 7: cn is not base64, as :: says"),
        ] {
            assert_eq!(parse_line(line, 7).err().unwrap().to_string(), expected);
        }
    }
}
