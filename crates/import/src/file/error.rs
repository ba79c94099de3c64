//! Why a whole file cannot be read, with advice about common formats that are not supported.

use crate::format::file_format::FileFormat;
use crate::format::problem::FormatProblem;
use crate::format::shadow::is_passwd;
use roster_auth::password::{PepperError, PepperScheme};
use std::io;
use thiserror::Error;

/// Why no record of a file can be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum UnreadableFile {
    /// The file is blank.
    #[error("the file is empty")]
    Empty,
    /// The file is UTF-16 or UTF-32, by its byte order mark or its zero bytes.
    #[error("the file is UTF-16; convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)")]
    Utf16,
    /// The file has another encoding. Line and column (in bytes) count from one.
    #[error(
        "the file is not UTF-8: line {line} column {column}; convert it first (iconv -f WINDOWS-1252 -t UTF-8)"
    )]
    Encoding {
        /// The line.
        line: usize,
        /// The byte of the line.
        column: usize,
    },
    /// The file is neither a JSON document nor one JSON object per line.
    #[error("the file is not JSON: {reason}, line {line} column {column}{}", hint(*.looks_like))]
    Json {
        /// The parser's message.
        reason: String,
        /// The line.
        line: usize,
        /// The byte of the line.
        column: usize,
        /// The format that the file appears to have.
        looks_like: Option<ForeignFormat>,
    },
    /// The file is damaged, or not what its format requires.
    #[error("the file cannot be read as {format}: line {line}: {problem}")]
    Damaged {
        /// The format.
        format: FileFormat,
        /// The line.
        line: usize,
        /// What is wrong, and what to do.
        problem: FormatProblem,
    },
    /// The file is JSON, but not an object or an array.
    #[error("the file holds no users: they are expected in an object or an array")]
    NoUsers,
    /// One of several files cannot be read.
    #[error("{file}: {problem}")]
    InFile {
        /// The name of the file.
        file: String,
        /// Why it cannot be read.
        problem: Box<UnreadableFile>,
    },
    /// No record has the column of a mapping.
    #[error("no record has the column of --map {mapping}; --explain lists the columns")]
    NoColumn {
        /// The mapping.
        mapping: String,
    },
    /// The settings do not have a pepper of the options.
    #[error("{}", about_pepper(*.0))]
    Pepper(PepperError),
    /// A compressed file that is damaged or cut off.
    #[error("the {format} file is damaged or cut off; copy or export it again")]
    Compressed {
        /// How it is compressed.
        format: &'static str,
    },
    /// A compressed file that is too large when expanded.
    #[error("the compressed file expands to more than {} MiB; split it", .max >> 20)]
    ExpandsTooFar {
        /// The limit in bytes.
        max: u64,
    },
    /// More records than the import takes.
    #[error("there are more than {max} records; divide the import")]
    TooManyRecords {
        /// The limit.
        max: usize,
    },
    /// A file that is not text.
    #[error("the file is {0}")]
    Binary(&'static str),
    /// Several documents in a row, each with a list of records.
    #[error(
        "the file is several JSON documents, each with a list; join the lists (jq -c '.users[]' FILE | roster import -)"
    )]
    SeveralLists,
    /// An export of phpMyAdmin without a table of users, with the names of its tables.
    #[error("none of the tables {} is called like one of users; export the table of users alone", .tables.join(", "))]
    NoTable {
        /// The names of its tables.
        tables: Vec<String>,
    },
    /// A table of columns that is damaged.
    #[error(
        "the file is no table by columns; write records (df.to_json(path, orient=\"records\", lines=True))"
    )]
    Columns,
    /// A table of columns that does not fit into memory.
    #[error(
        "the file has one object for each column and more than {} MiB; write records instead \
         (df.to_json(path, orient=\"records\", lines=True))",
        crate::limits::MAX_COLUMNAR_BYTES >> 20
    )]
    ColumnsTooLarge,
    /// Another program wrote to the file while it was read.
    #[error("the file changed while it was read; run the import again")]
    Changed,
}

/// Why reading a file ended early.
#[derive(Debug, Error)]
pub enum ReadError {
    /// No record can be read.
    #[error(transparent)]
    Unreadable(#[from] UnreadableFile),
    /// The operating system reported an error.
    #[error("the file cannot be read")]
    Io(#[source] io::Error),
}

impl ReadError {
    /// The same error about one of several files; unchanged without the name of a file.
    pub(crate) fn in_file(self, file: Option<&str>) -> Self {
        match (self, file) {
            (Self::Unreadable(problem), Some(file)) => {
                UnreadableFile::InFile { file: file.to_owned(), problem: Box::new(problem) }.into()
            }
            (error, _) => error,
        }
    }
}

impl From<io::Error> for ReadError {
    /// A reader below reports an unreadable file inside an error of the operating system.
    fn from(error: io::Error) -> Self {
        match error.downcast::<UnreadableFile>() {
            Ok(unreadable) => Self::Unreadable(unreadable),
            Err(error) => Self::Io(error),
        }
    }
}

/// A format that the import does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignFormat {
    /// SQL statements.
    SqlDump,
    /// YAML.
    Yaml,
    /// The accounts of a Unix system without their passwords.
    Passwd,
    /// Rows of JSON that PostgreSQL's `\copy` wrote as text: with a literal `\n` between them and doubled backslashes.
    CopiedJson,
    /// JSON with `NaN` or `Infinity`, as Python writes it.
    PythonNumbers,
}

impl UnreadableFile {
    /// The error for invalid JSON. The start of the file tells which format it appears to have.
    pub(crate) fn of_syntax(error: &serde_json::Error, head: &str) -> Self {
        let (reason, line, column) = split_position(error);
        Self::Json { reason, line, column, looks_like: ForeignFormat::guess(head) }
    }
}

/// The parser's message without the position, then line and column.
pub(crate) fn split_position(error: &serde_json::Error) -> (String, usize, usize) {
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
        if is_passwd(first) {
            return Some(Self::Passwd);
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
        Some(ForeignFormat::Passwd) => {
            "; it looks like /etc/passwd, which has no passwords: import /etc/shadow"
        }
        Some(ForeignFormat::CopiedJson) => {
            "; it looks like rows that \\copy wrote, with doubled backslashes: write them with \
             psql -AtXc \"select row_to_json(u) from users u\" > users.ndjson"
        }
        Some(ForeignFormat::PythonNumbers) => {
            "; it contains NaN or Infinity, which JSON does not allow: write null instead (json.dumps(…, allow_nan=False) finds them)"
        }
    }
}

fn about_pepper(error: PepperError) -> String {
    let setting = |scheme| match scheme {
        PepperScheme::FlaskSecurity => "migration.flask_security_salt",
        _ => "migration.devise_pepper",
    };
    match error {
        PepperError::Missing(scheme) => format!(
            "{} is not set; set it to the text in the file and restart the server, because the first login of each \
             of these people needs it",
            setting(scheme)
        ),
        PepperError::Other(scheme) => format!("{} is another text than the one in the file", setting(scheme)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unsupported_format_is_recognised_by_its_start() {
        for (head, expected) in [
            ("-- MySQL dump\nINSERT INTO users", Some(ForeignFormat::SqlDump)),
            ("CREATE TABLE users (", Some(ForeignFormat::SqlDump)),
            ("---\n- name: ann", Some(ForeignFormat::Yaml)),
            ("users:\n  - name: ann", Some(ForeignFormat::Yaml)),
            ("root:x:0:0:root:/root:/bin/bash\n", Some(ForeignFormat::Passwd)),
            ("[{\"a\":1}, \\n {\"a\":2}]", Some(ForeignFormat::CopiedJson)),
            ("[{\"a\": NaN}]", Some(ForeignFormat::PythonNumbers)),
            ("{\"a\": }", None),
            ("garbage", None),
        ] {
            assert_eq!(ForeignFormat::guess(head), expected, "{head}");
        }
    }
}
