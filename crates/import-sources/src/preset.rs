//! What is known about the tables of a system: which of them hold its users, and what their columns are.

/// A system whose users an import knows by name.
pub struct Preset {
    /// The name that an operator gives.
    pub name: &'static str,
    /// Where its users are.
    pub(crate) source: PeerSource,
    /// The formats of the files that it or its tools write with its users.
    pub(crate) files: &'static [&'static str],
}

impl Preset {
    /// The formats of the files with its users, by the names that an import gives them. Empty if it writes none.
    #[must_use]
    pub const fn files(&self) -> &'static [&'static str] {
        self.files
    }

    /// The same for a system that also writes files.
    pub(crate) const fn or_files(self, files: &'static [&'static str]) -> Self {
        Self { files, ..self }
    }
}

impl std::fmt::Debug for Preset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Where the users of a system are.
pub(crate) enum PeerSource {
    /// In tables.
    Tables(PeerTables),
    /// In a file that the system or its tools write, made with this command.
    File(&'static str),
}

/// The tables with the users of a system. Tables and columns that a version does not have are left out, except the main
/// table.
pub(crate) struct PeerTables {
    /// The table with one row for each person.
    pub(crate) main: &'static str,
    /// The schema, if it is not the usual one.
    pub(crate) schema: Option<&'static str>,
    /// The beginning of the names of all tables, which an installation may change.
    pub(crate) prefix: &'static str,
    /// Columns of the main table that show that it is the one of this system.
    pub(crate) signs: &'static [&'static str],
    /// Which rows are people.
    pub(crate) only: &'static [Filter],
    /// Columns of the main table that an import reads under another name.
    pub(crate) rename: &'static [(&'static str, &'static str)],
    /// What the values of fields mean.
    pub(crate) meanings: &'static [(&'static str, Meaning)],
    /// What other tables add.
    pub(crate) lookups: &'static [Lookup],
}

impl PeerTables {
    /// No tables: what an entry does not name.
    pub(crate) const NONE: Self = Self {
        main: "",
        schema: None,
        prefix: "",
        signs: &[],
        only: &[],
        rename: &[],
        meanings: &[],
        lookups: &[],
    };
}

/// Which rows count.
#[derive(Clone, Copy)]
pub(crate) enum Filter {
    /// Those with this value in a column, as text.
    Is(&'static str, &'static str),
    /// Those with another value, or none.
    IsNot(&'static str, &'static str),
    /// Those without a value.
    IsNull(&'static str),
}

/// What the value of a field means.
#[derive(Clone, Copy)]
pub(crate) enum Meaning {
    /// Words for values.
    Words(&'static [(&'static str, &'static str)]),
    /// The keys of an array that PHP has serialized, as a list.
    PhpKeys,
}

/// What another table adds to the people. In the names of tables, `{}` is the main table.
pub(crate) struct Lookup {
    /// The table.
    pub(crate) table: &'static str,
    /// Its column that names the person.
    pub(crate) key: &'static str,
    /// The column of the main table that `key` refers to.
    pub(crate) owner: &'static str,
    /// A table between the two: it, and not `table`, has the column `key`.
    pub(crate) through: Option<Through>,
    /// Which of its rows count.
    pub(crate) only: &'static [Filter],
    /// What is taken from them.
    pub(crate) takes: Takes,
    /// Whether nobody is imported if it cannot be read.
    pub(crate) is_required: bool,
}

/// A table that connects people with the rows of another table.
#[derive(Clone, Copy)]
pub(crate) struct Through {
    /// The table.
    pub(crate) table: &'static str,
    /// Its column that refers to the other table.
    pub(crate) refers: &'static str,
    /// The column of the other table that is referred to.
    pub(crate) to: &'static str,
}

/// What is taken from the rows of a person in another table.
#[derive(Clone, Copy)]
pub(crate) enum Takes {
    /// Columns of the only row, with the names of the fields.
    Columns(&'static [(&'static str, &'static str)]),
    /// A column of each row, as a list in this field.
    List(&'static str, &'static str),
    /// Each row as an object with these columns and names, as a list in this field.
    Objects(&'static str, &'static [(&'static str, &'static str)]),
}

impl Lookup {
    /// The rows of `table` whose column `key` is the `id` of a person.
    pub(crate) const fn of(table: &'static str, key: &'static str, takes: Takes) -> Self {
        Self { table, key, owner: "id", through: None, only: &[], takes, is_required: false }
    }

    /// The row of `table` that the column `owner` of a person refers to.
    pub(crate) const fn to(
        owner: &'static str,
        table: &'static str,
        key: &'static str,
        takes: Takes,
    ) -> Self {
        Self { owner, ..Self::of(table, key, takes) }
    }

    /// The same for those of its rows that count.
    pub(crate) const fn only(self, only: &'static [Filter]) -> Self {
        Self { only, ..self }
    }

    /// The same for what says who is locked out: without it, nobody is imported.
    pub(crate) const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// The same with a table between the two: its column `refers` is the `to` of the other table.
    pub(crate) const fn through(self, table: &'static str, refers: &'static str, to: &'static str) -> Self {
        Self { through: Some(Through { table, refers, to }), ..self }
    }

    /// The same for people by another column than `id`.
    pub(crate) const fn by(self, owner: &'static str) -> Self {
        Self { owner, ..self }
    }
}

impl Meaning {
    /// What a value means, as JSON; `None` if it is one without a meaning here.
    pub(crate) fn of(self, value: &str) -> Option<String> {
        match self {
            Self::Words(words) => {
                let (_, word) = words.iter().find(|(known, _)| *known == value)?;
                Some(serde_json::Value::from(*word).to_string())
            }
            Self::PhpKeys => {
                crate::php::true_keys(value).map(|keys| serde_json::Value::from(keys).to_string())
            }
        }
    }
}
