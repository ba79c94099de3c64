//! How the names of fields are compared, whatever their case and separators.

/// A name in lower case without separators: `password_hash` and `passwordHash` are the same.
pub(crate) fn normalized(name: &str) -> String {
    let mut normalized = String::with_capacity(name.len());
    for char in name.chars().filter(|char| !matches!(char, '_' | '-' | ' ')) {
        push_lowercase(&mut normalized, char);
    }
    normalized
}

/// The words of a name in snake, kebab or camel case, in lower case.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for char in name.chars() {
        let begins = !char.is_alphanumeric() || (char.is_uppercase() && after_lower);
        if begins && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| char.is_alphanumeric()) {
            push_lowercase(word, char);
        }
        after_lower = !char.is_uppercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Most names are ASCII, for which this is several times as fast as the rules of Unicode.
fn push_lowercase(text: &mut String, char: char) {
    if char.is_ascii() {
        text.push(char.to_ascii_lowercase());
    } else {
        text.extend(char.to_lowercase());
    }
}
