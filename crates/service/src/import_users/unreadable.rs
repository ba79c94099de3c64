//! Why a whole file cannot be read.

use thiserror::Error;

/// Why no record of a file can be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum UnreadableFile {
    /// Nothing but white space.
    #[error("the file is empty")]
    Empty,
    /// UTF-16 (or UTF-32), by its byte order mark or its zero bytes.
    #[error("the file is UTF-16; convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)")]
    Utf16,
    /// Some other encoding. Line and column (in bytes) count from one.
    #[error("the file is not UTF-8: line {line} column {column}")]
    Encoding {
        /// On which line.
        line: usize,
        /// At which byte of the line.
        column: usize,
    },
    /// Neither one JSON document nor one JSON object a line.
    #[error("the file is not JSON: {reason}, line {line} column {column}{}", hint(*.looks_like))]
    Json {
        /// What is wrong.
        reason: String,
        /// On which line.
        line: usize,
        /// At which byte of the line.
        column: usize,
        /// The format that it seems to have.
        looks_like: Option<ForeignFormat>,
    },
    /// JSON that can hold no users.
    #[error("the file holds no users: they are expected in an object or an array")]
    NoUsers,
    /// Somebody wrote to it meanwhile.
    #[error("the file changed while it was read; run the import again")]
    Changed,
}

/// A format that an import does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignFormat {
    /// Statements of SQL.
    SqlDump,
    /// YAML.
    Yaml,
    /// Comma-separated values, or values separated by tabs or semicolons.
    Table,
    /// JSON rows that PostgreSQL's `\copy` wrote as text: with `\n` between them and backslashes doubled.
    CopiedJson,
    /// JSON with `NaN` or `Infinity`, as Python writes it.
    PythonNumbers,
}

impl UnreadableFile {
    /// The account of a syntax error; the beginning of the file gives the hint.
    pub(super) fn of_syntax(error: &serde_json::Error, head: &str) -> Self {
        let (reason, line, column) = describe(error);
        Self::Json { reason, line, column, looks_like: ForeignFormat::guess(head) }
    }
}

/// A fault of the parser without its own account of the place.
pub(super) fn describe(error: &serde_json::Error) -> (String, usize, usize) {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let reason = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text);
    (reason.to_owned(), line, column)
}

impl ForeignFormat {
    fn guess(head: &str) -> Option<Self> {
        let lines: Vec<&str> =
            head.lines().map(str::trim_end).filter(|line| !line.is_empty()).take(5).collect();
        let first = lines.first()?.trim_start();
        let begins = |words: &[&str]| words.iter().any(|word| first.to_ascii_uppercase().starts_with(word));
        if begins(&["--", "/*", "INSERT ", "CREATE ", "SET ", "COPY ", "PRAGMA ", "BEGIN"]) && first != "---"
        {
            return Some(Self::SqlDump);
        }
        if first.starts_with(['{', '[']) {
            let copied = head.contains("}\\n") || head.contains("\\n {") || head.contains("\\\\\"");
            let numbers = [": NaN", ":NaN", ": Infinity", ":Infinity", ": -Infinity"];
            return if copied {
                Some(Self::CopiedJson)
            } else {
                numbers.iter().any(|word| head.contains(word)).then_some(Self::PythonNumbers)
            };
        }
        let separated = [',', ';', '\t'].iter().any(|mark| {
            let cells = |line: &&str| line.matches(*mark).count();
            cells(&lines[0]) > 0 && lines.iter().all(|line| cells(line) >= cells(&lines[0]))
        });
        if separated {
            return Some(Self::Table);
        }
        let yaml = first == "---" || first.starts_with("- ") || first.ends_with(':') || first.contains(": ");
        yaml.then_some(Self::Yaml)
    }
}

fn hint(looks_like: Option<ForeignFormat>) -> &'static str {
    match looks_like {
        None => "",
        Some(ForeignFormat::SqlDump) => {
            "; it looks like an SQL dump: write JSON instead, with PostgreSQL \
             psql -AtXc \"select row_to_json(u) from users u\" > users.ndjson, with SQLite \
             sqlite3 -json app.db \"select * from users\" > users.json"
        }
        Some(ForeignFormat::Yaml) => {
            "; it looks like YAML: convert it first (yq -o json users.yaml > users.json)"
        }
        Some(ForeignFormat::Table) => {
            "; it looks like a table: convert it first, with a header as the first line \
             (mlr --icsv --ojson cat users.csv > users.json)"
        }
        Some(ForeignFormat::CopiedJson) => {
            "; it looks like rows that \\copy wrote, with doubled backslashes: write them with \
             psql -AtXc \"select row_to_json(u) from users u\" > users.ndjson"
        }
        Some(ForeignFormat::PythonNumbers) => {
            "; it holds NaN or Infinity, which are no JSON: write null instead (json.dumps(…, allow_nan=False) finds them)"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_format_is_recognised_by_its_beginning() {
        for (head, expected) in [
            ("-- MySQL dump\nINSERT INTO users", Some(ForeignFormat::SqlDump)),
            ("CREATE TABLE users (", Some(ForeignFormat::SqlDump)),
            ("---\n- name: ann", Some(ForeignFormat::Yaml)),
            ("users:\n  - name: ann", Some(ForeignFormat::Yaml)),
            ("id,username\n1,ann\n", Some(ForeignFormat::Table)),
            ("id\tusername\n1\tann\n", Some(ForeignFormat::Table)),
            ("[{\"a\":1}, \\n {\"a\":2}]", Some(ForeignFormat::CopiedJson)),
            ("[{\"a\": NaN}]", Some(ForeignFormat::PythonNumbers)),
            ("{\"a\": }", None),
            ("garbage", None),
        ] {
            assert_eq!(ForeignFormat::guess(head), expected, "{head}");
        }
    }
}
