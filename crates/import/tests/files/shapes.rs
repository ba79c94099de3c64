//! What is read from a small sample of each shape of JSON that other systems export.

use crate::reading::{HASH, read};

const ANN: &str = "ann ann@example.com 7 active hash";
const BOB: &str = "bob bob@example.com 8 disabled hash";

/// The system, a sample, and what is read from it.
const SHAPES: &[(&str, &str, &[&str])] = &[
    (
        "Django, dumpdata",
        r#"[{"model":"auth.group","pk":1,"fields":{"name":"staff","permissions":[]}},
              {"model":"auth.user","pk":7,"fields":{"password":"HASH","last_login":null,"username":"ann","email":"ann@example.com","is_active":true,"groups":[1]}},
              {"model":"accounts.customuser","pk":8,"fields":{"password":"HASH","username":"bob","email":"bob@example.com","is_active":false,"groups":[["staff"]]}},
              {"model":"sessions.session","pk":"x","fields":{"session_data":"x","expire_date":"2027-01-01"}}]"#,
        &[ANN, BOB, "auth.group (1 entry)", "sessions.session (1 entry)"],
    ),
    (
        "Django, jsonl with natural keys",
        "{\"model\": \"auth.group\", \"fields\": {\"name\": \"staff\"}}\n{\"model\": \"auth.user\", \"fields\": {\"password\": \"HASH\", \"username\": \"ann\", \"email\": \"ann@example.com\", \"is_active\": true, \"groups\": [[\"staff\"]]}}\n",
        &["ann ann@example.com ann active hash", "auth.group (1 entry)"],
    ),
    (
        "Keycloak 26, a realm",
        r#"{"id":"r","realm":"example","enabled":true,"roles":{"realm":[{"id":"1","name":"x"}]},"clients":[{"id":"c","clientId":"account"}],
              "users":[{"id":"7","username":"ann","email":"ann@example.com","emailVerified":true,"enabled":true,"totp":false,"createdTimestamp":1709284522000,"notBefore":0,"requiredActions":[],"realmRoles":["default-roles-example"],
                "credentials":[{"type":"password","secretData":"{\"value\":\"BuViHNDGmCq80fvpty/QoggTI8NSt0CuNDGgeoa5f5A=\",\"salt\":\"RJ0aLMQ2qKbZuROs7qQhcA==\",\"additionalParameters\":{}}","credentialData":"{\"hashIterations\":5,\"algorithm\":\"argon2\",\"additionalParameters\":{\"hashLength\":[\"32\"],\"memory\":[\"7168\"],\"type\":[\"id\"],\"version\":[\"1.3\"],\"parallelism\":[\"1\"]}}"}]}],
              "groups":[]}"#,
        &[ANN, "clients (1 entry)"],
    ),
    (
        "Firebase, auth:export",
        r#"{"users":[{"localId":"7","email":"ann@example.com","emailVerified":true,"passwordHash":"aGFzaA==","salt":"c2FsdA==","lastSignedInAt":"1709284522000","createdAt":"1709284522000","disabled":false,"providerUserInfo":[]}]}"#,
        &["ann ann@example.com 7 pending none"],
    ),
    (
        "Auth0, an export as NDJSON",
        "{\"user_id\":\"7\",\"email\":\"ann@example.com\",\"email_verified\":true,\"nickname\":\"ann\",\"passwordHash\":\"HASH\",\"blocked\":false}\n{\"user_id\":\"8\",\"email\":\"bob@example.com\",\"passwordHash\":\"HASH\",\"blocked\":true}\n",
        &[ANN, BOB],
    ),
    (
        "Auth0, a file of its import",
        r#"[{"user_id":"7","email":"ann@example.com","blocked":false,"custom_password_hash":{"algorithm":"bcrypt","hash":{"value":"HASH"}}}]"#,
        &[ANN],
    ),
    (
        "Okta, /api/v1/users",
        r#"[{"id":"7","status":"ACTIVE","created":"2024-03-01T09:15:22.000Z","profile":{"login":"ann","email":"ann@example.com","firstName":"Ann","lastName":"A"},"credentials":{"password":{"hash":{"algorithm":"BCRYPT","workFactor":4,"salt":"YTUT1WQ5.lwoeqOy1CKLNO","value":"m8LAc4GlFSWm4knJrRctIRo2R4hTYKC"}}}},
              {"id":"8","status":"SUSPENDED","profile":{"login":"bob","email":"bob@example.com"},"credentials":{"password":{}}}]"#,
        &[ANN, "bob bob@example.com 8 disabled none"],
    ),
    (
        "Cognito, list-users",
        r#"{"Users":[{"Username":"ann","Attributes":[{"Name":"sub","Value":"7"},{"Name":"email_verified","Value":"true"},{"Name":"email","Value":"ann@example.com"}],"UserCreateDate":"2024-03-01T09:15:22.104000+01:00","Enabled":true,"UserStatus":"CONFIRMED"},
              {"Username":"bob","Attributes":[{"Name":"sub","Value":"8"},{"Name":"email","Value":"bob@example.com"}],"Enabled":false,"UserStatus":"CONFIRMED"}]}"#,
        &["ann ann@example.com 7 pending none", "bob bob@example.com 8 disabled none"],
    ),
    (
        "Kratos, identities",
        r#"[{"id":"7","schema_id":"default","state":"active","traits":{"email":"ann@example.com","username":"ann","name":{"first":"Ann","last":"A"}},"credentials":{"password":{"type":"password","identifiers":["ann@example.com"],"config":{"hashed_password":"HASH"}}}},
              {"id":"8","state":"inactive","traits":{"email":"bob@example.com"},"credentials":{"password":{"config":{"hashed_password":"HASH"}}}}]"#,
        &[ANN, BOB],
    ),
    (
        "Meteor 3",
        r#"[{"_id":"7","createdAt":{"$date":"2024-03-01T09:15:22Z"},"username":"ann","emails":[{"address":"ann@example.com","verified":true}],"services":{"password":{"bcrypt":"HASH"}}}]"#,
        &[ANN],
    ),
    (
        "phpMyAdmin",
        r#"[{"type":"header","version":"5.2.1","comment":"Export to JSON plugin for PHPMyAdmin"},
              {"type":"database","name":"shop"},
              {"type":"table","name":"orders","database":"shop","data":[{"id":"1","total":"9.99"}]},
              {"type":"table","name":"users","database":"shop","data":[{"id":"7","username":"ann","email":"ann@example.com","password":"HASH"},{"id":"8","username":"bob","email":"bob@example.com","password":"HASH","banned":"1"}]}]"#,
        &[ANN, BOB, "orders (1 entry)"],
    ),
    (
        "Strapi, strapi export",
        "{\"type\":\"plugin::users-permissions.role\",\"id\":1,\"data\":{\"name\":\"Authenticated\"}}\n{\"type\":\"plugin::users-permissions.user\",\"id\":7,\"data\":{\"username\":\"ann\",\"email\":\"ann@example.com\",\"provider\":\"local\",\"password\":\"HASH\",\"confirmed\":true,\"blocked\":false}}\n",
        &[ANN, "plugin::users-permissions.role (1 entry)"],
    ),
    (
        "Ghost",
        r#"{"db":[{"meta":{"exported_on":1709284522000,"version":"5.80.0"},"data":{"posts":[{"id":"p"}],"users":[{"id":"7","name":"ann","slug":"ann","password":"HASH","email":"ann@example.com","status":"active"}],"roles":[{"id":"r","name":"Owner"}]}}]}"#,
        &[ANN, "db.data.posts (1 entry)", "db.data.roles (1 entry)"],
    ),
    (
        "MongoDB, canonical extended JSON",
        "{\"_id\":{\"$oid\":\"65e19d7a0000000000000007\"},\"username\":\"ann\",\"email\":\"ann@example.com\",\"password\":\"HASH\",\"locked\":false,\"attempts\":{\"$numberInt\":\"0\"},\"createdAt\":{\"$date\":{\"$numberLong\":\"1709284522000\"}},\"tenant\":{\"$binary\":{\"base64\":\"goHOw1j1TQ6aUVofOwx9EQ==\",\"subType\":\"04\"}}}\n",
        &["ann ann@example.com 65e19d7a0000000000000007 active hash"],
    ),
    (
        "pandas, split",
        r#"{"columns":["id","username","email","password","disabled"],"index":[0,1],"data":[[7,"ann","ann@example.com","HASH",false],[8,"bob","bob@example.com","HASH",true]]}"#,
        &[ANN, BOB],
    ),
    (
        "pandas, columns",
        r#"{"id":{"0":7,"1":8},"username":{"0":"ann","1":"bob"},"email":{"0":"ann@example.com","1":"bob@example.com"},"password":{"0":"HASH","1":"HASH"},"disabled":{"0":false,"1":true}}"#,
        &[ANN, BOB],
    ),
    (
        "several documents in a row",
        "{\n  \"id\": 7,\n  \"username\": \"ann\",\n  \"email\": \"ann@example.com\",\n  \"password\": \"HASH\"\n}\n{\n  \"id\": 8,\n  \"username\": \"bob\",\n  \"email\": \"bob@example.com\",\n  \"password\": \"HASH\",\n  \"locked\": true\n}\n",
        &[ANN, BOB],
    ),
    (
        "PostgreSQL's times",
        r#"[{"id":7,"username":"ann","email":"ann@example.com","password":"HASH","locked_until":"2024-03-01 09:15:22.104233+01"},{"id":8,"username":"bob","email":"bob@example.com","password":"HASH","locked_until":"2029-03-01 09:15:22.104233+01"}]"#,
        &[ANN, BOB],
    ),
];

/// Names under which other systems put the list of users.
const WRAPPERS: [&str; 10] =
    ["users", "data", "docs", "items", "results", "resources", "Resources", "rows", "records", "Users"];

#[test]
fn people_are_read_from_every_shape() {
    let mut failed = Vec::new();
    for (name, sample, expected) in SHAPES {
        let found = read(sample.replace("HASH", HASH).as_bytes());
        if found != *expected {
            failed.push(format!("{name}:\n  {found:?}\n  {expected:?}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn people_are_read_under_every_name_of_a_list() {
    for wrapper in WRAPPERS {
        let sample = format!(
            r#"{{"total":1,"{wrapper}":[{{"id":7,"username":"ann","email":"ann@example.com","password":"{HASH}"}}]}}"#
        );
        assert_eq!(read(sample.as_bytes()), [ANN], "under {wrapper}");
    }
}
