//! What the list of users takes.

use super::Listed;
use crate::extract::{FromRaw, ParamReader, Parameter, RawError};
use roster_domain::{
    EmailAddress, ExternalId, Limit, Position, RoleName, Sort, SortKey, StatusKind, UserFilter, UserQuery,
    Username,
};
use serde_json::json;

impl Listed for UserQuery {
    const PATH: &'static str = "/users";
    const PARAMETERS: &'static [Parameter] = &[
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
    ];

    fn read(reader: &mut ParamReader, limit: Limit) -> Self {
        let filter = UserFilter {
            status: reader.value("status"),
            role: reader.value("role"),
            email: reader.value("email"),
            username: reader.value("username"),
            external_id: reader.value("external_id"),
            text: reader.text("q"),
        };
        let sort = reader.parsed("sort", |text| Sort::parse(text).map_err(|fault| RawError::of(&fault)));
        Self { filter, sort: sort.unwrap_or_default(), limit, after: None }
    }

    fn go_on(&mut self, place: Position) {
        self.after = Some(place);
    }
}

fn sort_pattern() -> String {
    let key = format!("-?({})", SortKey::ALL.map(SortKey::as_str).join("|"));
    format!("^{key}(,{key})*$")
}
