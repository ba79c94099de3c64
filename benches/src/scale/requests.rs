//! The requests that are measured.

use anyhow::{Context, Result};
use roster_benches::people_generator::People;
use serde_json::Value;

use super::client::Client;

/// Requests of one kind, sent in rotation.
pub(super) struct Kind {
    pub(super) name: String,
    pub(super) paths: Vec<String>,
}

/// Every order by one key, and two by several. `last_login_at` and `created_at` have large ties.
const SORTS: [&str; 14] = [
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "last_login_at",
    "-last_login_at",
    "username",
    "-username",
    "email",
    "-email",
    "display_name",
    "-display_name",
    "last_login_at,username",
    "-created_at,-display_name",
];
const FEW_SORTS: [&str; 4] = ["created_at", "username", "-last_login_at", "display_name"];
/// The pages that are read on the way to a deep page, and their length.
const DEEP: (usize, usize) = (200, 1_000);
const SAMPLE: u64 = 500;

/// Parts of names of one, two, three and more characters. The first of each pair are in the names of many, the second of
/// few or none.
const NEEDLES: [(&str, [&[&str]; 2]); 4] = [
    ("1 character", [&["a", "M", "7", "@"], &["欧", "🚀", "ü", "ไ"]]),
    ("2 characters", [&["an", "Ma", "佐藤", "le"], &["xq", "欧阳", "Ñ4", "zz"]]),
    ("3 characters", [&["son", "mar", "ana", "com"], &["xan", "qzx", "ξέν", "ส99"]]),
    (
        "4 and more",
        [
            &["smith", "garcia", "example", "william"],
            &["featherstone", "xanthe.mc", "rd+1234", "nobody.here"],
        ],
    ),
];

impl Kind {
    fn new(name: impl Into<String>, paths: impl IntoIterator<Item = String>) -> Self {
        Self { name: name.into(), paths: paths.into_iter().collect() }
    }
}

/// The reads of single users.
pub(super) fn points(people: &People) -> Vec<Kind> {
    let step = (people.count() / SAMPLE).max(1);
    let sample = || (0..people.count().min(SAMPLE)).map(|number| people.person(number * step));
    let first = people.person(people.count() / 2);
    vec![
        Kind::new("`GET /users/{id}`, the same each time", [format!("/users/{}", first.id)]),
        Kind::new("… another each time", sample().map(|person| format!("/users/{}", person.id))),
        Kind::new(
            "`GET /users?username=…`, another each time",
            sample().map(|person| format!("/users?username={}", escaped(&person.username))),
        ),
    ]
}

/// The lists.
pub(super) fn lists(client: &mut Client) -> Result<Vec<Kind>> {
    let sorted = |filter: &str| SORTS.map(|sort| format!("/users?limit=20&sort={sort}{filter}"));
    let mut kinds = vec![
        Kind::new("first page", ["/users?limit=20".to_owned()]),
        Kind::new("deep page", deep(client, "created_at")?),
        Kind::new("first page by username", ["/users?limit=20&sort=username".to_owned()]),
        Kind::new("deep page by username", deep(client, "username")?),
        Kind::new("first page in 14 orders", sorted("")),
    ];
    for (name, filter) in [
        ("common role", "&role=user"),
        ("rarer role", "&role=editor"),
        ("rare role", "&role=auditor"),
        ("common status", "&status=active"),
        ("rare status", "&status=disabled"),
        ("role and status", "&role=support&status=pending"),
    ] {
        kinds.push(Kind::new(format!("{name} in 14 orders"), sorted(filter)));
    }
    for (length, [common, rare]) in NEEDLES {
        for (name, needles) in [("common", common), ("rare", rare)] {
            let paths = needles.iter().flat_map(|needle| {
                FEW_SORTS.map(|sort| format!("/users?limit=20&sort={sort}&q={}", escaped(needle)))
            });
            kinds.push(Kind::new(format!("`q` of {length}, {name}, in 4 orders"), paths));
        }
    }
    Ok(kinds)
}

/// Pages at many places of a list.
fn deep(client: &mut Client, sort: &str) -> Result<Vec<String>> {
    let (pages, limit) = DEEP;
    let mut found = Vec::new();
    let mut path = format!("/users?limit={limit}&sort={sort}");
    for _ in 0..pages {
        let page: Value = serde_json::from_str(&client.get(&path)?.body)?;
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/users?limit={limit}&sort={sort}&cursor={cursor}");
        found.push(format!("/users?limit=20&sort={sort}&cursor={cursor}"));
    }
    found.first().context("there is one page only")?;
    // Far places first, and not in order.
    let middle = found.len() / 2;
    Ok(found.split_off(middle).into_iter().rev().collect())
}

/// A text in a query.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
