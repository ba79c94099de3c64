//! What is read from files that are not JSON.

use crate::reading::{HASH, read};

#[test]
fn people_of_a_directory_are_read_with_their_locks() {
    let text = format!(
        "# extended LDIF\n#\n# base <dc=example> with\n  a folded comment\n\nversion: 1\n\
         dn: uid=ann,dc=example\nobjectClass: inetOrgPerson\nuid: ann\nuid: annie\nmail: ann@example.com\nentryUUID: 7\n\
         userPassword:: {}\nuserPassword: {{SSHA}}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\njpegPhoto:: /9j/4AAQ\nseeAlso:< file:///etc/passwd\n\n\
         dn: CN=Bob,DC=example\nobjectClass: top\nobjectClass: user\ncn: Bob\nsAMAccountName: bob\nmail: bob@example.com\n\
         objectGUID:: w87BgvVYDk2aUVofOwx9EQ==\nuserAccountControl: 514\n\n\
         dn: CN=PC,DC=example\nobjectClass: user\nobjectClass: computer\nsAMAccountName: PC$\n\n\
         dn: uid=eve,dc=example\nobjectClass: shadowAccount\nuid: eve\nshadowExpire: 1\n\n\
         dn: uid=joe,dc=example\nobjectClass: account\nuid: joe\nuserPassword:< file:///etc/shadow\n\n\
         # search result\nsearch: 2\nresult: 0 Success\n\n# numEntries: 5\n",
        base64_of(HASH)
    );
    assert_eq!(
        read(text.as_bytes()),
        [
            "ann ann@example.com 7 active hash",
            "bob bob@example.com 82c1cec3-58f5-4d0e-9a51-5a1f3b0c7d11 disabled none",
            "eve - eve disabled none",
            "joe - joe pending none",
            "computer (1 entry)",
        ]
    );
}

fn base64_of(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn the_table_of_firebase_is_read_without_a_header() {
    // The layout of firebase-tools 13 (accountExporter.ts): 28 cells and a comma at the end.
    let row = |id: &str, email: &str, disabled: &str| {
        let providers = ",".repeat(15);
        format!(
            "{id},{email},true,aGFzaA==,c2FsdA==,\"A, B\",,{providers},1709284522000,1709284522000,,{disabled},\"{{\"\"admin\"\":true}}\",\n"
        )
    };
    let text = row("k7", "ann@example.com", "") + &row("k8", "bob@example.com", "true");
    assert_eq!(
        read(text.as_bytes()),
        ["ann ann@example.com k7 pending none", "bob bob@example.com k8 disabled none"]
    );
}

#[test]
fn a_table_says_in_any_spelling_who_is_locked_out() {
    let text = format!(
        "id|username|email|password|is_active|locked_until\n7|ann|ann@example.com|{HASH}|t|\\N\n8|bob|bob@example.com|{HASH}|t|2029-03-01 09:15:22.104233+01\n\
         9|eve|eve@example.com|{HASH}|f|\n"
    );
    assert_eq!(
        read(text.as_bytes()),
        [
            "ann ann@example.com 7 active hash",
            "bob bob@example.com 8 disabled hash",
            "eve eve@example.com 9 disabled hash",
        ]
    );
}

#[test]
fn accounts_with_an_address_as_their_name_are_read() {
    let text = format!("# by hand\n\nann@example.com:{HASH}\nbob:{HASH}\n");
    assert_eq!(
        read(text.as_bytes()),
        ["ann ann@example.com ann@example.com active hash", "bob - bob active hash"]
    );
}
