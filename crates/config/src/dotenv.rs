//! `.env` files.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::iter::Peekable;
use std::path::Path;
use std::str::CharIndices;

use crate::SettingError;

const BAD_LINE: &str = "must be NAME=value; put a value with spaces, quotes or `$` in single quotes";

/// The variables that a `.env` file sets; the last one wins if a name comes twice. `is_set` reports whether the
/// environment has a variable with this name.
///
/// A line that cannot be parsed is an error, and so is a `$` that names no variable: dotenvy would drop it, and a
/// password with a `$` would lose a part. Errors never repeat a value, which may be a secret.
pub(crate) fn parse(
    path: &Path,
    text: &str,
    is_set: impl Fn(&str) -> bool,
    errors: &mut Vec<SettingError>,
) -> Vec<(OsString, OsString)> {
    let mut variables: Vec<(OsString, OsString)> = Vec::new();
    let text = text.trim_start_matches('\u{feff}');
    let mut fault =
        |line, message| errors.push(SettingError::Syntax { path: path.to_owned(), line, message });
    let mut is_readable = true;
    for item in dotenvy::from_read_iter(text.as_bytes()) {
        match item {
            Ok((name, value)) => {
                variables.retain(|(known, _)| *known != *name);
                variables.push((name.into(), value.into()));
                continue;
            }
            Err(dotenvy::Error::LineParse(content, _)) => {
                fault(line_with(text, &content), BAD_LINE.to_owned());
            }
            Err(error) => fault(1, error.to_string()),
        }
        is_readable = false;
    }
    // After a broken line, the following ones cannot be interpreted reliably.
    if is_readable {
        for (line, name) in Scanner::new(text).unresolved(is_set) {
            fault(line, unresolved(&name));
            // The truncated value would cause a second error.
            variables.retain(|(known, _)| *known != *name);
        }
    }
    variables
}

fn unresolved(name: &str) -> String {
    format!(
        "the value of {name} has a `$` that names no variable; to keep it, use single quotes: {name}='…'; to insert a \
         variable that is set in the environment or on an earlier line, write ${{NAME}}"
    )
}

/// The line, from 1, where `content` begins.
fn line_with(text: &str, content: &str) -> usize {
    line_of(text, text.find(content.trim_end()).unwrap_or(0))
}

/// The line, from 1, of this position.
fn line_of(text: &str, place: usize) -> usize {
    text.as_bytes().iter().take(place).filter(|byte| **byte == b'\n').count() + 1
}

/// Scans a file that dotenvy has read without an error, to find the variables that it has inserted.
struct Scanner<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
}

/// The quoting state while a value is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, rest: text.char_indices().peekable() }
    }

    /// Each variable whose value has a `$` that names no variable, with the line of the first such `$`.
    fn unresolved(mut self, is_set: impl Fn(&str) -> bool) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        let mut defined = BTreeSet::new();
        while let Some(name) = self.name() {
            let references = self.references();
            let is_known = |reference: &&(usize, &str)| defined.contains(reference.1) || is_set(reference.1);
            if let Some((place, _)) = references.iter().find(|reference| !is_known(reference)) {
                found.push((line_of(self.text, *place), name.to_owned()));
            }
            defined.insert(name);
        }
        found
    }

    /// The name before the next `=`, skipping empty lines and comments.
    fn name(&mut self) -> Option<&'a str> {
        loop {
            self.skip_while(char::is_whitespace);
            let (start, first) = self.rest.peek().copied()?;
            let end = self.skip_while(|c| c != '\n' && (c != '=' || first == '#'));
            if first != '#' {
                self.rest.next();
                return self.text.get(start..end)?.split_whitespace().last();
            }
        }
    }

    /// The names after each unquoted `$`, up to the end of the value. A `$` without a name has an empty one, and so
    /// has a name that dotenvy would cut at an underscore.
    fn references(&mut self) -> Vec<(usize, &'a str)> {
        let (mut references, mut quotes, mut before) = (Vec::new(), Quotes::None, ' ');
        while let Some((place, c)) = self.rest.next() {
            match (quotes, c) {
                (Quotes::None, '\n') => break,
                (Quotes::None, '#') if before.is_whitespace() => {
                    self.skip_while(|c| c != '\n');
                }
                (Quotes::Single, '\'') | (Quotes::Double, '"') => quotes = Quotes::None,
                (Quotes::None, '\'') => quotes = Quotes::Single,
                (Quotes::None, '"') => quotes = Quotes::Double,
                (Quotes::None | Quotes::Double, '\\') => {
                    self.rest.next();
                }
                (Quotes::None | Quotes::Double, '$') => references.push((place, self.reference())),
                _ => {}
            }
            before = c;
        }
        references
    }

    fn reference(&mut self) -> &'a str {
        let braces = self.rest.next_if(|(_, c)| *c == '{').is_some();
        let start = self.place();
        let end = self.skip_while(|c| if braces { c != '}' } else { c.is_alphanumeric() || c == '_' });
        let name = self.text.get(start..end).unwrap_or_default();
        if !braces && name.contains('_') { "" } else { name }
    }

    fn skip_while(&mut self, fits: impl Fn(char) -> bool) -> usize {
        while self.rest.next_if(|(_, c)| fits(*c)).is_some() {}
        self.place()
    }

    fn place(&mut self) -> usize {
        self.rest.peek().map_or(self.text.len(), |(place, _)| *place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rejected lines, with only `HOME` in the environment.
    fn rejected(text: &str) -> Vec<usize> {
        let mut errors = Vec::new();
        let _ = parse(Path::new(".env"), text, |name| name == "HOME", &mut errors);
        let line = |fault: &SettingError| match fault {
            SettingError::Syntax { line, .. } => *line,
            other => panic!("{other}"),
        };
        errors.iter().map(line).collect()
    }

    #[test]
    fn a_dollar_that_names_no_variable_is_rejected() {
        for value in [
            "pa$word",
            "$word",
            "\"pa$word\"x",
            "${NOWHERE}",
            "a$",
            "a$-b",
            "a$$b",
            "$2b$12$abc",
            "$HOME_1",
            "${}",
            "x # y\nA=$z",
            "\"a\nb\"$c",
            "$LATER\nLATER=1",
            "'a'$b",
            "\\\\$b",
            "x#y$z",
            "$HOME$x",
        ] {
            assert_eq!(rejected(&format!("A={value}\n")).len(), 1, "{value}");
        }
        assert_eq!(rejected("# $x\n\nexport A = 'x'\nB=\"x\ny$z w\"x\nC=$y\n"), [5, 6]);
    }

    #[test]
    fn a_dollar_in_single_quotes_or_escaped_or_of_a_known_variable_is_accepted() {
        for value in [
            "'pa$word'",
            "'a'\"b\"'$c'",
            "pa\\$word",
            "\"pa\\$word\"",
            "${HOME}/x",
            "$HOME/x",
            "x # $y",
            "x #$y",
            "",
            "1\nB=$A",
            "1\nB=${A}_x\nC_D=2\nE=${C_D}",
            "'a\n$b'",
            "1\n  # it's $x\nB=2",
        ] {
            assert_eq!(rejected(&format!("A={value}\n")), [0; 0], "{value}");
        }
    }

    #[test]
    fn an_error_names_the_variable_and_the_fix_but_not_the_value() {
        let mut errors = Vec::new();
        let left = parse(Path::new(".env"), "X=1\nJWT_SECRET=abc$tr0ng\n", |_| false, &mut errors);
        assert_eq!(left, [("X".into(), "1".into())]);
        let message = errors[0].to_string();
        assert!(message.starts_with(".env line 2: ") && message.contains("JWT_SECRET='…'"), "{message}");
        assert!(!message.contains("tr0ng") && !message.contains("abc"), "{message}");
    }
}
