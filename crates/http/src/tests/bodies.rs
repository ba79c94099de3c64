use crate::bodies::logins::CredentialsBody;
use crate::bodies::users::{NewUserBody, PasswordChangeBody, UserDraftBody};
use crate::code::Code;
use crate::extract::testing::{parse, validate};
use crate::problem::Problem;
use roster_service::{AttributesDraft, Completeness, Precondition};

fn codes(problem: &Problem) -> Vec<(&str, &str)> {
    problem
        .violations()
        .iter()
        .map(|violation| (violation.pointer.as_str(), violation.code.as_ref()))
        .collect()
}

fn new_user(text: &str) -> Result<NewUserBody, Problem> {
    validate(parse(text)?)
}

fn draft(text: &str) -> Result<UserDraftBody, Problem> {
    validate(parse(text)?)
}

#[test]
fn every_invalid_value_is_reported_at_once() {
    let text = r#"{"username":"a b","password":"short","email":"nobody","roles":["X"],"status":"gone","display_name":""}"#;
    let Err(problem) = new_user(text) else { panic!("accepted") };
    assert_eq!(problem.code(), Code::ValidationFailed);
    let mut codes = codes(&problem);
    codes.sort_unstable();
    assert_eq!(
        codes,
        [
            ("/display_name", "display_name_empty"),
            ("/email", "email_invalid"),
            ("/password", "password_too_short"),
            ("/roles", "role_invalid"),
            ("/status", "status_invalid"),
            ("/username", "username_invalid"),
        ]
    );
}

#[test]
fn missing_and_null_fields_are_reported() {
    let Err(problem) = new_user(r#"{"username":null}"#) else { panic!("accepted") };
    assert_eq!(codes(&problem), [("/password", "field_missing"), ("/username", "field_null")]);
}

#[test]
fn a_registration_with_an_unknown_field_is_rejected() {
    for field in ["is_admin", "id", "version", "credential", "Username"] {
        let Err(problem) = new_user(&format!(r#"{{"username":"ada","{field}":1}}"#)) else {
            panic!("accepted")
        };
        assert_eq!(problem.code(), Code::UnknownField);
        assert_eq!(codes(&problem), [(format!("/{field}").as_str(), "unknown_field")]);
        assert!(problem.violations()[0].message.contains("`username`"));
    }
}

#[test]
fn a_wrong_shape_is_reported_without_the_value() {
    let Err(problem) = new_user(r#"{"username":"ada","password":{"secret":1}}"#) else { panic!("accepted") };
    assert_eq!((problem.code(), codes(&problem)), (Code::BodyInvalid, vec![("/password", "shape_invalid")]));
    let Err(problem) = new_user(r#"{"username":"ada","roles":["user",7]}"#) else { panic!("accepted") };
    assert_eq!(codes(&problem)[0].0, "/roles/1");
    for text in ["[]", r#"["ada","correct horse battery"]"#, "1", "null", "\"x\""] {
        let Err(problem) = new_user(text) else { panic!("accepted {text}") };
        assert_eq!(problem.code(), Code::BodyInvalid, "{text}");
    }
}

#[test]
fn the_expected_type_is_named_in_json_terms() {
    for (text, expected) in [
        (r#"{"username":1}"#, "expected a string"),
        (r#"{"roles":{}}"#, "expected an array"),
        (r#"{"attributes":[]}"#, "expected an object"),
        (r#"{"email_verified":"yes"}"#, "expected true or false"),
        (r#"{"version":-1}"#, "expected an integer of 0 or more"),
        (r#"{"version":"1"}"#, "expected an integer of 0 or more"),
    ] {
        let Err(problem) = draft(text) else { panic!("accepted {text}") };
        assert_eq!(problem.violations()[0].message, expected, "{text}");
    }
}

#[test]
fn a_password_made_from_the_username_is_rejected() {
    let Err(problem) = new_user(r#"{"username":"lovelace","password":"lovelace1"}"#) else {
        panic!("accepted")
    };
    assert_eq!(codes(&problem), [("/password", "password_contains_own_name")]);
}

#[test]
fn a_valid_body_becomes_values() {
    let body = new_user(r#"{"username":"Ada","password":"correct horse battery","email":null}"#);
    let new = body.and_then(NewUserBody::into_new_user).ok().unwrap();
    assert_eq!((new.username.as_str(), new.email), ("Ada", None));
    assert!(new.privileged.roles.is_none());
}

#[test]
fn a_patch_distinguishes_absent_from_null() {
    let patch = draft(r#"{"email":null,"attributes":{"a":null}}"#).unwrap_or_default();
    let draft = patch.into_draft(Completeness::Partial).unwrap();
    assert_eq!((draft.email, draft.display_name), (Some(None), None));
    assert!(matches!(draft.attributes, Some(AttributesDraft::Merge(patch)) if patch["a"].is_null()));
}

#[test]
fn required_values_cannot_be_cleared() {
    let Err(problem) = draft(r#"{"username":null,"roles":null,"status":null}"#) else { panic!("accepted") };
    assert!(codes(&problem).iter().all(|(_, code)| *code == "field_null"));
    assert_eq!(problem.violations().len(), 3);
}

#[test]
fn a_put_replaces_attributes() {
    let put = draft(r#"{"attributes":{"a":1}}"#).unwrap_or_default().into_draft(Completeness::Whole).unwrap();
    assert!(matches!(put.attributes, Some(AttributesDraft::Replace(_))));
}

#[test]
fn a_login_has_one_name_and_a_password() {
    let credentials = |text| parse(text).and_then(validate::<CredentialsBody>);
    for (text, login) in [
        (r#"{"login":"ada","password":"x"}"#, "ada"),
        (r#"{"username":"ada","password":"x"}"#, "ada"),
        (r#"{"email":"a@b.org","password":"x"}"#, "a@b.org"),
    ] {
        assert_eq!(credentials(text).ok().unwrap().into_parts().0, login);
    }
    for text in [r#"{"login":"a","email":"b","password":"x"}"#, r#"{"password":"x"}"#, r#"{"login":"a"}"#] {
        assert!(credentials(text).is_err(), "{text}");
    }
}

#[test]
fn the_policy_does_not_apply_to_the_current_password() {
    let change = r#"{"current_password":"x","password":"four other random words"}"#;
    let change = parse(change).and_then(validate::<PasswordChangeBody>).ok().unwrap();
    assert!(change.into_new_password(Precondition::None).unwrap().current.is_some());
}
