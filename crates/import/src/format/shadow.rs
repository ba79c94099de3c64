//! Lines of `/etc/shadow` (shadow(5)): nine fields between colons, with days since 1970.

use crate::format::account_line::AccountLine;
use crate::report::refusal::Refusal;
use jiff::Span;
use jiff::civil::{Date, date};
use serde_json::{Map, Value, json};

/// The fields of a line.
struct Fields<'a> {
    name: &'a str,
    password: &'a str,
    last_change: Option<i64>,
    max_age: Option<i64>,
    inactive: Option<i64>,
    expires: Option<i64>,
}

impl<'a> Fields<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let fields: Vec<&str> = line.trim_end().split(':').collect();
        let [name, password, last_change, _, max_age, _, inactive, expires, _] = *fields.as_slice() else {
            return None;
        };
        let day = |text: &str| match text {
            "" => Some(None),
            text => text.parse::<i64>().ok().map(Some),
        };
        let [last_change, max_age, inactive, expires] =
            [day(last_change)?, day(max_age)?, day(inactive)?, day(expires)?];
        let usable = !name.is_empty() && !name.contains([' ', '@', ',']);
        usable.then_some(Self { name, password, last_change, max_age, inactive, expires })
    }

    /// The day from which the account is closed: it expires, or its password was too old for too long.
    fn closed_from(&self) -> Option<i64> {
        let too_old = match (self.last_change, self.max_age, self.inactive) {
            (Some(changed), Some(max), Some(inactive)) if changed > 0 && max >= 0 && inactive >= 0 => {
                changed.checked_add(max)?.checked_add(inactive)?.checked_add(1)
            }
            _ => None,
        };
        [self.expires.filter(|day| *day >= 0), too_old].into_iter().flatten().min()
    }
}

/// Whether this is a line of `/etc/shadow`.
pub(crate) fn is_shadow(line: &str) -> bool {
    Fields::read(line).is_some()
}

/// Whether this is a line of `/etc/passwd`, which has no hashes.
pub(crate) fn is_passwd(line: &str) -> bool {
    let fields: Vec<&str> = line.trim_end().split(':').collect();
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    matches!(fields.as_slice(), [_, _, user, group, _, home, _] if number(user) && number(group) && home.starts_with('/'))
}

/// The account on a line. One without a password, as systems have for their services, is no person.
///
/// # Errors
/// If the line has other fields.
pub(crate) fn account(line: &str) -> Result<AccountLine, Refusal> {
    let expected = "NAME:HASH and seven more fields, as in /etc/shadow";
    let fields = Fields::read(line).ok_or(Refusal::AccountLine { expected })?;
    if matches!(fields.password, "*" | "!" | "!!" | "!*" | "*!" | "x" | "") {
        return Ok(AccountLine::NotAPerson("accounts without a password"));
    }
    let mut account = Map::new();
    account.insert("username".to_owned(), fields.name.into());
    account.insert("password_hash".to_owned(), fields.password.into());
    account.extend(closing(fields.closed_from()));
    if let Some(day) = fields.last_change.filter(|day| *day > 0).and_then(day_of) {
        account.insert("password_changed_at".to_owned(), day.to_string().into());
    }
    Ok(AccountLine::Account(account))
}

/// The field about the day from which an account is closed. Administrators close accounts with day 0 or 1.
pub(crate) fn closing(day: Option<i64>) -> Option<(String, Value)> {
    let day = day.filter(|day| *day >= 0)?;
    if day <= 1 {
        return Some(("locked".to_owned(), json!(true)));
    }
    // A day that no calendar has is never reached.
    Some(("expires_at".to_owned(), day_of(day)?.to_string().into()))
}

/// The day that is this many days after the first of 1970.
fn day_of(days: i64) -> Option<Date> {
    date(1970, 1, 1).checked_add(Span::new().try_days(days).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<Value> {
        match account(line).unwrap() {
            AccountLine::Account(fields) => Some(Value::Object(fields)),
            AccountLine::NotAPerson(_) => None,
        }
    }

    #[test]
    fn days_become_dates() {
        let base = json!({"username": "ann", "password_hash": "$6$x", "password_changed_at": "2024-03-01"});
        let with = |name: &str, value: Value| {
            let mut record = base.clone();
            record[name] = value;
            record
        };
        for (line, expected) in [
            ("ann:$6$x:19783:0:99999:7:::", base.clone()),
            ("ann:$6$x:19783:0:99999:7::19784:", with("expires_at", json!("2024-03-02"))),
            ("ann:$6$x:19783:0:90:7:30:20000:", with("expires_at", json!("2024-06-30"))),
            ("ann:$6$x:19783:0:99999:7::0:", with("locked", json!(true))),
            ("ann:$6$x:19783:0:99999:7::1:", with("locked", json!(true))),
            ("ann:$6$x:19783:0:99999:7::-1:", base.clone()),
        ] {
            assert_eq!(read(line), Some(expected), "{line}");
        }
    }

    #[test]
    fn an_account_without_a_password_is_no_person() {
        for password in ["*", "!", "!!", "!*", ""] {
            assert_eq!(read(&format!("daemon:{password}:19783:0:99999:7:::")), None, "{password}");
        }
        assert!(read("ann:!$6$x:19783:0:99999:7:::").is_some());
    }

    #[test]
    fn other_lines_are_refused() {
        for line in ["ann", "ann:$6$x", "ann:$6$x:a:b:c:d:::", "::::::::"] {
            assert!(account(line).is_err() && !is_shadow(line), "{line}");
        }
        assert!(is_passwd("ann:x:1000:1000:Ann:/home/ann:/bin/sh") && !is_passwd("a:b:c:d:e:f:g"));
    }
}
