//! Lists that come page by page: what each of them takes, and the link to the next page.

mod audit;
mod machines;
mod users;

pub(crate) use audit::AuditRequest;

use crate::extract::{FromParams, FromRaw, ParamReader, Parameter};
use crate::problem::{Code, Problem};
use crate::reply::Reply;
use actix_web::http::header::{self, HeaderValue};
use roster_domain::{Cursor, Limit, Page, Paged};
use serde_json::json;

/// A list that clients page through.
pub(crate) trait Listed: Paged + Sized + 'static {
    /// Where it is.
    const PATH: &'static str;
    /// What it takes beside `limit` and `cursor`.
    const PARAMETERS: &'static [Parameter];

    /// Reads them, for a page of at most `limit`, the first. Faults are left with the reader.
    fn read(reader: &mut ParamReader, limit: Limit) -> Self;

    /// The same question for the page that starts after `place`.
    fn go_on(&mut self, place: Self::Position);
}

/// A question for one page of a list.
pub(crate) struct PageRequest<Q> {
    query: Q,
    cursor: Option<String>,
    /// The parameters but the cursor, for the link.
    given: Vec<(String, String)>,
}

/// What every list takes.
static COMMON: [Parameter; 2] = [
    Parameter { name: "limit", description: "How many at most; 50 unless said.", schema: Limit::schema },
    Parameter {
        name: "cursor",
        description: "Where to go on: `next_cursor` of the page before.",
        schema: || json!({ "type": "string" }),
    },
];

impl<Q: Listed> FromParams for PageRequest<Q> {
    fn known() -> impl Iterator<Item = &'static Parameter> {
        Q::PARAMETERS.iter().chain(&COMMON)
    }

    fn from_params(reader: &mut ParamReader) -> Self {
        let cursor = reader.text("cursor");
        let given = reader.left().to_vec();
        let limit = reader.value("limit").unwrap_or_default();
        Self { query: Q::read(reader, limit), cursor, given }
    }

    /// A cursor belongs to the filter and the sort that made it.
    fn check(&mut self) -> Result<(), Problem> {
        let Some(cursor) = &self.cursor else { return Ok(()) };
        let cursor = Cursor::parse(cursor, &self.query);
        let cursor =
            cursor.map_err(|fault| Problem::new(Code::CursorInvalid).with_detail(fault.to_string()))?;
        self.query.go_on(cursor.into_position());
        Ok(())
    }
}

impl<Q: Listed> PageRequest<Q> {
    pub(crate) const fn query(&self) -> &Q {
        &self.query
    }

    /// The page as `view` shows it, with the cursor of the next one, and the link to it.
    pub(crate) fn reply<T, V>(
        &self,
        page: Page<T, Q::Position>,
        view: impl FnOnce(Vec<T>, Option<String>) -> V,
    ) -> Reply<V> {
        let cursor = page.next.map(|place| Cursor::new(place, &self.query).to_string());
        let link = cursor.as_deref().and_then(|cursor| self.link(cursor));
        let reply = Reply::new(view(page.items, cursor));
        match link {
            Some(link) => reply.with_header(header::LINK, link),
            None => reply,
        }
    }

    /// The same question, further on (RFC 8288).
    fn link(&self, cursor: &str) -> Option<HeaderValue> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.given).append_pair("cursor", cursor);
        HeaderValue::from_str(&format!("<{}?{}>; rel=\"next\"", Q::PATH, query.finish())).ok()
    }
}
