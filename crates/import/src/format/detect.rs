//! Tells the format of a file by its start.

use crate::format::account_line::is_blank_or_comment;
use crate::format::file_format::FileFormat;
use crate::format::header::is_firebase_row;
use crate::format::htpasswd::is_htpasswd;
use crate::format::ldif::is_ldif;
use crate::format::shadow::is_shadow;
use crate::format::table_layout::{delimiter_of, first_row};
use crate::format::xmpp::is_xmpp;

/// The format of a file with this start. What nothing else claims is taken for JSON, whose errors name other formats.
pub(crate) fn detect(head: &str) -> FileFormat {
    let Some(first) = head.lines().find(|line| !line.trim().is_empty()) else { return FileFormat::Json };
    if first.trim_start().starts_with(['{', '[']) {
        return FileFormat::Json;
    }
    if is_xmpp(head) {
        return FileFormat::Xmpp;
    }
    let mut lines = head.lines().filter(|line| !is_blank_or_comment(line));
    let text = lines.clone().next().unwrap_or_default();
    // A comment in LDIF may continue on a line that begins with a space.
    if lines.find(|line| !line.starts_with(' ')).is_some_and(is_ldif) {
        return FileFormat::Ldif;
    }
    if is_shadow(text) {
        return FileFormat::Shadow;
    }
    if is_htpasswd(text) {
        return FileFormat::Htpasswd;
    }
    table(head, first).unwrap_or(FileFormat::Json)
}

fn table(head: &str, first: &str) -> Option<FileFormat> {
    let delimiter = delimiter_of(first)?;
    if first_row(head, delimiter).is_some_and(|row| is_firebase_row(&row)) {
        return Some(FileFormat::FirebaseCsv);
    }
    Some(if delimiter == b'\t' { FileFormat::Tsv } else { FileFormat::Csv })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_told_by_the_start_of_the_file() {
        let firebase =
            format!("a1B,ann@example.com,false,aGFzaA==,c2FsdA==,{}1709284522000,,,,,", ",".repeat(17));
        for (head, expected) in [
            ("\n {\"a\":1}", FileFormat::Json),
            ("[{\"a\":\"b,c\"}]", FileFormat::Json),
            ("id,username,email\n1,ann,ann@example.com\n", FileFormat::Csv),
            ("id;username;email\n1;ann;ann@example.com\n", FileFormat::Csv),
            ("\"id\"|\"user|name\"\n1|ann\n", FileFormat::Csv),
            ("sep=;\r\nid;name\r\n", FileFormat::Csv),
            ("id\tusername\n1\tann\n", FileFormat::Tsv),
            ("email\nann@example.com\n", FileFormat::Csv),
            (&firebase, FileFormat::FirebaseCsv),
            ("# slapcat\n\nversion: 1\ndn: dc=example\n", FileFormat::Ldif),
            ("dn:: Y249w6k=\ncn: x\n", FileFormat::Ldif),
            ("root:*:19783:0:99999:7:::\n", FileFormat::Shadow),
            ("# by hand\nann:$apr1$plE6tC6L$Ovo1QS2HBR/vtHYS8qTYv0\n", FileFormat::Htpasswd),
            ("users:\n  - name: ann\n", FileFormat::Json),
            ("-- MySQL dump, by hand\nINSERT INTO users VALUES (1, 2);", FileFormat::Json),
            ("---\n- name: ann, the first\n", FileFormat::Json),
            ("<?xml version='1.0'?>\n<host xmlns='urn:xmpp:pie:0' jid='localhost'>", FileFormat::Xmpp),
            ("<?xml version='1.0'?>\n<users/>", FileFormat::Json),
            ("garbage", FileFormat::Json),
            ("", FileFormat::Json),
        ] {
            assert_eq!(detect(head), expected, "{head}");
        }
    }
}
