//! Usernames, adapted or generated where the record has no valid one.

use crate::report::note::Note;
use roster_domain::{EmailAddress, Username, UsernameError};

/// The username that a record asks for.
#[derive(Clone, Debug)]
pub struct ProposedUsername {
    /// The username, if it is free.
    pub base: Username,
    /// Where it comes from.
    pub origin: UsernameOrigin,
}

/// Where a proposed username comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsernameOrigin {
    /// The record has exactly this username.
    Verbatim,
    /// The record's username was invalid and was changed.
    Adapted,
    /// The record has no username; this is the local part of its email address.
    FromEmail,
}

impl ProposedUsername {
    /// The usernames that the person may get, in order of preference. A verbatim username has no alternatives. A changed
    /// one may get a number; a generated one may get the domain of the address first.
    #[must_use]
    pub fn candidates(&self, email: Option<&EmailAddress>) -> Vec<Username> {
        const NUMBERS: std::ops::RangeInclusive<u8> = 2..=9;
        let base = self.base.as_str();
        let mut candidates = vec![self.base.clone()];
        if self.origin == UsernameOrigin::FromEmail {
            let domain = email.and_then(|email| email.as_str().rsplit_once('@')).map(|(_, domain)| domain);
            candidates.extend(domain.and_then(|domain| Username::new(format!("{base}.{domain}")).ok()));
        }
        if self.origin != UsernameOrigin::Verbatim {
            candidates.extend(NUMBERS.filter_map(|number| Username::new(format!("{base}.{number}")).ok()));
        }
        candidates
    }
}

/// The nearest valid username: white space around it is removed, and invalid characters become dots.
///
/// # Errors
/// If that is not a valid username either.
pub(crate) fn adapt(raw: &str, notes: &mut Vec<Note>) -> Result<ProposedUsername, UsernameError> {
    let text = raw.trim();
    if text.len() < raw.len() {
        notes.push(Note::UsernameTrimmed);
    }
    let error = match Username::new(text) {
        Ok(base) => {
            let origin =
                if text.len() < raw.len() { UsernameOrigin::Adapted } else { UsernameOrigin::Verbatim };
            return Ok(ProposedUsername { base, origin });
        }
        Err(error) => error,
    };
    // Replacing characters by dots does not make a username shorter.
    if text.chars().nth(Username::MAX_LEN).is_some() {
        return Err(error);
    }
    let mut replaced = Vec::new();
    let dotted: String = text.chars().map(|char| or_dot(char, &mut replaced)).collect();
    let base = Username::new(dotted).map_err(|_| error)?;
    notes.push(Note::UsernameReplaced(replaced));
    Ok(ProposedUsername { base, origin: UsernameOrigin::Adapted })
}

/// How many of the replaced characters a note lists.
const MAX_NAMED_CHARS: usize = 10;

fn or_dot(char: char, replaced: &mut Vec<char>) -> char {
    if Username::new(char).is_ok() {
        return char;
    }
    if replaced.len() < MAX_NAMED_CHARS && !replaced.contains(&char) {
        replaced.push(char);
    }
    '.'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlong_username_is_refused_at_once() {
        let letters: String = ('\u{4e00}'..='\u{9fff}').flat_map(|letter| [letter, ' ']).collect();
        let error = adapt(&letters.repeat(100), &mut Vec::new()).err();
        assert_eq!(error, Some(UsernameError::TooLong));
    }

    #[test]
    fn all_invalid_characters_are_replaced_and_ten_are_reported() {
        let mut notes = Vec::new();
        let raw: String = "✀✁✂✃✄✅✆✇✈✉✊✋".chars().chain("ann".chars()).collect();
        let made = adapt(&raw, &mut notes).unwrap();
        assert_eq!(made.base.as_str(), "............ann");
        assert!(matches!(&*notes, [Note::UsernameReplaced(chars)] if chars.len() == 10), "{notes:?}");
    }

    #[test]
    fn only_a_changed_or_generated_username_has_alternatives() {
        let email = EmailAddress::new("info@b.example").unwrap();
        let names = |origin| {
            let proposed = ProposedUsername { base: Username::new("info").unwrap(), origin };
            let candidates = proposed.candidates(Some(&email));
            candidates.iter().take(3).map(|name| name.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(UsernameOrigin::Verbatim), ["info"]);
        assert_eq!(names(UsernameOrigin::FromEmail), ["info", "info.b.example", "info.2"]);
        assert_eq!(names(UsernameOrigin::Adapted), ["info", "info.2", "info.3"]);
    }
}
