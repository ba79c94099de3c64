//! What people see: data on stdout, everything else on stderr.

use std::io::{self, BufRead, ErrorKind, IsTerminal, Read, Write};
use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Context, bail};
use jiff::Timestamp;
use roster_config::ConfigErrors;
use zeroize::Zeroizing;

use crate::cli::PasswordSource;

/// The most bytes of a password that are read from stdin; more than any password has.
const PASSWORD_LINE_LIMIT: u64 = 64 * 1024;

/// A path that people know by another name.
static SHOWN_PATH: OnceLock<(String, String)> = OnceLock::new();

/// Shows `path` in every message as `shown`, from now on. The first call counts.
pub(crate) fn show_path_as(path: &Path, shown: &Path) {
    SHOWN_PATH.get_or_init(|| (path.display().to_string(), shown.display().to_string()));
}

/// The text with that path as people know it.
pub(crate) fn with_shown_path(text: String) -> String {
    match SHOWN_PATH.get() {
        Some((path, shown)) => text.replace(path, shown),
        None => text,
    }
}

/// Writes to stdout. That its reader has gone, as `head` does, is no failure.
///
/// # Errors
/// Whatever else keeps stdout from being written.
pub(crate) fn print(text: impl AsRef<[u8]>) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_ref()).and_then(|()| stdout.flush());
    unless_closed(written).context("cannot write to stdout")
}

/// The same result, but that a reader has gone counts as having been read.
///
/// # Errors
/// All but [`ErrorKind::BrokenPipe`].
pub(crate) fn unless_closed(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

/// Writes a line to stderr, if anyone listens there. What could steer a terminal is escaped, whoever says it.
pub(crate) fn note(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", printable(line));
}

/// Tells of a failure on stderr: one line, but for settings, of which every fault has its own.
pub(crate) fn report(error: &anyhow::Error) {
    for line in lines(error) {
        note(&format!("error: {line}"));
    }
}

/// The error in one line; for settings, one for each fault.
pub(crate) fn lines(error: &anyhow::Error) -> Vec<String> {
    match error.downcast_ref::<ConfigErrors>() {
        Some(errors) => errors.errors().iter().map(|error| one_line(&error.to_string())).collect(),
        None => vec![chain(error)],
    }
}

/// The error and its causes in one line. A cause whose words are there already is not repeated.
pub(crate) fn chain(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !line.contains(&cause) {
            let separator = if line.is_empty() { "" } else { ": " };
            line = format!("{line}{separator}{cause}");
        }
    }
    one_line(&line)
}

fn one_line(text: &str) -> String {
    printable(&text.lines().map(str::trim).collect::<Vec<_>>().join(" "))
}

/// The text with every character escaped that steers a terminal, changes the direction of what follows, or ends a line.
pub(crate) fn printable(text: &str) -> String {
    let escaped = |c: char| if is_steering(c) { c.escape_default().to_string() } else { c.to_string() };
    with_shown_path(text.chars().map(escaped).collect())
}

/// The same for several lines of a table or a document. Whoever sends them may be a server of somebody else.
pub(crate) fn printable_lines(bytes: &[u8]) -> Vec<u8> {
    let is_layout = |c: char| matches!(c, '\n' | '\t');
    let escaped = |c: char| {
        if is_steering(c) && !is_layout(c) { c.escape_default().to_string() } else { c.to_string() }
    };
    let mut shown = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        shown.extend(chunk.valid().chars().map(escaped).collect::<String>().into_bytes());
        // A character that goes on in the next piece.
        shown.extend(chunk.invalid());
    }
    shown
}

/// Control characters, marks and embeddings of the bidirectional algorithm (UAX #9), and the separators of lines and
/// paragraphs.
fn is_steering(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}')
}

/// Asks for a new password twice, without echo, or reads it from the first line of stdin.
///
/// # Errors
/// If the two differ, if there is no terminal to ask on, or if stdin holds none.
pub(crate) fn new_password(source: &PasswordSource) -> anyhow::Result<String> {
    if source.stdin {
        return first_line(io::stdin().lock());
    }
    let ask = |prompt: &str| {
        let typed = rpassword::prompt_password(prompt).map(Zeroizing::new);
        typed.context("cannot ask for a password without a terminal; use --password-stdin")
    };
    let (mut first, second) = (ask("New password: ")?, ask("The same again: ")?);
    if first != second {
        bail!("the two passwords differ; nothing was changed");
    }
    Ok(std::mem::take(&mut *first))
}

fn first_line(input: impl BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    input.take(PASSWORD_LINE_LIMIT).read_line(&mut line).context("cannot read the password from stdin")?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    if line.is_empty() {
        bail!("stdin holds no password; its first line must be the password");
    }
    Ok(line)
}

/// Whether a person looks at stderr.
pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Asks whether to go on.
///
/// # Errors
/// If there is nobody to ask, or they do not say `yes`.
pub(crate) fn confirm(question: &str) -> anyhow::Result<()> {
    if !io::stdin().is_terminal() {
        bail!("there is no terminal to ask on; say --yes if you mean it");
    }
    let mut stderr = io::stderr().lock();
    write!(stderr, "{} Type yes: ", printable(question)).and_then(|()| stderr.flush())?;
    let mut typed = String::new();
    io::stdin().lock().take(16).read_line(&mut typed)?;
    if typed.trim() == "yes" { Ok(()) } else { bail!("nothing was changed") }
}

/// A time as the API writes it: RFC 3339 in UTC with microseconds.
pub(crate) fn to_the_microsecond(time: Timestamp) -> String {
    format!("{time:.6}")
}

/// A time in a table, without its fractions.
pub(crate) fn to_the_second(time: Timestamp) -> String {
    format!("{time:.0}")
}

/// Rows under headings, in columns that line up.
pub(crate) fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = headings.map(str::len);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: [&str; N]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("{}\n", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    let rows = rows.iter().map(|row| line(row.each_ref().map(String::as_str)));
    std::iter::once(line(headings)).chain(rows).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn an_error_is_one_line_with_its_causes() {
        let error = anyhow!("no\nroom").context("cannot write \u{1b}[2J");
        assert_eq!(chain(&error), "cannot write \\u{1b}[2J: no room");
    }

    #[test]
    fn what_steers_a_terminal_is_escaped_and_other_text_is_not() {
        assert_eq!(printable("a\u{1b}[2J\nb\u{9b}"), "a\\u{1b}[2J\\nb\\u{9b}");
        assert_eq!(printable("nimda\u{202e}\u{2066}\u{2069}"), "nimda\\u{202e}\\u{2066}\\u{2069}");
        assert_eq!(
            printable("\u{200e}\u{200f}\u{61c}\u{2028}\u{2029}"),
            "\\u{200e}\\u{200f}\\u{61c}\\u{2028}\\u{2029}"
        );
        assert_eq!(printable("Åsa שרה 👩\u{200d}💻"), "Åsa שרה 👩\u{200d}💻");
        assert_eq!(printable(&printable("\u{1b}")), "\\u{1b}", "what is escaped stays as it is");
        assert_eq!(printable_lines(b"a\tb\n\x1b]0;x\x07\n"), b"a\tb\n\\u{1b}]0;x\\u{7}\n");
    }

    #[test]
    fn a_cause_that_its_error_has_told_is_not_repeated() {
        let error = anyhow!("no room").context("cannot write: no room");
        assert_eq!(chain(&error), "cannot write: no room");
    }

    #[test]
    fn a_password_from_stdin_is_the_first_line_without_its_end() {
        assert_eq!(first_line(&b"two words \r\nmore"[..]).unwrap(), "two words ");
        assert_eq!(first_line(&b"no end"[..]).unwrap(), "no end");
        assert!(first_line(&b"\nsecond"[..]).is_err());
        assert!(first_line(&b""[..]).is_err());
    }

    #[test]
    fn columns_line_up() {
        let rows = [["anna".to_owned(), "x".to_owned()], ["b".to_owned(), "y".to_owned()]];
        assert_eq!(table(["NAME", "ID"], &rows), "NAME  ID\nanna  x\nb     y\n");
    }
}
