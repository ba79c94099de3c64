//! The accounts of an XMPP server (XEP-0227), as ejabberd and Prosody export them.

use crate::file::error::{ReadError, UnreadableFile};
use crate::file::snippet::{RawRecord, Snippet};
use crate::file::source::Input;
use crate::format::bounded_lines::BoundedLines;
use crate::format::file_format::FileFormat;
use crate::format::problem::FormatProblem;
use crate::format::skipped::Skipped;
use crate::format::xmpp_user::XmppUser;
use crate::report::location::RecordLocation;
use crate::report::unread_list::UnreadList;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Error, Reader, XmlVersion};

/// More elements inside each other than any export has.
const MAX_DEPTH: usize = 64;

/// Reads the elements `user`.
pub(crate) struct XmppReader<'a> {
    reader: Reader<BoundedLines<Input<'a>>>,
    buffer: Vec<u8>,
    /// The names of the open elements.
    open: Vec<String>,
    host: String,
    user: Option<XmppUser>,
    /// How many accounts were read. An export may be a single line, so lines do not tell them apart.
    position: usize,
    skipped: Skipped,
}

/// What an event of the parser says about the accounts.
enum Step {
    Continue,
    User(XmppUser),
    End,
}

impl<'a> XmppReader<'a> {
    pub(crate) fn new(input: Input<'a>) -> Self {
        Self {
            reader: Reader::from_reader(BoundedLines::new(input)),
            buffer: Vec::new(),
            open: Vec::new(),
            host: String::new(),
            user: None,
            position: 0,
            skipped: Skipped::default(),
        }
    }

    /// The next record; `None` after the last one.
    ///
    /// # Errors
    /// If the rest of the file cannot be read, or is no XML.
    pub(crate) fn next_record(&mut self) -> Result<Option<RawRecord>, ReadError> {
        loop {
            match self.step()? {
                Step::Continue => {}
                Step::End => return Ok(None),
                Step::User(user) => {
                    let (line, notes) = (user.line(), user.notes());
                    self.position += 1;
                    let location = RecordLocation::Position { position: self.position, line };
                    let fields = user.fields();
                    let body = fields.map(|fields| Snippet { text: fields.to_string(), line, column: 1 });
                    return Ok(Some(RawRecord { location, body, notes }));
                }
            }
        }
    }

    /// What was skipped so far.
    pub(crate) fn skipped(&self) -> Vec<UnreadList> {
        self.skipped.lists()
    }

    fn step(&mut self) -> Result<Step, ReadError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let line = self.reader.get_mut().begin_event();
        let event = self.reader.read_event_into(&mut buffer);
        let step = match event {
            Ok(event) => self.take(&event, line),
            Err(Error::Io(error)) => Err(std::io::Error::new(error.kind(), error).into()),
            Err(error) => Err(damaged(line, error.to_string())),
        };
        self.buffer = buffer;
        step
    }

    fn take(&mut self, event: &Event<'_>, line: usize) -> Result<Step, ReadError> {
        match event {
            Event::Start(element) => {
                self.open_element(element, line)?;
                Ok(Step::Continue)
            }
            Event::Empty(element) => {
                self.open_element(element, line)?;
                Ok(self.close_element())
            }
            Event::End(_) => Ok(self.close_element()),
            Event::Text(text) => Ok(self.text(text)),
            Event::CData(text) => Ok(self.text(text)),
            Event::GeneralRef(name) => {
                let text =
                    resolved(name).ok_or_else(|| damaged(line, format!("unknown entity &{};", &**name)))?;
                Ok(self.text(&text))
            }
            Event::Eof if self.open.is_empty() => Ok(Step::End),
            Event::Eof => Err(damaged(line, "it ends inside an element".to_owned())),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => Ok(Step::Continue),
        }
    }

    fn text(&mut self, text: &str) -> Step {
        if let Some(user) = &mut self.user {
            user.add_text(inside_user(&self.open), text);
        }
        Step::Continue
    }

    fn open_element(&mut self, element: &BytesStart<'_>, line: usize) -> Result<(), ReadError> {
        if self.open.len() == MAX_DEPTH {
            return Err(damaged(line, format!("more than {MAX_DEPTH} elements inside each other")));
        }
        let name = element.local_name().as_ref().to_owned();
        let attribute = |name: &str| attribute(element, name, line);
        match (&mut self.user, name.as_str()) {
            (Some(user), name) if inside_user(&self.open).is_empty() => {
                user.open(name, attribute("mechanism")?);
            }
            (None, "host") => self.host = attribute("jid")?.unwrap_or_default(),
            (None, "user") => {
                let (name, password) = (attribute("name")?, attribute("password")?);
                self.user = Some(XmppUser::new(line, &self.host, name.as_deref(), password.as_deref()));
            }
            (None, "include") => {
                self.skipped.add(&attribute("href")?.unwrap_or_else(|| "an included file".to_owned()));
            }
            _ => {}
        }
        self.open.push(name);
        Ok(())
    }

    fn close_element(&mut self) -> Step {
        let is_user = self.open.pop().is_some_and(|name| name == "user");
        let is_inside = self.open.iter().any(|name| name == "user");
        match self.user.take_if(|_| is_user && !is_inside) {
            Some(user) => Step::User(user),
            None => Step::Continue,
        }
    }
}

/// The names of the elements that are open inside an account. Only its own elements count: users decide what is stored for them
/// further inside.
fn inside_user(open: &[String]) -> &[String] {
    let user = open.iter().position(|name| name == "user");
    user.and_then(|user| open.get(user + 1..)).unwrap_or_default()
}

fn attribute(element: &BytesStart<'_>, name: &str, line: usize) -> Result<Option<String>, ReadError> {
    for found in element.attributes() {
        let found = found.map_err(|error| damaged(line, error.to_string()))?;
        if found.key.as_ref() == name {
            let value = found.normalized_value(XmlVersion::Implicit1_0);
            return value
                .map(|value| Some(value.into_owned()))
                .map_err(|error| damaged(line, error.to_string()));
        }
    }
    Ok(None)
}

/// The character of a reference. Entities that a document declares are not read.
fn resolved(reference: &quick_xml::events::BytesRef<'_>) -> Option<String> {
    match reference.resolve_char_ref() {
        Ok(Some(char)) => Some(char.to_string()),
        _ => quick_xml::escape::resolve_xml_entity(reference).map(str::to_owned),
    }
}

fn damaged(line: usize, reason: String) -> ReadError {
    UnreadableFile::Damaged { format: FileFormat::Xmpp, line, problem: FormatProblem::Xml(reason) }.into()
}

/// Whether a file with this start is such an export.
pub(crate) fn is_xmpp(head: &str) -> bool {
    head.trim_start().starts_with('<') && head.contains("urn:xmpp:pie:0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::source::ImportSource;
    use roster_auth::password::{Password, StoredHash};
    use std::io::{BufReader, Cursor};

    /// Made by Debian's ejabberd 23.01-1.
    fn ejabberd() -> String {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/formats/ejabberd.xml");
        std::fs::read_to_string(file).unwrap()
    }

    fn read(text: &str) -> Result<(Vec<String>, Vec<String>), String> {
        let mut source: Box<dyn ImportSource> = Box::new(Cursor::new(text.as_bytes().to_vec()));
        let mut reader = XmppReader::new(BufReader::new(&mut *source));
        let mut records = Vec::new();
        while let Some(record) = reader.next_record().map_err(|error| error.to_string())? {
            let notes: Vec<String> = record.notes.iter().map(ToString::to_string).collect();
            records.push(format!("{} {} {}", record.location, record.body.unwrap().text, notes.join(", ")));
        }
        Ok((records, reader.skipped().iter().map(ToString::to_string).collect()))
    }

    #[test]
    fn keys_that_are_encoded_twice_are_read() {
        let (records, _) = read(&ejabberd()).unwrap();
        assert_eq!(records.len(), 2);
        let people = [("ejo", "ej-correct-horse"), ("ejp", "pass word\u{e9}")];
        for (record, (name, password)) in records.iter().zip(people) {
            let text = record.split_once('{').map(|(_, fields)| format!("{{{fields}")).unwrap();
            let fields: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
            assert_eq!(
                (&fields["id"], &fields["username"]),
                (&format!("{name}@localhost").into(), &name.into())
            );
            let hash = StoredHash::parse(fields["password_hash"].as_str().unwrap()).unwrap();
            assert!(hash.verify(&Password::new(password.to_owned())), "{record}");
        }
    }

    #[test]
    fn what_users_store_further_inside_is_not_theirs_to_log_in_with() {
        let text = "<host jid='a.example'><user name='ann' password='x'><query xmlns='jabber:iq:private'><x><user>\
                    <scram-credentials mechanism='SCRAM-SHA-1'><iter-count>4096</iter-count><salt>QSXCR+Q6sek8bf92</salt>\
                    <server-key>D+CSWLOshSulAsxiupA+qs2/fTE=</server-key><stored-key>6dlGYMOdZcOPutkcNY8U2g7vK9Y=</stored-key>\
                    </scram-credentials></user><vCard><FN>Other</FN></vCard></x></query></user></host>";
        let fields = r#"{"id":"ann@a.example","password":"x","username":"ann"}"#;
        assert_eq!(read(text).unwrap().0, [format!("record #1 {fields} query dropped")]);
    }

    #[test]
    fn a_banned_account_is_locked() {
        let text =
            "<host jid='a.example'><user name='ann' password='BANNED_ACCOUNT--20260101T000000--x'/></host>";
        let fields = r#"{"id":"ann@a.example","status":"banned","username":"ann"}"#;
        assert_eq!(read(text).unwrap().0, [format!("record #1 {fields} ")]);
    }

    #[test]
    fn accounts_have_their_address_and_name_and_what_is_left_out_is_named() {
        let text = "<server-data xmlns='urn:xmpp:pie:0'>\n<host jid='a.example'>\n<user name='r&amp;d' password='x'>\
                    <vCard xmlns='vcard-temp'><FN>R &amp; D</FN><EMAIL><USERID>rd@a.example</USERID></EMAIL></vCard>\
                    <query xmlns='jabber:iq:roster'><item jid='b@c'/></query></user></host>\
                    <xi:include href='b.xml'/></server-data>";
        let (records, skipped) = read(text).unwrap();
        let fields = r#"{"display_name":"R & D","email":"rd@a.example","id":"r&d@a.example","password":"x","username":"r&d"}"#;
        assert_eq!(records, [format!("record #1 {fields} query dropped")]);
        assert_eq!(skipped, ["b.xml (1 entry)"]);
    }

    #[test]
    fn damaged_hostile_and_truncated_files_are_refused_with_the_line() {
        let deep = "<a>".repeat(100);
        for (text, expected) in [
            ("<host>\n<user name='a'>", "ends inside an element"),
            ("<host>\n<user name='a'></host>", "line 2"),
            (
                "<!DOCTYPE x [<!ENTITY a 'aaaa'>]><host><user name='x'><vCard><FN>&a;</FN></vCard></user></host>",
                "unknown entity",
            ),
            (&*deep, "inside each other"),
            ("<host jid=a><user/></host>", "line 1"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
