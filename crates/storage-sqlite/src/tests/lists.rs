//! Lists, compared with their definition: filter, sort, cut.

use std::sync::Arc;

use jiff::Timestamp;
use roster_domain::{
    DisplayName, Limit, Page, RoleName, RoleSet, Sort, SortKey, StatusKind, User, UserFilter, UserQuery,
    fixtures,
};
use roster_storage_sql::Effort;

use super::{add, database};
use crate::listing::{Attempt, SearchTest, page_within};
use crate::reader::Reader;

/// Users with large groups of equal values under every key, and roles and statuses of different frequency.
fn people() -> Vec<User> {
    let shown = ["Ada", "ada", "Ångström", "佐藤 花子", "\"quoted\"", "a", "😀 b", "100%", "x_y"];
    (0..300_u32)
        .map(|number| {
            let at = |second: u32| Timestamp::from_second(1_700_000_000 + i64::from(second)).unwrap();
            let roles = ["user"].into_iter().chain((number % 3 == 0).then_some("editor"));
            let roles = roles.chain((number % 50 == 7).then_some("rare"));
            let roles = RoleSet::new(roles.map(|name| RoleName::new(name).unwrap())).unwrap();
            let user = fixtures::user(number);
            let mut user = User::new(user.id, user.username.clone(), roles, at(number / 100)).with(|new| {
                new.email = user.email.clone().filter(|_| number % 4 != 0);
            });
            user.display_name =
                DisplayName::new(shown[number as usize % shown.len()]).ok().filter(|_| number % 5 != 0);
            user.updated_at = at(number * 7 % 13);
            user.last_login_at = (number % 6 == 1).then(|| at(number % 3));
            if number % 40 == 3 { user.with_status(StatusKind::Disabled, at(0)) } else { user }
        })
        .collect()
}

/// All pages of a query.
fn collect(reader: &Reader, mut query: UserQuery, attempts: &[Attempt]) -> Vec<Arc<User>> {
    let mut all = Vec::new();
    loop {
        let Page { items, next } = page_within(reader, &query, attempts).unwrap();
        assert!(items.len() <= query.limit.get());
        all.extend(items);
        let Some(next) = next else { return all };
        query.after = Some(next);
    }
}

fn expected(people: &[Arc<User>], query: &UserQuery) -> Vec<Arc<User>> {
    let mut found: Vec<_> = people.iter().filter(|user| query.filter.matches(user)).cloned().collect();
    found.sort_by(|one, other| query.sort.compare(&query.sort.position(one), &query.sort.position(other)));
    found
}

const fn attempt(few: usize, search: SearchTest, steps: Option<u32>) -> Attempt {
    Attempt { effort: Effort::all(few), search, steps }
}

fn filters() -> Vec<UserFilter> {
    let none = UserFilter::default;
    let role = |name: &str| RoleName::new(name).ok();
    let text = |text: &str| UserFilter { text: Some(text.to_owned()), ..none() };
    let mut filters = vec![
        none(),
        UserFilter { role: role("editor"), ..none() },
        UserFilter { role: role("rare"), ..none() },
        UserFilter { status: Some(StatusKind::Disabled), ..none() },
        UserFilter { status: Some(StatusKind::Active), role: role("editor"), ..none() },
        UserFilter { role: role("editor"), ..text("ada") },
        UserFilter { status: Some(StatusKind::Disabled), ..text("a") },
        UserFilter { username: Some(fixtures::user(7).username), ..none() },
        UserFilter { email: fixtures::user(7).email, role: role("rare"), ..none() },
    ];
    filters.extend(
        [
            "a", "A", "ad", "ADA", "person1", "n1@exa", "@", "藤", "佐藤", "花子", "\"", "\"q", "quoted\"",
            "😀", "%", "_", "0%", "ö", "zzz", "z", "", "a\nb", "\0",
        ]
        .map(text),
    );
    filters
}

#[test]
fn every_filter_in_every_order_gives_the_pages_of_its_definition() {
    let reader = Reader::new(database()).unwrap();
    let people = add(&reader, people());
    let singles = SortKey::ALL.iter().flat_map(|key| [key.as_str().to_owned(), format!("-{}", key.as_str())]);
    let several = ["-display_name,username", "last_login_at,-display_name", "-created_at,-email,updated_at"];
    let orders: Vec<_> = singles.chain(several.map(str::to_owned)).collect();
    for filter in filters() {
        for order in &orders {
            let sort = Sort::parse(order).unwrap();
            // Everything is sorted, something is, nothing is; walks are given up.
            let attempts: [(&[_], _); 4] = [
                (&[attempt(2_001, SearchTest::Text, None)], 70),
                (&[attempt(40, SearchTest::FoundRows, None)], 23),
                (&[attempt(0, SearchTest::Text, None)], 50),
                (
                    &[
                        attempt(0, SearchTest::Text, Some(2_000)),
                        attempt(0, SearchTest::FoundRows, Some(2_000)),
                        attempt(2_001, SearchTest::FoundRows, None),
                    ],
                    50,
                ),
            ];
            for (attempts, limit) in attempts {
                let limit = Limit::new(limit).unwrap();
                let query = UserQuery { filter: filter.clone(), sort: sort.clone(), limit, after: None };
                let found = collect(&reader, query.clone(), attempts);
                let names = |users: &[Arc<User>]| {
                    users.iter().map(|user| user.username.as_str().to_owned()).collect::<Vec<_>>()
                };
                assert_eq!(
                    names(&found),
                    names(&expected(&people, &query)),
                    "{filter:?} {order} {attempts:?}"
                );
            }
        }
    }
}

#[test]
fn a_walk_that_takes_too_many_steps_is_given_up() {
    let reader = Reader::new(database()).unwrap();
    add(&reader, people());
    let filter = UserFilter { text: Some("person299".to_owned()), ..UserFilter::default() };
    let query = UserQuery { filter, sort: Sort::parse("-updated_at").unwrap(), ..UserQuery::default() };
    for _ in 0..5 {
        assert!(
            page_within(&reader, &query, &[attempt(0, SearchTest::Text, Some(100_000))]).is_ok(),
            "a repeated statement"
        );
    }
    let error = page_within(&reader, &query, &[attempt(0, SearchTest::Text, Some(1_000))]).unwrap_err();
    assert!(error.is_interruption(), "{error:?}");
    let page = page_within(
        &reader,
        &query,
        &[attempt(0, SearchTest::Text, Some(1_000)), attempt(0, SearchTest::FoundRows, None)],
    )
    .unwrap();
    assert_eq!(page.items.len(), 1);
}
