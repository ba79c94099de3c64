//! A request for one page of a list.

use crate::code::Code;
use crate::extract::{FromParams, ParamReader, Parameter};
use crate::problem::Problem;
use crate::reply::Reply;
use crate::rules::FromRaw;
use actix_web::http::header::{self, HeaderValue};
use roster_domain::{Cursor, Limit, Page, Paged};
use serde_json::json;

/// A list with pages.
pub(crate) trait Listed: Paged + Sized + 'static {
    /// Its path.
    const PATH: &'static str;
    /// Its parameters other than `limit` and `cursor`.
    const PARAMETERS: &'static [Parameter];

    /// Reads the parameters, for a first page of at most `limit` items. The reader collects the errors.
    fn read(reader: &mut ParamReader, limit: Limit) -> Self;

    /// Moves to the page after `position`.
    fn start_after(&mut self, position: Self::Position);
}

/// A request for one page of a list.
pub(crate) struct PageRequest<Q> {
    query: Q,
    cursor: Option<String>,
    /// The parameters without the cursor, for the link.
    sent: Vec<(String, String)>,
}

/// The parameters of every list.
static COMMON: [Parameter; 2] = [
    Parameter {
        name: "limit",
        description: "The maximum number of items. Default: 50.",
        schema: Limit::schema,
    },
    Parameter {
        name: "cursor",
        description: "Where the page starts: `next_cursor` of the previous page.",
        schema: || json!({ "type": "string" }),
    },
];

impl<Q: Listed> FromParams for PageRequest<Q> {
    fn known() -> impl Iterator<Item = &'static Parameter> {
        Q::PARAMETERS.iter().chain(&COMMON)
    }

    fn from_params(reader: &mut ParamReader) -> Self {
        let cursor = reader.text("cursor");
        let sent = reader.unread().to_vec();
        let limit = reader.value("limit").unwrap_or_default();
        Self { query: Q::read(reader, limit), cursor, sent }
    }

    /// A cursor is valid only with the filter and the sort that it was made for.
    fn check(&mut self) -> Result<(), Problem> {
        let Some(cursor) = &self.cursor else { return Ok(()) };
        let cursor = Cursor::parse(cursor, &self.query);
        let cursor =
            cursor.map_err(|error| Problem::new(Code::CursorInvalid).with_detail(error.to_string()))?;
        self.query.start_after(cursor.into_position());
        Ok(())
    }
}

impl<Q: Listed> PageRequest<Q> {
    /// The request without the page.
    pub(crate) const fn query(&self) -> &Q {
        &self.query
    }

    /// The page as `view` shows it, with the cursor of the next page and a link to it.
    pub(crate) fn reply<T, V>(
        &self,
        page: Page<T, Q::Position>,
        view: impl FnOnce(Vec<T>, Option<String>) -> V,
    ) -> Reply<V> {
        let cursor = page.next.map(|position| Cursor::new(position, &self.query).to_string());
        let link = cursor.as_deref().and_then(|cursor| self.link(cursor));
        let reply = Reply::new(view(page.items, cursor));
        match link {
            Some(link) => reply.with_header(header::LINK, link),
            None => reply,
        }
    }

    /// The link to the next page (RFC 8288).
    fn link(&self, cursor: &str) -> Option<HeaderValue> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.sent).append_pair("cursor", cursor);
        HeaderValue::from_str(&format!("<{}?{}>; rel=\"next\"", Q::PATH, query.finish())).ok()
    }
}
