//! Usernames that an import makes.

use super::note::Note;
use roster_domain::{EmailAddress, Username, UsernameError};

/// A username as a record suggests it.
#[derive(Clone, Debug)]
pub(super) struct ProposedUsername {
    pub(super) base: Username,
    pub(super) origin: UsernameOrigin,
}

/// Whose choice a username is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UsernameOrigin {
    /// The record has it so.
    Typed,
    /// The record has it with characters that were replaced.
    Adapted,
    /// The record has none: it is the first part of the address.
    FromEmail,
}

impl ProposedUsername {
    /// The usernames that the person may get, the first one that is free. One that the record has is the only one; one
    /// that was made gives way to others: with the domain of the address, then with a number.
    pub(super) fn candidates(&self, email: Option<&EmailAddress>) -> Vec<Username> {
        const NUMBERS: std::ops::RangeInclusive<u8> = 2..=9;
        let base = self.base.as_str();
        let mut candidates = vec![self.base.clone()];
        if self.origin == UsernameOrigin::FromEmail {
            let domain = email.and_then(|email| email.as_str().rsplit_once('@')).map(|(_, domain)| domain);
            candidates.extend(domain.and_then(|domain| Username::new(format!("{base}.{domain}")).ok()));
        }
        if self.origin != UsernameOrigin::Typed {
            candidates.extend(NUMBERS.filter_map(|number| Username::new(format!("{base}.{number}")).ok()));
        }
        candidates
    }
}

/// The nearest username: white space around it left out, each character that may not be there a dot.
///
/// # Errors
/// If no username can be made of it.
pub(super) fn adapted(typed: &str, notes: &mut Vec<Note>) -> Result<ProposedUsername, UsernameError> {
    let text = typed.trim();
    if text.len() < typed.len() {
        notes.push(Note::UsernameTrimmed);
    }
    let fault = match Username::new(text) {
        Ok(base) => {
            let origin =
                if text.len() < typed.len() { UsernameOrigin::Adapted } else { UsernameOrigin::Typed };
            return Ok(ProposedUsername { base, origin });
        }
        Err(fault) => fault,
    };
    // A dot for each character makes nothing shorter.
    if text.chars().nth(Username::MAX_LEN).is_some() {
        return Err(fault);
    }
    let mut replaced = Vec::new();
    let dotted: String = text.chars().map(|char| or_dot(char, &mut replaced)).collect();
    let base = Username::new(dotted).map_err(|_| fault)?;
    notes.push(Note::UsernameReplaced(replaced));
    Ok(ProposedUsername { base, origin: UsernameOrigin::Adapted })
}

/// How many replaced characters a note tells.
const MOST_TOLD: usize = 10;

fn or_dot(char: char, replaced: &mut Vec<char>) -> char {
    if Username::new(char).is_ok() {
        return char;
    }
    if replaced.len() < MOST_TOLD && !replaced.contains(&char) {
        replaced.push(char);
    }
    '.'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_username_is_refused_before_its_characters_are_looked_at() {
        let signs: String = ('\u{4e00}'..='\u{9fff}').flat_map(|sign| [sign, ' ']).collect();
        let fault = adapted(&signs.repeat(100), &mut Vec::new()).err();
        assert_eq!(fault, Some(UsernameError::TooLong));
    }

    #[test]
    fn ten_replaced_characters_are_told_and_all_are_replaced() {
        let mut notes = Vec::new();
        let typed: String = "✀✁✂✃✄✅✆✇✈✉✊✋".chars().chain("ann".chars()).collect();
        let made = adapted(&typed, &mut notes).unwrap();
        assert_eq!(made.base.as_str(), "............ann");
        assert!(matches!(&*notes, [Note::UsernameReplaced(message)] if message.len() == 10), "{notes:?}");
    }

    #[test]
    fn a_made_up_name_gives_way_and_one_of_the_record_does_not() {
        let email = EmailAddress::new("info@b.example").unwrap();
        let names = |origin| {
            let proposed = ProposedUsername { base: Username::new("info").unwrap(), origin };
            let candidates = proposed.candidates(Some(&email));
            candidates.iter().take(3).map(|name| name.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(UsernameOrigin::Typed), ["info"]);
        assert_eq!(names(UsernameOrigin::FromEmail), ["info", "info.b.example", "info.2"]);
        assert_eq!(names(UsernameOrigin::Adapted), ["info", "info.2", "info.3"]);
    }
}
