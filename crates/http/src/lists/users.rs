//! The list of users.

use super::page::Listed;
use crate::extract::{ParamReader, Parameter};
use crate::rules::{FromRaw, RawError};
use roster_domain::{
    EmailAddress, ExternalId, Limit, Position, RoleName, Sort, SortKey, StatusKind, UserFilter, UserQuery,
    Username,
};
use serde_json::json;

impl Listed for UserQuery {
    const PATH: &'static str = "/users";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter { name: "status", description: "Only users with this status.", schema: StatusKind::schema },
        Parameter { name: "role", description: "Only users with this role.", schema: RoleName::schema },
        Parameter {
            name: "email",
            description: "Only the user with this address, ignoring case.",
            schema: EmailAddress::schema,
        },
        Parameter {
            name: "username",
            description: "Only the user with this username, ignoring case.",
            schema: Username::schema,
        },
        Parameter {
            name: "external_id",
            description: "Only the user with this id in another system.",
            schema: ExternalId::schema,
        },
        Parameter {
            name: "q",
            description: "Only users whose username, address or display name contains this text, ignoring case.",
            schema: || json!({ "type": "string" }),
        },
        Parameter {
            name: "sort",
            description: "The order: keys separated by commas, with a leading `-` for descending. Keys are `created_at` \
                (the default), `updated_at`, `last_login_at`, `username`, `email`, `display_name`.",
            schema: || json!({ "type": "string", "pattern": sort_pattern() }),
        },
    ];

    fn read(reader: &mut ParamReader, limit: Limit) -> Self {
        let filter = read_filter(reader);
        let sort = reader.parsed("sort", |text| Sort::parse(&text).map_err(|error| RawError::of(&error)));
        Self { filter, sort: sort.unwrap_or_default(), limit, after: None }
    }

    fn start_after(&mut self, position: Position) {
        self.after = Some(position);
    }
}

/// The parameters that filter users, without those of a page or an order.
pub(super) fn filters() -> impl Iterator<Item = &'static Parameter> {
    UserQuery::PARAMETERS.iter().filter(|parameter| parameter.name != "sort")
}

/// Reads [`filters`].
pub(super) fn read_filter(reader: &mut ParamReader) -> UserFilter {
    UserFilter {
        status: reader.value("status"),
        role: reader.value("role"),
        email: reader.value("email"),
        username: reader.value("username"),
        external_id: reader.value("external_id"),
        text: reader.text("q"),
    }
}

fn sort_pattern() -> String {
    let key = format!("-?({})", SortKey::ALL.map(SortKey::as_str).join("|"));
    format!("^{key}(,{key})*$")
}
