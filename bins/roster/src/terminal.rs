//! Terminal input and output: data on stdout, everything else on stderr.

use std::io::{self, BufRead, ErrorKind, IsTerminal, Read, Write};
use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Context, bail};
use jiff::Timestamp;
use roster_config::ConfigErrors;
use zeroize::Zeroizing;

use crate::cli::PasswordSource;

/// The maximum number of bytes to read for a password from stdin; longer than any valid password.
const PASSWORD_LINE_LIMIT: u64 = 64 * 1024;

/// A path to replace in messages, and the path to show instead.
static SHOWN_PATH: OnceLock<(String, String)> = OnceLock::new();

/// Replaces `path` by `shown` in all further messages. Only the first call has an effect.
pub(crate) fn show_path_as(path: &Path, shown: &Path) {
    SHOWN_PATH.get_or_init(|| (path.display().to_string(), shown.display().to_string()));
}

/// Replaces the path set with [`show_path_as`] in the text.
pub(crate) fn with_shown_path(text: String) -> String {
    match SHOWN_PATH.get() {
        Some((path, shown)) => text.replace(path, shown),
        None => text,
    }
}

/// The absolute path in quotes, because the user may be in the wrong folder.
pub(crate) fn absolute(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    format!("\"{}\"", path.display())
}

/// Writes to stdout. A closed pipe, as with `head`, is not an error.
///
/// # Errors
/// If stdout cannot be written to for another reason.
pub(crate) fn print(text: impl AsRef<[u8]>) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_ref()).and_then(|()| stdout.flush());
    ignore_closed_pipe(written).context("cannot write to stdout")
}

/// Treats a closed pipe as success.
///
/// # Errors
/// All errors except [`ErrorKind::BrokenPipe`].
fn ignore_closed_pipe(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

/// Writes a line to stderr, with terminal control characters escaped. Ignores errors.
pub(crate) fn note(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", printable(line));
}

/// Prints an error to stderr on one line, or on one line per invalid setting.
pub(crate) fn report(error: &anyhow::Error) {
    for line in lines(error) {
        note(&format!("error: {line}"));
    }
}

/// Formats an error as one line, or as one line per invalid setting.
pub(crate) fn lines(error: &anyhow::Error) -> Vec<String> {
    match error.downcast_ref::<ConfigErrors>() {
        Some(errors) => errors.errors().iter().map(|error| one_line(&error.to_string())).collect(),
        None => vec![chain(error)],
    }
}

/// Formats an error and its causes as one line. Skips a cause that the line already contains.
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

/// Escapes all characters that control a terminal, change the text direction, or end a line.
pub(crate) fn printable(text: &str) -> String {
    let escaped =
        |c: char| if is_control_or_bidi(c) { c.escape_default().to_string() } else { c.to_string() };
    with_shown_path(text.chars().map(escaped).collect())
}

/// Like [`printable`], but keeps line breaks and tabs. The lines may come from a server that another user runs.
pub(crate) fn printable_lines(bytes: &[u8]) -> Vec<u8> {
    let is_layout = |c: char| matches!(c, '\n' | '\t');
    let escaped = |c: char| {
        if is_control_or_bidi(c) && !is_layout(c) { c.escape_default().to_string() } else { c.to_string() }
    };
    let mut shown = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        shown.extend(chunk.valid().chars().map(escaped).collect::<String>().into_bytes());
        // Part of a character that continues in the next chunk.
        shown.extend(chunk.invalid());
    }
    shown
}

/// Whether this is a control character, a mark or embedding of the bidirectional algorithm (UAX #9), or a line or
/// paragraph separator.
fn is_control_or_bidi(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}')
}

/// Prompts twice for a new password, without echo, or reads it from the first line of stdin.
///
/// # Errors
/// If the two passwords differ, there is no terminal, or the first line of stdin is empty.
pub(crate) fn new_password(source: &PasswordSource) -> anyhow::Result<String> {
    if source.stdin {
        return first_line(io::stdin().lock());
    }
    let ask = |prompt: &str| {
        let typed = rpassword::prompt_password(prompt).map(Zeroizing::new);
        typed.context("cannot prompt for a password without a terminal; use --password-stdin")
    };
    let (mut first, second) = (ask("New password: ")?, ask("Repeat the password: ")?);
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
        bail!("no password on stdin; its first line must be the password");
    }
    Ok(line)
}

/// Whether stderr is a terminal.
pub(crate) fn is_stderr_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Asks for confirmation.
///
/// # Errors
/// If there is no terminal, or the answer is not `yes`.
pub(crate) fn confirm(question: &str) -> anyhow::Result<()> {
    if !io::stdin().is_terminal() {
        bail!("there is no terminal for the confirmation; add --yes to skip it");
    }
    let mut stderr = io::stderr().lock();
    write!(stderr, "{} Type yes to continue: ", printable(question)).and_then(|()| stderr.flush())?;
    let mut typed = String::new();
    io::stdin().lock().take(16).read_line(&mut typed)?;
    if typed.trim() == "yes" { Ok(()) } else { bail!("nothing was changed") }
}

/// A number and what it counts: `1 user`, `2 users`.
pub(crate) fn counted(count: u64, one: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {one}{ending}")
}

/// Formats a time like the API: RFC 3339 in UTC with microseconds.
pub(crate) fn to_the_microsecond(time: Timestamp) -> String {
    format!("{time:.6}")
}

/// Formats a time for a table, without fractions of a second.
pub(crate) fn to_the_second(time: Timestamp) -> String {
    format!("{time:.0}")
}

/// Formats rows under headings, with aligned columns.
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
    fn terminal_control_characters_are_escaped_and_other_text_is_not() {
        assert_eq!(printable("a\u{1b}[2J\nb\u{9b}"), "a\\u{1b}[2J\\nb\\u{9b}");
        assert_eq!(printable("nimda\u{202e}\u{2066}\u{2069}"), "nimda\\u{202e}\\u{2066}\\u{2069}");
        assert_eq!(
            printable("\u{200e}\u{200f}\u{61c}\u{2028}\u{2029}"),
            "\\u{200e}\\u{200f}\\u{61c}\\u{2028}\\u{2029}"
        );
        assert_eq!(printable("Åsa שרה 👩\u{200d}💻"), "Åsa שרה 👩\u{200d}💻");
        assert_eq!(printable(&printable("\u{1b}")), "\\u{1b}", "escaped text does not change");
        assert_eq!(printable_lines(b"a\tb\n\x1b]0;x\x07\n"), b"a\tb\n\\u{1b}]0;x\\u{7}\n");
    }

    #[test]
    fn a_cause_that_the_error_already_contains_is_not_repeated() {
        let error = anyhow!("no room").context("cannot write: no room");
        assert_eq!(chain(&error), "cannot write: no room");
    }

    #[test]
    fn a_password_from_stdin_is_the_first_line_without_the_line_break() {
        assert_eq!(first_line(&b"two words \r\nmore"[..]).unwrap(), "two words ");
        assert_eq!(first_line(&b"no end"[..]).unwrap(), "no end");
        assert!(first_line(&b"\nsecond"[..]).is_err());
        assert!(first_line(&b""[..]).is_err());
    }

    #[test]
    fn one_thing_is_counted_in_the_singular() {
        assert_eq!(
            [0, 1, 2].map(|count| counted(count, "API key")),
            ["0 API keys", "1 API key", "2 API keys"]
        );
    }

    #[test]
    fn table_columns_are_aligned() {
        let rows = [["anna".to_owned(), "x".to_owned()], ["b".to_owned(), "y".to_owned()]];
        assert_eq!(table(["NAME", "ID"], &rows), "NAME  ID\nanna  x\nb     y\n");
    }
}
