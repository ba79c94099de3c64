//! What differs between the databases.

use crate::catalog::Column;

/// How a database writes what the statements need.
pub(crate) trait Dialect {
    /// A name, quoted.
    fn quoted(&self, name: &str) -> String;

    /// A text, as a literal.
    fn text(&self, text: &str) -> String;

    /// A column of the main table, as it is read.
    fn value(&self, expression: &str, column: &Column) -> String;

    /// The value of the only row of a group, as it is read.
    fn only_value(&self, expression: &str, column: &Column) -> String;

    /// The values of a group as a list in JSON.
    fn list(&self, expression: &str) -> String;

    /// An object in JSON of names and values in turn.
    fn object(&self, members: &str) -> String;

    /// A value as text.
    fn as_text(&self, expression: &str) -> String;
}
