//! Statements whose text is known beforehand, with the columns of rows filled in.

use std::sync::OnceLock;

use crate::rows::{AccountRow, AuditRow, KeyRow, SessionRow, UserRow};

/// A statement. In its template, `{users}`, `{sessions}`, `{accounts}`, `{keys}` and `{audit}` stand for the columns that
/// the rows read, of a table called `u`, `s`, `a`, `k` or `a`; `{users:written}` and so on for all columns that they
/// write; and `{users:insert}` and so on for `(columns) VALUES ($1, …)` of the latter.
#[derive(Debug)]
pub struct Sql {
    template: &'static str,
    text: OnceLock<String>,
}

impl Sql {
    /// A statement with this template.
    #[must_use]
    pub const fn new(template: &'static str) -> Self {
        Self { template, text: OnceLock::new() }
    }

    /// The text, which is put together once.
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| {
            let audit = [&[AuditRow::POSITION][..], &AuditRow::COLUMNS].concat();
            let rows: [(&str, &str, Vec<&str>, &[&str]); 5] = [
                ("users", "u", UserRow::COLUMNS.to_vec(), &UserRow::DERIVED),
                ("sessions", "s", SessionRow::COLUMNS.to_vec(), &SessionRow::DERIVED),
                ("accounts", "a", AccountRow::COLUMNS.to_vec(), &[]),
                ("keys", "k", KeyRow::COLUMNS.to_vec(), &[]),
                ("audit", "a", audit, &[]),
            ];
            rows.iter().fold(self.template.to_owned(), |text, (name, table, columns, derived)| {
                let of_table = |columns: &[&str]| {
                    columns.iter().map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ")
                };
                let written = [columns, *derived].concat();
                let places: Vec<_> = (1..=written.len()).map(|at| format!("${at}")).collect();
                let insert = format!("({}) VALUES ({})", written.join(", "), places.join(", "));
                text.replace(&format!("{{{name}}}"), &of_table(columns))
                    .replace(&format!("{{{name}:written}}"), &of_table(&written))
                    .replace(&format!("{{{name}:insert}}"), &insert)
            })
        })
    }
}

/// Defines statements, and for tests the list `ALL` of them, so that each can be prepared.
///
/// ```
/// # use roster_storage_sql::{Sql, statements};
/// statements! {
///     /// The user with this id.
///     USER = "SELECT {users} FROM users u WHERE u.id = $1";
/// }
/// assert!(USER.text().starts_with("SELECT u.id, u.username, "));
/// ```
#[macro_export]
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $template:expr;)+) => {
        $($(#[$doc])* static $name: $crate::Sql = $crate::Sql::new($template);)+
        #[cfg(test)]
        pub(crate) static ALL: &[&$crate::Sql] = &[$(&$name),+];
    };
}
