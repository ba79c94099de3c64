//! Files that are damaged, cut off, hostile or empty, in every format: each gets an error with what to do, or its damaged
//! records are refused alone.

use crate::reading::{HASH, read};

/// What is wrong with a file, the file, and a part of what is said about it: about the whole file, or about the records.
const BAD: &[(&str, &str, &[&str])] = &[
    ("empty", "", &["the file is empty"]),
    ("blank", "\n \n", &["the file is empty"]),
    (
        "CSV without a header",
        "7,ann,ann@example.com\n8,bob,bob@example.com\n",
        &["line 1: the first line holds values (7)"],
    ),
    (
        "CSV that is cut off in a quoted value",
        "id,name\n7,\"ann\n8,bob\n",
        &["line 2: a quotation mark opens"],
    ),
    (
        "CSV with two columns of a name",
        "email,name,email\na@b.example,ann,\n",
        &["line 1: two columns are called email"],
    ),
    (
        "CSV with a zero byte",
        "username,email\nann\0,a@b.example\nbob,b@b.example\n",
        &["it contains a zero byte", "bob b@b.example bob pending none"],
    ),
    (
        "CSV with ragged rows",
        "username,email\nann\nbob,b@b.example,x\neve,e@b.example\n",
        &["1 cells under 2 columns", "3 cells under 2 columns", "eve e@b.example eve pending none"],
    ),
    (
        "TSV without a header",
        "7\tann@example.com\n",
        &["the file cannot be read as TSV: line 1: the first line holds values (7)"],
    ),
    (
        "LDIF of changes",
        "version: 1\ndn: uid=ann,dc=example\nchangetype: modify\nreplace: mail\nmail: a@b.example\n",
        &["line 3: a change of a directory, not an entry; export the entries"],
    ),
    (
        "LDIF of another version",
        "version: 2\ndn: uid=ann,dc=example\n",
        &["line 1: a version of LDIF other than 1"],
    ),
    (
        "LDIF with damaged base64",
        "dn: uid=ann,dc=example\nuid: ann\nmail:: %%\n\ndn: uid=bob,dc=example\nuid: bob\n",
        &["line 3: mail is not base64", "bob - bob pending none"],
    ),
    (
        "LDIF that is cut off in a name",
        "dn: uid=ann,dc=example\nuid: ann\n\ndn: uid=bob,dc=example\nui",
        &["ann - ", "line 5: expected ATTRIBUTE: VALUE"],
    ),
    ("LDIF without names of entries", "version: 1\n\nuid: ann\n", &["line 3: an entry begins with dn:"]),
    (
        "LDIF with a zero byte",
        "dn: uid=ann,dc=example\nuid: a\0\n\ndn: uid=bob,dc=example\nuid: bob\n",
        &["it contains a zero byte", "bob - "],
    ),
    (
        "htpasswd with a broken line",
        "ann:$apr1$plE6tC6L$Ovo1QS2HBR/vtHYS8qTYv0\nbob\n",
        &["ann - ann active hash", "expected NAME:HASH"],
    ),
    (
        "shadow that is cut off",
        "ann:$6$x$y:19783:0:99999:7:::\nbob:$6$x",
        &["ann - ann pending none", "expected NAME:HASH and seven more fields"],
    ),
    (
        "the accounts of a system without hashes",
        "root:x:0:0:root:/root:/bin/bash\n",
        &["it looks like /etc/passwd, which has no passwords: import /etc/shadow"],
    ),
    (
        "JSON that is cut off",
        "[{\"username\":\"ann\"},{\"usern",
        &["the file is not JSON: EOF while parsing"],
    ),
    (
        "documents in a row that are cut off",
        "{\n\"username\":\"ann\"\n}\n{\n\"username\":\n",
        &["EOF while parsing a value, line 6"],
    ),
    (
        "pages of an API in a row",
        "{\n\"users\":[{\"username\":\"ann\"}]}\n{\n\"users\":[]}\n",
        &["several JSON documents, each with a list; join the lists"],
    ),
    ("a dump in SQL", "-- MySQL dump\nINSERT INTO users VALUES (1,'ann');\n", &["it looks like an SQL dump"]),
    ("YAML", "users:\n  - name: ann\n", &["it looks like YAML"]),
    (
        "phpMyAdmin without users",
        r#"[{"type":"header","version":"5"},{"type":"table","name":"orders","data":[]},{"type":"table","name":"tags","data":[]}]"#,
        &["none of the tables orders, tags is called like one of users"],
    ),
    (
        "pandas with rows of another length",
        r#"{"columns":["username","email"],"data":[["ann"],["bob","b@b.example"]]}"#,
        &["1 cells under 2 columns", "bob b@b.example"],
    ),
    (
        "an export of Okta without logins",
        r#"[{"id":"7","profile":{"email":7}}]"#,
        &["neither username nor email"],
    ),
];

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let mut failed = Vec::new();
    for (name, text, expected) in BAD {
        let found = read(text.as_bytes());
        let matches = found.len() == expected.len()
            && found.iter().zip(*expected).all(|(found, expected)| found.contains(expected));
        if !matches {
            failed.push(format!("{name}:\n  {found:?}\n  {expected:?}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn ten_thousand_columns_are_refused() {
    let names: Vec<String> = (0..10_000).map(|number| format!("c{number}")).collect();
    let found = read(format!("{}\n{}\n", names.join(","), "x,".repeat(9_999)).as_bytes());
    assert!(found[0].contains("line 1: 10000 columns, more than 1000"), "{found:?}");
}

#[test]
fn a_line_that_is_too_long_is_refused_in_every_format() {
    let long = "x".repeat(17 * 1024 * 1024);
    for (text, expected) in [
        (format!("username,email\nann,{long}\n"), "line 2: a record of more than 16 MiB"),
        (format!("username\temail\nann\t{long}\n"), "line 2: a record of more than 16 MiB"),
        (format!("dn: uid=ann,dc=example\nuid: ann\ncn: {long}\n"), "more than 16 MiB"),
        (format!("ann:{HASH}\nbob:{long}\n"), "more than 16 MiB"),
        (format!("ann:{HASH}:19783:0:99999:7:::\nbob:{long}:::::::\n"), "more than 16 MiB"),
        (format!("{{\"username\":\"ann\"}}\n{{\"username\":\"{long}\"}}\n"), "more than 16 MiB"),
    ] {
        let found = read(text.as_bytes());
        assert!(found.iter().any(|found| found.contains(expected)), "{expected}: {found:?}");
    }
}

#[test]
fn mixed_encodings_are_located() {
    for text in [
        "username,name\nann,J\u{f6}rg\nbob,",
        "dn: uid=bob,dc=example\ncn: J\u{f6}rg\nsn: ",
        "{\"username\":\"J\u{f6}rg\"}\n\n{\"username\":\"",
    ] {
        let found = read(&[text.as_bytes(), b"J\xf6rg\n"].concat());
        assert!(
            found[0].contains("the file is not UTF-8: line 3") && found[0].contains("iconv"),
            "{found:?}"
        );
    }
}
