//! Values that are accepted with a warning.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use roster_config::{Settings, Sources};

fn load<const N: usize>(variables: [(&str, &str); N]) -> Settings {
    Settings::load(Sources::none().with_environment(variables)).unwrap()
}

#[test]
fn a_low_bcrypt_cost_is_a_warning() {
    let settings = load([("ROSTER__PASSWORD__BCRYPT_COST", "4")]);
    assert!(settings.warnings()[0].contains("password.bcrypt_cost = 4"));
}

#[test]
fn an_issuer_that_differs_from_the_public_url_is_a_warning() {
    let warned = |issuer: &str, url: &str| {
        let variables = [("ROSTER__AUTH__ISSUER", issuer), ("ROSTER__SERVER__PUBLIC_URL", url)];
        load(variables).token_warnings()
    };
    let message = warned("roster", "https://id.example.org/");
    assert!(message.len() == 1 && message[0].starts_with("auth.issuer = \"roster\" is not"), "{message:?}");
    assert!(message[0].contains("server.public_url = \"https://id.example.org\""), "{message:?}");
    assert_eq!(warned("https://id.example.org/a", "https://id.example.org").len(), 1);
    for (issuer, url) in [
        ("https://id.example.org", "https://id.example.org/"),
        ("https://id.example.org/", "https://id.example.org"),
        ("roster", ""),
    ] {
        assert_eq!(warned(issuer, url), [""; 0], "{issuer} {url}");
    }
}

#[test]
fn a_token_lifetime_beyond_the_session_is_a_warning() {
    let short = [("ROSTER__SESSION__IDLE_TIMEOUT", "10m"), ("ROSTER__SESSION__LIFETIME", "10m")];
    let message = load(short).token_warnings();
    assert!(
        message.len() == 1 && message[0].contains("auth.access_token_ttl is above session.lifetime"),
        "{message:?}"
    );
}

#[test]
fn an_empty_audience_is_a_warning() {
    let message = load([("ROSTER__AUTH__AUDIENCE", "")]).token_warnings();
    assert!(message.len() == 1 && message[0].starts_with("auth.audience is empty: "), "{message:?}");
}

/// The warning about an unused variable, if any.
fn warned_of(name: &str, value: &str) -> Option<String> {
    let warnings = load([(name, value)]).warnings();
    assert!(warnings.len() < 2, "{warnings:?}");
    let message = format!("environment variable {name} is not read; ");
    warnings.first().map(|warning| warning.strip_prefix(&message).unwrap().to_owned())
}

#[test]
fn a_variable_similar_to_ours_is_a_warning_not_an_error() {
    for (name, meant) in [
        ("ROSTER_ADMIN_PASWORD", "ROSTER_ADMIN_PASSWORD"),
        ("ROSTER_ADMIN_USER", "ROSTER_ADMIN_USERNAME"),
        ("roster_admin_email", "ROSTER_ADMIN_EMAIL"),
        ("ROSTER_ADMIN_PASSWORDFILE", "ROSTER_ADMIN_PASSWORD_FILE"),
        ("JWT_SECRETS", "JWT_SECRET"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("ROSTER_SERVER_PORT", "ROSTER__SERVER__PORT"),
        ("roster__server__port", "ROSTER__SERVER__PORT"),
        ("ROSTER_PORT", "ROSTER__SERVER__PORT"),
        ("ROSTER_JWT_SECRET", "JWT_SECRET"),
        ("ROSTER_JWT_SECRET_FILE", "JWT_SECRET_FILE"),
        ("ROSTER_SECRET", "JWT_SECRET"),
        ("ROSTER_LOG", "RUST_LOG"),
        ("ROSTER_LOGLEVEL", "ROSTER__LOG__LEVEL"),
    ] {
        assert_eq!(warned_of(name, "x"), Some(format!("did you mean {meant}?")), "{name}");
    }
}

#[test]
fn every_unused_variable_with_our_prefix_is_reported() {
    let where_all_are = "`roster config show` lists every setting";
    assert_eq!(warned_of("ROSTER_CONFIG", "x.toml").as_deref(), Some("use --config to name the file"));
    assert_eq!(warned_of("ROSTER_QQ", "x").as_deref(), Some(where_all_are));
    let message = load([("ROSTER__SERVER__PORT", "1"), ("ROSTER_PORT", "2")]).warnings();
    assert_eq!(message, [format!("environment variable ROSTER_PORT is not read; {where_all_are}")]);
}

#[test]
fn variables_of_other_programs_are_not_reported() {
    for (name, value) in [
        ("ROSTER_PORT", "tcp://10.0.0.1:80"),
        ("ROSTER_SERVICE_HOST", "10.0.0.1"),
        ("ROSTER_SERVICE_PORT", "80"),
        ("ROSTER_DB_SERVICE_PORT_HTTP", "80"),
        ("ROSTER_PORT_8000_TCP", "tcp://10.0.0.1:8000"),
        ("ROSTER_PORT_8000_TCP_PROTO", "tcp"),
        ("ROSTER_QQ", ""),
        ("RUST_BACKTRACE", "1"),
        ("PATH", "/bin"),
        ("DATABASE", "x"),
        ("SECRET", "x"),
    ] {
        assert_eq!(warned_of(name, value), None, "{name}");
    }
    let both = load([("DATABASE_URL", "json:x.json"), ("DATABASE_URI", "x")]);
    assert!(both.warnings().is_empty(), "our variable is set, so the other belongs to another program");
}
