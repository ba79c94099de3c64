//! The server that all tests of a process share.

use std::sync::OnceLock;

use crate::absence::skip;
use crate::cluster::Cluster;
use crate::environment::variable;
use crate::programs::Programs;
use crate::statements::run_all;

/// A server on which tests make databases.
#[derive(Debug)]
pub(crate) enum Server {
    /// Ours. It ends with the process.
    Private(Cluster),
    /// The one that `ROSTER_TEST_POSTGRES_URL` names.
    Named(String),
}

impl Server {
    /// The shared server, started by the first test that needs it; `None` if there is none.
    pub(crate) fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Server>> = OnceLock::new();
        let server = SHARED.get_or_init(|| match variable("ROSTER_TEST_POSTGRES_URL") {
            Some(url) => Some(Self::Named(url)),
            None => Programs::find().map(|programs| Self::Private(Cluster::builder().start_with(programs))),
        });
        if server.is_none() {
            skip();
        }
        server.as_ref()
    }

    /// The URL of a database.
    pub(crate) fn url(&self, database: &str) -> String {
        match self {
            Self::Private(cluster) => cluster.url(database),
            Self::Named(url) => with_database(url, database),
        }
    }

    /// Runs statements, one after the other, in the database that the server's URL names.
    pub(crate) fn administer(&self, statements: Vec<String>) {
        let url = match self {
            Self::Private(cluster) => cluster.url("postgres"),
            Self::Named(url) => url.clone(),
        };
        run_all(url, statements);
    }
}

/// The same URL with another database.
fn with_database(url: &str, database: &str) -> String {
    let (address, parameters) =
        url.split_once('?').map_or((url, None), |(address, rest)| (address, Some(rest)));
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..].find('/').map_or(address.len(), |at| start + at);
    let parameters = parameters.map(|rest| format!("?{rest}")).unwrap_or_default();
    format!("{}/{database}{parameters}", &address[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_database_of_a_url_is_replaced() {
        assert_eq!(with_database("postgres://u:p@h:5/d?a=b/c", "x"), "postgres://u:p@h:5/x?a=b/c");
        assert_eq!(with_database("postgres://h", "x"), "postgres://h/x");
    }
}
