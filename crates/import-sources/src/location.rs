//! Where a database is.

use std::fmt;
use std::path::PathBuf;

use roster_storage_postgres::DatabaseUrl;
use zeroize::Zeroizing;

use crate::database::Database;
use crate::error::SourceError;
use crate::mysql::MySql;
use crate::mysql_url::MySqlUrl;
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;

/// Where a database is. It has no `Debug`, and `Display` does not show the password.
pub struct DatabaseLocation {
    place: Place,
    /// Used if the URL has none.
    password: Option<Zeroizing<String>>,
}

enum Place {
    Sqlite(PathBuf),
    Postgres(Box<DatabaseUrl>),
    MySql(MySqlUrl),
}

impl DatabaseLocation {
    /// The location in an argument; `None` if the argument is the name of a file.
    ///
    /// # Errors
    /// [`SourceError::Url`] if the scheme is that of a database, but the rest is not valid. It does not repeat the argument,
    /// which may have a password.
    pub fn parse(argument: &str) -> Result<Option<Self>, SourceError> {
        let Some((scheme, rest)) = argument.split_once(':') else { return Ok(None) };
        let scheme = scheme.to_ascii_lowercase();
        let place = match scheme.as_str() {
            "sqlite" => sqlite(rest)?,
            "postgres" | "postgresql" if rest.starts_with("//") => {
                let url = DatabaseUrl::of_replica(&format!("{scheme}:{rest}"));
                Place::Postgres(Box::new(url.map_err(|error| SourceError::Url(error.to_string()))?))
            }
            "mysql" | "mariadb" if rest.starts_with("//") => {
                Place::MySql(MySqlUrl::parse(&format!("{scheme}:{rest}"))?)
            }
            other if is_database(other) => return Err(unknown_form(other)),
            _ => return Ok(None),
        };
        Ok(Some(Self { place, password: None }))
    }

    /// The same with a password for the case that the URL has none.
    #[must_use]
    pub fn with_default_password(self, password: Option<Zeroizing<String>>) -> Self {
        Self { password, ..self }
    }

    /// Whether the database may ask for a password.
    #[must_use]
    pub const fn is_remote(&self) -> bool {
        matches!(self.place, Place::Postgres(_) | Place::MySql(_))
    }

    pub(crate) fn open(&self) -> Result<Box<dyn Database>, SourceError> {
        match &self.place {
            Place::Sqlite(path) => Ok(Box::new(Sqlite::open(path)?)),
            Place::Postgres(url) => Ok(Box::new(Postgres::open(url, self.password.clone())?)),
            Place::MySql(url) => Ok(Box::new(MySql::open(url, self.password.as_ref())?)),
        }
    }
}

fn sqlite(rest: &str) -> Result<Place, SourceError> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    if path.is_empty() {
        return Err(SourceError::Url("expected a file after \"sqlite:\", such as sqlite:app.db".to_owned()));
    }
    Ok(Place::Sqlite(path.into()))
}

impl fmt::Display for DatabaseLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Place::Postgres(url) => write!(f, "{url}"),
            Place::MySql(url) => write!(f, "{url}"),
        }
    }
}
/// Whether a scheme names a database, perhaps with a driver, as in `postgresql+asyncpg`.
fn is_database(scheme: &str) -> bool {
    let name = scheme.split('+').next().unwrap_or_default();
    matches!(name, "sqlite" | "postgres" | "postgresql" | "mysql" | "mariadb")
}

fn unknown_form(scheme: &str) -> SourceError {
    SourceError::Url(format!(
        "an argument that begins with {scheme}: is not a database that can be read; write sqlite:FILE, \
         postgres://USER@HOST/DATABASE or mysql://USER@HOST/DATABASE, without a driver"
    ))
}
