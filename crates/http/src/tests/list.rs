use crate::code::Code;
use crate::extract::testing::params;
use crate::lists::PageRequest;
use crate::problem::Problem;
use actix_web::http::header::LINK;
use roster_domain::{Page, Position, SortValue, StatusKind, UserId, UserQuery};

fn rejected(query: &str) -> Problem {
    match params::<PageRequest<UserQuery>>(query) {
        Err(problem) => problem,
        Ok(_) => panic!("accepted {query}"),
    }
}

#[test]
fn parameters_become_a_query() {
    let list =
        params::<PageRequest<UserQuery>>("status=disabled&sort=-username,email&limit=7&q=a%20b&role=user")
            .ok()
            .unwrap();
    let query = list.query();
    assert_eq!(query.filter.status, Some(StatusKind::Disabled));
    assert_eq!(
        (query.filter.text.as_deref(), query.limit.get(), query.sort.keys().len()),
        (Some("a b"), 7, 2)
    );
}

#[test]
fn every_invalid_parameter_is_reported_at_once_with_the_known_names() {
    let problem = rejected("limit=1001&status=x&role=A&page=2&limit=3");
    assert_eq!(problem.code(), Code::UnknownParameter);
    let found: Vec<_> = problem.violations().iter().map(|v| (v.pointer.as_str(), v.code.as_ref())).collect();
    for violation in [
        ("limit", "limit_invalid"),
        ("limit", "parameter_twice"),
        ("status", "status_invalid"),
        ("role", "role_invalid"),
        ("page", "unknown_parameter"),
    ] {
        assert!(found.contains(&violation), "{violation:?} in {found:?}");
    }
    assert!(problem.violations().iter().any(|violation| violation.message.contains("external_id")));
    assert_eq!(rejected("sort=password").code(), Code::ParameterInvalid);
    for limit in ["0", "-1", "1.5", "x", "99999999999999999999999"] {
        assert_eq!(rejected(&format!("limit={limit}")).code(), Code::ParameterInvalid, "{limit}");
    }
}

#[test]
fn a_cursor_is_valid_only_with_its_own_query() {
    let list = params::<PageRequest<UserQuery>>("sort=username&limit=2").ok().unwrap();
    let id: UserId = "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8".parse().unwrap();
    let position = Position { values: vec![SortValue::Text("ada".to_owned())], id };
    let (mut cursor, page) = (None, Page { items: Vec::<()>::new(), next: Some(position.clone()) });
    let reply = list.reply(page, |_, next| cursor = next);
    let (cursor, link) = (cursor.unwrap(), reply.header(&LINK).unwrap());
    let query =
        link.to_str().unwrap().strip_prefix("</users?").unwrap().split('>').next().unwrap().to_owned();
    assert_eq!(params::<PageRequest<UserQuery>>(&query).ok().unwrap().query().after, Some(position));
    assert_eq!(rejected(&format!("sort=email&cursor={cursor}")).code(), Code::CursorInvalid);
    assert_eq!(rejected("cursor=x").code(), Code::CursorInvalid);
}
