//! Markers of locked passwords in the fields beside the password.

use crate::fields::field::Field;
use crate::naming::words;
use crate::report::no_password::NoPassword;
use crate::secrets::placeholders::no_password;

/// Last words of the names of fields that hold the state of a password. A marker in one locks the password.
const MARKED_WORDS: [&str; 8] =
    ["shadow", "password", "passwd", "pwd", "passwort", "crypt", "crypted", "hash"];

/// Words for a password that no longer counts.
const FORMER_WORDS: [&str; 6] = ["old", "previous", "last", "former", "history", "temp"];

/// A field beside the password that marks it, such as `shadow: "!"`, and whether the marker alone is a lock.
pub(crate) fn marker(field: &Field) -> Option<(String, bool)> {
    let words = words(&field.name);
    let is_about_the_password = words.last().is_some_and(|last| MARKED_WORDS.contains(&&**last))
        && !words.iter().any(|word| FORMER_WORDS.contains(&&**word));
    let text = field.value.as_str().filter(|_| is_about_the_password)?.trim();
    match no_password(text)? {
        NoPassword::Locked => Some((field.name.clone(), true)),
        NoPassword::Marker => Some((field.name.clone(), false)),
        _ => None,
    }
}
