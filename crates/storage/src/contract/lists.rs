//! Lists.

use super::reads::{add, update};
use super::{Bench, People, record};
use crate::{Change, Store, UnitOfWork};
use roster_domain::{
    Action, DisplayName, EmailAddress, Limit, RoleName, RoleSet, Sort, SortKey, StatusKind, User, UserFilter,
    UserId, UserQuery, Username,
};
use std::sync::Arc;

pub(super) async fn collect(store: &Arc<dyn Store>, mut query: UserQuery) -> Vec<Arc<User>> {
    let mut all = Vec::new();
    loop {
        let page = store.users(&query).await.expect("readable");
        assert!(page.items.len() <= query.limit.get());
        all.extend(page.items);
        let Some(next) = page.next else { return all };
        assert_ne!(Some(&next), query.after.as_ref(), "a page must lead on");
        query.after = Some(next);
    }
}

fn ids(users: &[Arc<User>]) -> Vec<UserId> {
    users.iter().map(|user| user.id).collect()
}

pub(super) fn by(sort: &str, limit: u64) -> UserQuery {
    UserQuery {
        sort: Sort::parse(sort).expect("valid"),
        limit: Limit::new(limit).expect("valid"),
        ..UserQuery::default()
    }
}

/// Users in whom every sort key has ties, gaps, mixed case, accents and emoji.
async fn many_people(store: &Arc<dyn Store>) -> Vec<Arc<User>> {
    let names = ["zoe", "Ada", "ádám", "ada2", "Émile", "李", "b_b", "b-b", "B.C", "straße", "ω"];
    let shown = ["Zoe", "ada", "Ada", "ÁDÁM", "😀", "李", "", "", "<b>", "ZOE", "zoe"];
    let mut people = Vec::new();
    for (n, (name, shown)) in names.iter().zip(shown).enumerate() {
        let mut user = People.nth(u32::try_from(n / 2).expect("small"));
        user.id = People.nth(u32::try_from(100 + n * 7 % 11).expect("small")).id;
        user.username = Username::new(*name).expect("valid");
        user.email = (n % 3 != 0).then(|| EmailAddress::new(format!("P{n}@Example.com")).expect("valid"));
        user.display_name = DisplayName::new(shown).ok();
        user.last_login_at = (n % 4 == 1).then_some(user.created_at);
        user.updated_at = People.nth(u32::try_from(n % 3).expect("small")).created_at;
        people.push(add(store, user).await);
    }
    people
}

/// Tests every key, direction and page size.
pub async fn every_sort_key_orders_by_canonical_bytes(bench: &impl Bench) {
    let store = bench.fresh().await;
    let people = many_people(&store).await;
    let singles = SortKey::ALL.iter().flat_map(|key| [key.as_str().to_owned(), format!("-{}", key.as_str())]);
    for sort in singles.chain(["display_name,-username".to_owned(), "-updated_at,email".to_owned()]) {
        let order = Sort::parse(&sort).expect("valid");
        let mut expected = people.clone();
        expected.sort_by(|a, b| order.compare(&order.position(a), &order.position(b)));
        for limit in [1, 3, 1_000] {
            assert_eq!(ids(&collect(&store, by(&sort, limit)).await), ids(&expected), "{sort} by {limit}");
        }
    }
}

/// This holds for every page size.
pub async fn pages_visit_every_user_once_in_order(bench: &impl Bench) {
    let store = bench.fresh().await;
    for n in 0..25 {
        add(&store, People.nth(n)).await;
    }
    let expected: Vec<_> = (0..25).map(|n| People.nth(n).id).collect();
    for limit in [1, 7, 25, 26] {
        assert_eq!(ids(&collect(&store, by("created_at", limit)).await), expected, "pages of {limit}");
    }
}

/// Existing users are seen exactly once, whatever is inserted or changed meanwhile.
pub async fn pages_are_stable_under_inserts(bench: &impl Bench) {
    let store = bench.fresh().await;
    for n in (0..20).step_by(2) {
        add(&store, People.nth(n)).await;
    }
    let mut query = by("-username", 3);
    let mut seen = Vec::new();
    for n in (1..40).step_by(2) {
        let page = store.users(&query).await.expect("readable");
        seen.extend(page.items);
        add(&store, People.nth(n)).await;
        let Some(next) = page.next else { break };
        query.after = Some(next);
    }
    let mut even: Vec<_> = ids(&seen);
    let before = even.len();
    even.sort_unstable();
    even.dedup();
    assert_eq!(even.len(), before, "nobody twice");
    for n in (0..20).step_by(2) {
        assert!(even.contains(&People.nth(n).id), "person{n} was there all along");
    }
}

/// Those who stay are seen exactly once, whoever leaves meanwhile: also the last one of a page, after whom the next
/// page begins.
pub async fn pages_are_stable_under_removals(bench: &impl Bench) {
    for sort in ["username", "-created_at", "last_login_at"] {
        let store = bench.fresh().await;
        for n in 0..30 {
            add(&store, People.nth(n)).await;
        }
        let mut expected = ids(&collect(&store, by(sort, 1_000)).await);
        let (mut query, mut seen) = (by(sort, 4), Vec::new());
        loop {
            let page = store.users(&query).await.expect("readable");
            seen.extend(ids(&page.items));
            let Some(next) = page.next else { break };
            remove(&store, seen[seen.len() - 1]).await;
            remove(&store, expected.remove(seen.len())).await;
            query.after = Some(next);
        }
        assert_eq!(seen, expected, "by {sort}");
    }
}

async fn remove(store: &Arc<dyn Store>, id: UserId) {
    let removal = UnitOfWork::audited(record(Action::UserDeleted, id)).write(Change::RemoveUser(id));
    store.commit(removal).await.expect("no guard");
}

/// Tests each condition alone, and two together.
pub async fn filters_find_exactly_the_matching_users(bench: &impl Bench) {
    let store = bench.fresh().await;
    let people = many_people(&store).await;
    let at = people[0].created_at;
    let off = (*people[1]).clone().with_status(StatusKind::Disabled, at).touched(at);
    store.commit(update(&people[1], off)).await.expect("fresh");
    let editor = RoleName::new("editor").expect("valid");
    let roles = RoleSet::new([editor.clone()]).expect("few");
    let edits = (*people[2]).clone().touched(at).with_roles(roles);
    store.commit(update(&people[2], edits)).await.expect("fresh");
    let everybody = collect(&store, by("created_at", 1_000)).await;
    let none = UserFilter::default;
    let filters = [
        UserFilter { status: Some(StatusKind::Disabled), ..none() },
        UserFilter { role: Some(editor), ..none() },
        UserFilter { email: EmailAddress::new("p1@example.com").ok(), ..none() },
        UserFilter { username: Username::new("ADA").ok(), ..none() },
        UserFilter { text: Some("aDa".into()), ..none() },
        UserFilter { text: Some("😀".into()), ..none() },
        UserFilter { text: Some("%".into()), ..none() },
        UserFilter { text: Some("_".into()), status: Some(StatusKind::Active), ..none() },
    ];
    for filter in filters {
        let query = UserQuery { filter: filter.clone(), ..by("created_at", 2) };
        let expected: Vec<_> = everybody.iter().filter(|user| filter.matches(user)).cloned().collect();
        assert_eq!(ids(&collect(&store, query).await), ids(&expected), "{filter:?}");
    }
}

/// This holds even if the page is exactly full.
pub async fn the_last_page_has_no_next(bench: &impl Bench) {
    let store = bench.fresh().await;
    assert_eq!(store.users(&by("created_at", 2)).await.expect("readable").next, None);
    for n in 0..2 {
        add(&store, People.nth(n)).await;
    }
    assert_eq!(store.users(&by("created_at", 2)).await.expect("readable").next, None);
    assert!(store.users(&by("created_at", 1)).await.expect("readable").next.is_some());
}
