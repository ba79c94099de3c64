//! The tables of a database, and which of them are like one of users.

/// The tables and views that can be read.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    pub(crate) tables: Vec<Table>,
    /// Those of which no column can be read.
    pub(crate) unreadable: Vec<Table>,
}

/// A table or a view.
#[derive(Debug)]
pub(crate) struct Table {
    /// The schema, if the database has several.
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
    /// Whether the name alone means this table.
    pub(crate) in_search_path: bool,
    /// The column that identifies a row, if there is one.
    pub(crate) key: Option<String>,
    pub(crate) columns: Vec<Column>,
    /// The names of the columns that may not be read.
    pub(crate) hidden: Vec<String>,
}

/// A column of a table.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Whether its values are bytes and not text.
    pub(crate) is_binary: bool,
}

/// The name of a table as the operator writes it: `users` or `auth.users`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableName {
    schema: Option<String>,
    name: String,
}

impl TableName {
    /// The name in a text. The first dot separates the schema from the table.
    #[must_use]
    pub fn new(text: &str) -> Self {
        match text.split_once('.') {
            Some((schema, name)) if !schema.is_empty() && !name.is_empty() => {
                Self { schema: Some(schema.to_owned()), name: name.to_owned() }
            }
            _ => Self { schema: None, name: text.to_owned() },
        }
    }

    /// The same schema with another table.
    pub(crate) fn beside(schema: Option<&str>, name: &str) -> Self {
        Self { schema: schema.map(str::to_owned), name: name.to_owned() }
    }

    /// The name without the schema.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl std::fmt::Display for TableName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl Table {
    pub(crate) const fn new(schema: Option<String>, name: String, in_search_path: bool) -> Self {
        Self { schema, name, in_search_path, key: None, columns: Vec::new(), hidden: Vec::new() }
    }

    pub(crate) fn is_named(&self, schema: &str, name: &str) -> bool {
        self.schema.as_deref() == Some(schema) && self.name == name
    }

    /// Its name, with the schema unless the name alone suffices.
    pub(crate) fn full_name(&self) -> String {
        match &self.schema {
            Some(schema) if !self.in_search_path => format!("{schema}.{}", self.name),
            _ => self.name.clone(),
        }
    }

    /// A column by its name; one in other letter case if there is none in this.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        let exact = self.columns.iter().find(|column| column.name == name);
        exact.or_else(|| self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)))
    }

    /// Whether a column of this name may not be read.
    pub(crate) fn hides(&self, name: &str) -> bool {
        self.hidden.iter().any(|hidden| hidden.eq_ignore_ascii_case(name)) && self.column(name).is_none()
    }

    fn has_column_like(&self, parts: &[&str]) -> bool {
        self.columns.iter().any(|column| {
            let name = column.name.to_ascii_lowercase();
            parts.iter().any(|part| name.contains(part))
        })
    }

    /// How much it looks like a table of users.
    fn likelihood(&self) -> u8 {
        const NAMES: [&str; 8] =
            ["user", "member", "account", "people", "person", "customer", "login", "contact"];
        let name = self.name.to_ascii_lowercase();
        let is_name = NAMES.iter().any(|part| name.trim_end_matches('s').ends_with(part));
        let is_like = is_name || NAMES.iter().any(|part| name.contains(part));
        2 * u8::from(self.has_column_like(&["passw", "pwd", "hash"]))
            + 2 * u8::from(self.has_column_like(&["mail"]))
            + u8::from(self.has_column_like(&["username", "login", "user_name"]))
            + 2 * u8::from(is_name)
            + u8::from(is_like)
    }
}

impl Catalog {
    /// The catalog of these tables.
    pub(crate) fn new(tables: Vec<Table>) -> Self {
        let (tables, unreadable) = tables.into_iter().partition(|table| !table.columns.is_empty());
        Self { tables, unreadable }
    }

    /// The table with this name. If there is none in this letter case, not even an unreadable one, one in another.
    pub(crate) fn find(&self, wanted: &TableName) -> Option<&Table> {
        let is_hidden = find(&self.unreadable, wanted).is_some_and(|table| table.name == wanted.name);
        find(&self.tables, wanted).filter(|table| !is_hidden || table.name == wanted.name)
    }

    /// Whether there is such a table, but none of its columns can be read.
    pub(crate) fn hides(&self, wanted: &TableName) -> bool {
        find(&self.unreadable, wanted).is_some()
    }

    /// The names of the tables, those like `wanted` or like a table of users first.
    pub(crate) fn names(&self, wanted: Option<&TableName>) -> Vec<String> {
        let similarity = |table: &Table| {
            wanted.map_or(0.0, |wanted| strsim::jaro_winkler(&table.full_name(), &wanted.to_string()))
        };
        let score = |table: &Table| f64::from(table.likelihood()) / 10.0 + 2.0 * similarity(table);
        let mut tables: Vec<&Table> = self.tables.iter().collect();
        tables.sort_by(|one, other| {
            score(other).total_cmp(&score(one)).then_with(|| one.full_name().cmp(&other.full_name()))
        });
        tables.into_iter().map(Table::full_name).collect()
    }
}

fn find<'a>(tables: &'a [Table], wanted: &TableName) -> Option<&'a Table> {
    let in_schema = |table: &&Table| match &wanted.schema {
        Some(schema) => table.schema.as_deref() == Some(schema),
        None => table.in_search_path,
    };
    let exact = tables.iter().filter(in_schema).find(|table| table.name == wanted.name);
    let similar = |table: &&Table| table.name.eq_ignore_ascii_case(&wanted.name);
    exact
        .or_else(|| tables.iter().filter(in_schema).find(similar))
        // The name of a table may contain a dot.
        .or_else(|| tables.iter().find(|table| table.in_search_path && table.name == wanted.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(schema: &str, name: &str, columns: &[&str]) -> Table {
        let column = |name: &&str| Column { name: (*name).to_owned(), is_binary: false };
        Table {
            schema: Some(schema.to_owned()),
            name: name.to_owned(),
            in_search_path: schema == "public",
            key: None,
            columns: columns.iter().map(column).collect(),
            hidden: Vec::new(),
        }
    }

    fn catalog() -> Catalog {
        Catalog::new(vec![
            table("public", "articles", &["id", "title"]),
            table("auth", "users", &["id", "email", "encrypted_password"]),
            table("public", "Users", &["id", "nick"]),
            table("public", "secrets", &[]),
        ])
    }

    #[test]
    fn a_table_is_found_by_its_name_in_its_schema() {
        let catalog = catalog();
        let found = |name: &str| catalog.find(&TableName::new(name)).map(Table::full_name);
        assert_eq!(found("auth.users"), Some("auth.users".to_owned()));
        assert_eq!(found("users"), Some("Users".to_owned()));
        assert_eq!(found("public.articles"), Some("articles".to_owned()));
        assert_eq!(found("auth.articles"), None);
        assert_eq!((found("secrets"), catalog.hides(&TableName::new("secrets"))), (None, true));
        let others = Catalog::new(vec![table("auth", "users", &["id"]), table("public", "a.b", &["id"])]);
        assert!(others.find(&TableName::new("users")).is_none(), "it is in another schema");
        assert!(others.find(&TableName::new("a.b")).is_some());
    }

    #[test]
    fn the_table_that_is_most_like_one_of_users_comes_first() {
        assert_eq!(catalog().names(None), ["auth.users", "Users", "articles"]);
        let wanted = TableName::new("article");
        assert_eq!(catalog().names(Some(&wanted))[0], "articles");
    }
}
