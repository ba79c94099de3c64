//! Lists from the index and from changes since, compared with a list that looks at everyone.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use roster_domain::{
    Credential, Direction, DisplayName, EmailAddress, Limit, Login, PasswordHash, Position, RoleName,
    RoleSet, Sort, SortKey, StatusKind, User, UserFilter, UserId, UserQuery, Username,
};

use super::{at, person};
use crate::state::State;

/// What happens to a store.
#[derive(Debug, Clone)]
enum Event {
    Put(Box<User>),
    Remove(u64),
    /// An index is made of the present state.
    Indexed,
    /// The last index that was made is used.
    IndexUsed,
    /// Tables of the names are made of the present state.
    Named,
    /// The last tables that were made are used.
    NamesUsed,
}

const PEOPLE: u64 = 12;
/// A hash of another system.
const HASH: &str = "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=";
const NAMES: [&str; 6] = ["Zoe", "zoe", "ÁDÁM", "Straße ω", "😀", "b_b"];

fn users() -> impl Strategy<Value = User> {
    let times = (0..4_u64, 0..4_u64, prop::option::of(0..4_u64));
    let names = (prop::option::of(0..NAMES.len()), prop::option::of(0..3_u64), 0..3_usize);
    (0..PEOPLE, times, names, 0..3_usize, 0..4_usize).prop_map(|(number, times, names, status, roles)| {
        let (created, updated, login) = times;
        let (shown, domain, spelling) = names;
        let roles: Vec<_> = ["admin", "editor", "user"][..roles.min(3)]
            .iter()
            .map(|role| RoleName::new(*role).unwrap())
            .collect();
        let user = person(number)
            .with_roles(RoleSet::new(roles).unwrap())
            .with_status(StatusKind::ALL[status], at(1));
        user.with(|user| {
            user.username = Username::new(format!("Ná{}me{number}", "x".repeat(spelling))).unwrap();
            user.email =
                domain.map(|domain| EmailAddress::new(format!("P{number}@d{domain}.example")).unwrap());
            user.credential =
                login.map_or(Credential::None, |_| Credential::Password(PasswordHash::new(HASH).unwrap()));
            user.display_name = shown.map(|shown| DisplayName::new(NAMES[shown]).unwrap());
            (user.created_at, user.updated_at, user.last_login_at) =
                (at(created), at(updated), login.map(at));
        })
    })
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        6 => users().prop_map(|user| Event::Put(Box::new(user))),
        2 => (0..PEOPLE).prop_map(Event::Remove),
        1 => Just(Event::Indexed),
        2 => Just(Event::IndexUsed),
        1 => Just(Event::Named),
        2 => Just(Event::NamesUsed),
    ];
    vec(event, 0..40)
}

fn queries() -> impl Strategy<Value = UserQuery> {
    let sort = vec((0..SortKey::ALL.len(), any::<bool>()), 1..3).prop_map(|keys| {
        let keys = keys
            .into_iter()
            .map(|(key, is_up)| format!("{}{}", if is_up { "" } else { "-" }, SortKey::ALL[key].as_str()));
        keys.collect::<Vec<_>>().join(",")
    });
    let text = prop::option::of(prop::sample::select(vec![
        "", "zo", "á", "NÁ", "ss", "ß", "x", "\n", "d1.e", "e\np", "😀",
    ]));
    let status = prop::option::of(prop::sample::select(StatusKind::ALL.to_vec()));
    let role = prop::option::of(prop::sample::select(vec!["admin", "editor", "nobody"]));
    (sort, text, status, role, 1..5_u64).prop_map(|(sort, text, status, role, limit)| UserQuery {
        filter: UserFilter {
            text: text.map(str::to_owned),
            status,
            role: role.map(|role| RoleName::new(role).unwrap()),
            ..UserFilter::default()
        },
        sort: Sort::parse(&sort).unwrap_or_default(),
        limit: Limit::new(limit).unwrap(),
        after: None,
    })
}

/// The state after the events, and its users.
fn state_after(events: Vec<Event>) -> (State, BTreeMap<UserId, User>) {
    let (mut state, mut users) = (State::default(), BTreeMap::new());
    let (mut made, mut named) = (None, None);
    for event in events {
        match event {
            Event::Put(user) => {
                state.put(&Arc::new(User::clone(&user)));
                users.insert(user.id, *user);
            }
            Event::Remove(number) => {
                state.remove(person(number).id);
                users.remove(&person(number).id);
            }
            Event::Indexed => made = Some(Arc::new(state.next_index())),
            Event::IndexUsed => {
                if let Some(index) = made.take() {
                    state.use_index(&index);
                }
            }
            Event::Named => named = state.next_names().map(Arc::new),
            Event::NamesUsed => {
                if let Some(names) = named.take() {
                    state.use_names(&names);
                }
            }
        }
    }
    (state, users)
}

fn expected(users: &BTreeMap<UserId, User>, query: &UserQuery, after: Option<&Position>) -> Vec<UserId> {
    let matching = users.values().filter(|user| query.filter.matches(user));
    let mut found: Vec<_> = matching.map(|user| query.sort.position(user)).collect();
    found.sort_by(|one, other| query.sort.compare(one, other));
    found.retain(|position| after.is_none_or(|after| query.sort.compare(position, after).is_gt()));
    found.into_iter().map(|position| position.id).collect()
}

fn listed(state: &State, query: &UserQuery) -> Vec<UserId> {
    let (mut query, mut found) = (query.clone(), Vec::new());
    loop {
        let page = state.page(&query);
        found.extend(page.items.iter().map(|user| user.id));
        query.after = page.next;
        if query.after.is_none() {
            return found;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn pages_are_those_of_a_list_of_everyone(events in events(), query in queries()) {
        let (state, users) = state_after(events);
        prop_assert_eq!(listed(&state, &query), expected(&users, &query, None));
    }

    /// Such as the position of somebody who has changed since, or is gone.
    #[test]
    fn a_page_begins_after_any_position(events in events(), query in queries(), other in users()) {
        let (state, users) = state_after(events);
        let after = query.sort.position(&other);
        let expected = expected(&users, &query, Some(&after));
        prop_assert_eq!(listed(&state, &UserQuery { after: Some(after), ..query }), expected);
    }

    #[test]
    fn a_name_leads_to_its_present_owner(events in events(), other in users()) {
        let (state, users) = state_after(events);
        for user in users.values().chain([&other]) {
            let names = [Some(user.username.as_str()), user.email.as_ref().map(EmailAddress::as_str)];
            for (name, is_username) in names.into_iter().zip([true, false]).filter_map(|(name, kind)| Some((name?, kind))) {
                let email = |user: &User| user.email.as_ref().map(|email| email.key().clone());
                let has_username = |known: &&User| known.username.key() == user.username.key();
                let has_email = |known: &&User| email(known) == email(user);
                let has_it = |known: &&User| if is_username { has_username(known) } else { has_email(known) };
                let found = state.user_by_login(&Login::new(name)).map(|user| user.id);
                prop_assert_eq!(found, users.values().find(has_it).map(|user| user.id), "{}", name);
            }
        }
    }

    #[test]
    fn users_loaded_at_once_are_those_loaded_one_by_one(events in events(), query in queries()) {
        let (state, users) = state_after(events);
        let loaded: Vec<_> = users.values().cloned().map(Arc::new).collect();
        let anew = State::of(&loaded).unwrap();
        prop_assert_eq!(listed(&anew, &query), listed(&state, &query));
        prop_assert_eq!(anew.has_active_admin(), state.has_active_admin());
        prop_assert_eq!(anew.imported_hashes(), state.imported_hashes());
        for user in &loaded {
            prop_assert_eq!(anew.user_by_login(&Login::new(user.username.as_str())), Some(user));
        }
        let again: Vec<_> = loaded.iter().chain(loaded.last()).cloned().collect();
        prop_assert!(loaded.is_empty() || State::of(&again).is_none());
    }

    #[test]
    fn an_index_made_step_by_step_is_the_one_made_at_once(events in events()) {
        let (state, users) = state_after(events);
        let mut anew = State::default();
        for user in users.into_values() {
            anew.put(&Arc::new(user));
        }
        prop_assert_eq!(state.next_index().described(), anew.next_index().described());
    }
}

#[test]
fn a_walk_of_many_ends_at_the_first_page_or_finds_everyone_who_matches() {
    let mut state = State::default();
    let many = 5_000;
    for number in 0..many {
        let role = if number == 17 || number == many - 3 { "rare" } else { "user" };
        let roles = RoleSet::new([RoleName::new(role).unwrap()]).unwrap();
        state.put(&Arc::new(person(number).with_roles(roles)));
    }
    state.use_index(&Arc::new(state.next_index()));
    for direction in [Direction::Ascending, Direction::Descending] {
        let minus = if direction == Direction::Descending { "-" } else { "" };
        for keys in ["created_at", "username", "last_login_at,-username"] {
            let filter = UserFilter { role: RoleName::new("rare").ok(), ..UserFilter::default() };
            let query = UserQuery {
                filter,
                sort: Sort::parse(&format!("{minus}{keys}")).unwrap(),
                ..UserQuery::default()
            };
            let users = state.iter().map(|user| (user.id, User::clone(user))).collect();
            let expected = expected(&users, &query, None);
            assert_eq!((listed(&state, &query), expected.len()), (expected, 2), "{minus}{keys}");
        }
    }
}
