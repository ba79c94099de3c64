//! The search for a part of a name: hashed sequences of one and two characters, found by a GIN index.

use std::collections::BTreeSet;

use roster_storage_sql::{ColumnKind, Dialect, Needle, Statement, Value};

/// What is PostgreSQL's own in a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PostgresDialect;

/// The hashes of all sequences of one and two characters in a text, each once.
pub(crate) fn grams(text: &str) -> Vec<i32> {
    let mut found = BTreeSet::new();
    let mut before = None;
    for character in text.chars() {
        found.insert(hash(None, character));
        if let Some(before) = before {
            found.insert(hash(Some(before), character));
        }
        before = Some(character);
    }
    found.into_iter().collect()
}

/// The hashes that a searched text has if it contains the needle.
fn needed(needle: &Needle) -> Vec<i32> {
    let mut all = grams(needle.as_str());
    if needle.len() > 1 {
        // Two characters say all that each of them says.
        let single: Vec<_> = needle.as_str().chars().map(|character| hash(None, character)).collect();
        all.retain(|gram| !single.contains(gram));
    }
    all
}

/// A hash that never changes, since it is stored. Collisions only find users whom the text then rules out.
fn hash(before: Option<char>, character: char) -> i32 {
    let pair = u64::from(before.map_or(0, u32::from)) << 32 | u64::from(u32::from(character));
    // Fibonacci hashing: the upper half of the product mixes all bits.
    let mixed = (pair ^ pair >> 29).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let upper = u32::try_from(mixed >> 32).unwrap_or_default();
    upper.cast_signed()
}

/// The hashes as the text of an array.
fn array(needle: &Needle) -> Value<'static> {
    let grams: Vec<_> = needed(needle).iter().map(ToString::to_string).collect();
    Value::text(format!("{{{}}}", grams.join(",")))
}

/// The plan of a search, which begins with an estimate of how many have the sequences of the needle.
pub(crate) fn explain(needle: &Needle) -> Statement {
    let mut statement = Statement::default();
    statement.push("EXPLAIN SELECT FROM search_grams g WHERE g.grams @> ");
    statement.bind(array(needle)).push("::integer[]");
    statement
}

impl Dialect for PostgresDialect {
    const WALKED: &'static str = "k";

    fn walk(&self, statement: &mut Statement, needle: &Needle) {
        // The index by username holds the search text too, so that only matching users are read from the table. OFFSET
        // keeps the planner from merging the two scans.
        statement.push(
            " FROM users k CROSS JOIN LATERAL (SELECT * FROM users WHERE users.id = k.id OFFSET 0) u WHERE ",
        );
        self.contains(statement, "k.search", needle.as_str());
    }

    fn search(&self, statement: &mut Statement, needle: &Needle) {
        // As an array, because the planner might otherwise begin with the other table.
        statement.push("u.id = ANY(ARRAY(SELECT g.user_id FROM search_grams g WHERE g.grams @> ");
        statement.bind(array(needle)).push("::integer[]))");
    }

    fn count_search(&self, statement: &mut Statement, needle: &Needle, limit: usize) {
        statement.push("SELECT count(*) FROM (SELECT FROM search_grams g WHERE g.grams @> ");
        statement.bind(array(needle)).push("::integer[] LIMIT ");
        statement.bind(Value::Number(i64::try_from(limit).unwrap_or(i64::MAX))).push(") AS few");
    }

    fn contains(&self, statement: &mut Statement, column: &str, text: &str) {
        statement.push("strpos(").push(column).push(", ").bind(Value::text(text.to_owned())).push(") > 0");
    }

    fn equals(&self, statement: &mut Statement, column: &str, value: Value<'static>) {
        statement.push("coalesce(").push(column).push(" = ").bind(value).push(", false)");
    }

    fn unindexed(&self, column: &str, kind: ColumnKind) -> String {
        match kind {
            ColumnKind::Text => format!("({column} || '')"),
            ColumnKind::Number => format!("({column} + 0)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roster_storage_sql::Search;

    #[test]
    fn a_text_has_every_gram_of_its_parts() {
        let text = grams("maría 佐藤\nm@example.com\n\n");
        for part in ["m", "í", "ía", "佐", "佐藤", "example", ".c", "m@"] {
            let Search::Part(needle) = Search::new(Some(part)) else { panic!("{part}") };
            assert!(needed(&needle).iter().all(|gram| text.contains(gram)), "{part}");
        }
    }

    #[test]
    fn the_stored_hash_never_changes() {
        assert_eq!(grams("ab"), [-1_858_299_646, -217_768_119, 1_688_115_009]);
    }
}
