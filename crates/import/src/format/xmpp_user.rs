//! One account of an XMPP server.

use crate::limits::MAX_RECORD_BYTES;
use crate::report::note::Note;
use crate::report::refusal::Refusal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// An account while its element is read.
pub(crate) struct XmppUser {
    line: usize,
    host: String,
    name: Option<String>,
    password: Option<String>,
    scram: Vec<Scram>,
    full_name: String,
    email: String,
    /// The elements that are not imported.
    others: BTreeSet<String>,
    /// The bytes of all texts.
    len: usize,
}

/// What is stored for one mechanism of SCRAM.
#[derive(Default)]
struct Scram {
    mechanism: String,
    iterations: String,
    salt: String,
    server_key: String,
    stored_key: String,
}

impl XmppUser {
    pub(crate) fn new(line: usize, host: &str, name: Option<&str>, password: Option<&str>) -> Self {
        Self {
            line,
            host: host.to_owned(),
            name: name.map(str::to_owned),
            password: password.filter(|password| !password.is_empty()).map(str::to_owned),
            scram: Vec::new(),
            full_name: String::new(),
            email: String::new(),
            others: BTreeSet::new(),
            len: 0,
        }
    }

    /// The line on which it begins.
    pub(crate) const fn line(&self) -> usize {
        self.line
    }

    /// An element directly inside it begins.
    pub(crate) fn open(&mut self, name: &str, mechanism: Option<String>) {
        const MAX_OTHERS: usize = 20;
        match name {
            "scram-credentials" => {
                self.scram.push(Scram { mechanism: mechanism.unwrap_or_default(), ..Scram::default() });
            }
            "vCard" => {}
            other if self.others.len() < MAX_OTHERS => {
                self.others.insert(other.to_owned());
            }
            _ => {}
        }
    }

    /// A text inside the elements with these names, the outermost first.
    pub(crate) fn add_text(&mut self, elements: &[String], text: &str) {
        self.len = self.len.saturating_add(text.len());
        if self.len > MAX_RECORD_BYTES {
            return;
        }
        let path: Vec<_> = elements.iter().map(String::as_str).collect();
        let slot = match (path.as_slice(), self.scram.last_mut()) {
            (["scram-credentials", name], Some(scram)) => match *name {
                "iter-count" => &mut scram.iterations,
                "salt" => &mut scram.salt,
                "server-key" => &mut scram.server_key,
                "stored-key" => &mut scram.stored_key,
                _ => return,
            },
            (["vCard", "FN"], _) => &mut self.full_name,
            (["vCard", "EMAIL", "USERID"], _) => &mut self.email,
            _ => return,
        };
        slot.push_str(text);
    }

    /// What was left out of it.
    pub(crate) fn notes(&self) -> Vec<Note> {
        self.others.iter().cloned().map(Note::Dropped).collect()
    }

    /// The record. The address on the server is the id: several hosts may have the same names.
    ///
    /// # Errors
    /// If it is too large.
    pub(crate) fn fields(self) -> Result<Value, Refusal> {
        if self.len > MAX_RECORD_BYTES {
            return Err(Refusal::TooLarge);
        }
        let hash = self.scram.iter().find_map(Scram::hash);
        let id =
            self.name.as_ref().filter(|_| !self.host.is_empty()).map(|name| format!("{name}@{}", self.host));
        let (password, banned) = match self.password {
            // What `ban_account` of ejabberd sets.
            Some(password) if password.starts_with("BANNED_ACCOUNT--") => (None, Some("banned".to_owned())),
            password => (password, None),
        };
        let mut fields = Map::new();
        let mut add = |name: &str, value: Option<String>| {
            let value = value.map(|value| value.trim().to_owned());
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                fields.insert(name.to_owned(), json!(value));
            }
        };
        add("id", id);
        add("username", self.name);
        add("display_name", Some(self.full_name));
        add("email", Some(self.email));
        add("password_hash", hash);
        add("status", banned);
        if let Some(password) = password {
            fields.insert("password".to_owned(), json!(password));
        }
        Ok(Value::Object(fields))
    }
}

impl Scram {
    /// The keys in the form of `PostgreSQL`. ejabberd 23 writes base64 of base64.
    fn hash(&self) -> Option<String> {
        let digest_len = match self.mechanism.as_str() {
            "SCRAM-SHA-1" => 20,
            "SCRAM-SHA-256" => 32,
            "SCRAM-SHA-512" => 64,
            _ => return None,
        };
        let once = |text: &str| STANDARD.decode(text.trim()).ok();
        let is_twice = once(&self.stored_key)?.len() != digest_len;
        let decoded = |text: &str| {
            let bytes = once(text)?;
            if is_twice { STANDARD.decode(bytes).ok() } else { Some(bytes) }
        };
        let [salt, stored, server] = [&self.salt, &self.stored_key, &self.server_key]
            .map(|text| decoded(text).map(|b| STANDARD.encode(b)));
        let iterations = self.iterations.trim();
        Some(format!("{}${iterations}:{}${}:{}", self.mechanism, salt?, stored?, server?))
    }
}
