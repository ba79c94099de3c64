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
    /// The location in an argument; `None` if the argument does not begin as one, and is the name of a file.
    ///
    /// # Errors
    /// [`SourceError::Url`] if the argument begins as a location and is none.
    pub fn parse(argument: &str) -> Result<Option<Self>, SourceError> {
        let Some((scheme, rest)) = argument.split_once(':') else { return Ok(None) };
        let place = match scheme {
            "sqlite" => sqlite(rest)?,
            "postgres" | "postgresql" if rest.starts_with("//") => {
                let url = DatabaseUrl::of_replica(argument);
                Place::Postgres(Box::new(url.map_err(|error| SourceError::Url(error.to_string()))?))
            }
            "mysql" | "mariadb" if rest.starts_with("//") => Place::MySql(MySqlUrl::parse(argument)?),
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
