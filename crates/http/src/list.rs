//! The parameters of the user list, and the link to its next page.

use crate::extract::{FromParams, FromRaw, ParamReader, Parameter, RawFault};
use crate::problem::{Code, Problem};
use actix_web::http::header::HeaderValue;
use roster_domain::{
    Cursor, EmailAddress, ExternalId, Limit, Paged, Position, RoleName, Sort, SortKey, StatusKind,
    UserFilter, UserQuery, Username,
};
use serde_json::json;

/// A question for a list of users.
pub(crate) struct UserList {
    query: UserQuery,
    cursor: Option<String>,
    /// The parameters but the cursor, for the link.
    given: Vec<(String, String)>,
}

impl FromParams for UserList {
    const KNOWN: &'static [Parameter] = &[
        Parameter { name: "status", description: "Only users of this status.", schema: StatusKind::schema },
        Parameter { name: "role", description: "Only users who have this role.", schema: RoleName::schema },
        Parameter {
            name: "email",
            description: "Only the user with this address, in any case.",
            schema: EmailAddress::schema,
        },
        Parameter {
            name: "username",
            description: "Only the user with this username, in any case.",
            schema: Username::schema,
        },
        Parameter {
            name: "external_id",
            description: "Only the user whom another system calls this.",
            schema: ExternalId::schema,
        },
        Parameter {
            name: "q",
            description: "Only users whose username, address or display name contains this text, in any case.",
            schema: || json!({ "type": "string" }),
        },
        Parameter {
            name: "sort",
            description: "The order: keys with commas between them, each with `-` before it for descending. Known are \
                `created_at` (the default), `updated_at`, `last_login_at`, `username`, `email`, `display_name`.",
            schema: || json!({ "type": "string", "pattern": sort_pattern() }),
        },
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
        let filter = UserFilter {
            status: reader.value("status"),
            role: reader.value("role"),
            email: reader.value("email"),
            username: reader.value("username"),
            external_id: reader.value("external_id"),
            text: reader.text("q"),
        };
        let sort = reader.parsed("sort", |text| Sort::parse(text).map_err(|fault| RawFault::of(&fault)));
        let limit = reader.value("limit");
        let query = UserQuery {
            filter,
            sort: sort.unwrap_or_default(),
            limit: limit.unwrap_or_default(),
            after: None,
        };
        Self { query, cursor, given }
    }

    /// A cursor belongs to the filter and the sort that made it.
    fn check(&mut self) -> Result<(), Problem> {
        self.query.after = self.cursor.as_deref().map(|text| place(text, &self.query)).transpose()?;
        Ok(())
    }
}

impl UserList {
    pub(crate) const fn query(&self) -> &UserQuery {
        &self.query
    }

    /// The cursor of the page that starts after `position`.
    pub(crate) fn cursor(&self, position: Option<Position>) -> Option<String> {
        position.map(|position| Cursor::new(position, &self.query).to_string())
    }

    /// The same question, further on (RFC 8288).
    pub(crate) fn link(&self, cursor: &str) -> Option<HeaderValue> {
        next_page("/users", &self.given, cursor)
    }
}

/// The place that a cursor of this question names.
///
/// # Errors
/// [`Code::CursorInvalid`].
pub(crate) fn place<Q: Paged>(cursor: &str, query: &Q) -> Result<Q::Position, Problem> {
    let cursor = Cursor::parse(cursor, query);
    let cursor = cursor.map_err(|fault| Problem::new(Code::CursorInvalid).with_detail(fault.to_string()))?;
    Ok(cursor.into_position())
}

/// A link to the same question, further on (RFC 8288).
pub(crate) fn next_page(path: &str, given: &[(String, String)], cursor: &str) -> Option<HeaderValue> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(given).append_pair("cursor", cursor);
    HeaderValue::from_str(&format!("<{path}?{}>; rel=\"next\"", query.finish())).ok()
}

fn sort_pattern() -> String {
    let key = format!("-?({})", SortKey::ALL.map(SortKey::as_str).join("|"));
    format!("^{key}(,{key})*$")
}
