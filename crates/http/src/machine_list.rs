//! The parameters of the list of service accounts, and the link to its next page.

use crate::extract::{FromParams, FromRaw, ParamReader, Parameter};
use crate::list::{next_page, place};
use crate::problem::Problem;
use actix_web::http::header::HeaderValue;
use roster_domain::{Cursor, Limit, ServiceAccountName, ServiceAccountQuery};
use serde_json::json;

/// A question for a part of the service accounts.
pub(crate) struct ServiceAccountList {
    query: ServiceAccountQuery,
    cursor: Option<String>,
    /// The parameters but the cursor, for the link.
    given: Vec<(String, String)>,
}

impl FromParams for ServiceAccountList {
    const KNOWN: &'static [Parameter] = &[
        Parameter { name: "limit", description: "How many at most; 50 unless said.", schema: Limit::schema },
        Parameter {
            name: "cursor",
            description: "Where to go on: `next_cursor` of the page before.",
            schema: || json!({ "type": "string" }),
        },
    ];

    fn from_params(reader: &mut ParamReader) -> Self {
        let cursor = reader.text("cursor");
        let given = reader.left().to_vec();
        let limit = reader.value("limit").unwrap_or_default();
        Self { query: ServiceAccountQuery { limit, after: None }, cursor, given }
    }

    fn check(&mut self) -> Result<(), Problem> {
        self.query.after = self.cursor.as_deref().map(|text| place(text, &self.query)).transpose()?;
        Ok(())
    }
}

impl ServiceAccountList {
    pub(crate) const fn query(&self) -> &ServiceAccountQuery {
        &self.query
    }

    /// The cursor of the page that starts after `name`.
    pub(crate) fn cursor(&self, name: Option<ServiceAccountName>) -> Option<String> {
        name.map(|name| Cursor::new(name, &self.query).to_string())
    }

    /// The same question, further on (RFC 8288).
    pub(crate) fn link(&self, cursor: &str) -> Option<HeaderValue> {
        next_page("/service-accounts", &self.given, cursor)
    }
}
