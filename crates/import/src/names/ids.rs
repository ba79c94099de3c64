//! Decides what the ids of a record become.

use crate::fields::field::Field;
use crate::fields::parser::RecordParser;
use crate::fields::values::as_text;
use crate::names::username::{ProposedUsername, UsernameOrigin};
use crate::options::OldIds;
use crate::report::note::Note;
use crate::report::refusal::Refusal;
use roster_domain::{EmailAddress, ExternalId, UserId};
use serde_json::Value;

/// Fields that hold the old id.
const ID_NAMES: [&str; 6] = ["id", "userid", "uuid", "uid", "localid", "objectguid"];

/// Whether fields with this normalized name hold an id.
pub(crate) fn is_id_name(name: &str) -> bool {
    ID_NAMES.contains(&name) || name == "externalid"
}

/// The names of a record other than its ids.
pub(crate) struct RecordNames<'a> {
    pub(crate) key: Option<&'a str>,
    pub(crate) raw: Option<&'a str>,
    pub(crate) email: Option<&'a EmailAddress>,
    pub(crate) username: &'a ProposedUsername,
}

/// The ids of a record.
pub(crate) struct RecordIds {
    /// The id in `external_id`, given by a third system.
    pub(crate) external: Option<String>,
    /// The id in the old system, with the name of its field.
    pub(crate) old: Option<(String, String)>,
}

impl RecordParser<'_> {
    /// Takes the ids of the record.
    pub(crate) fn ids(&mut self) -> RecordIds {
        let external =
            self.fields.take(&["externalid"]).and_then(|field| self.id_text(field)).map(|(_, id)| id);
        let old = self.fields.take(&ID_NAMES).and_then(|field| self.id_text(field));
        RecordIds {
            external: external.filter(|id| !id.is_empty()),
            old: old.filter(|(_, id)| !id.is_empty()),
        }
    }

    /// The name of the field and the id in it.
    fn id_text(&mut self, field: Field) -> Option<(String, String)> {
        let id = match &field.value {
            // MongoDB's extended JSON.
            Value::Object(object) if object.len() == 1 => object.get("$oid").and_then(as_text),
            value => as_text(value),
        };
        if id.is_none() {
            self.keep(field, "another id used");
            return None;
        }
        id.map(|id| (field.name, id))
    }

    /// The kept id and the external id. A UUID is kept if the operator says so, and always from Roster's own exports.
    /// Otherwise the old id becomes the external id; if there is an external id, it becomes an attribute. Without any id,
    /// the external id is the key in the map, then the username, then the address of a person without a username.
    pub(crate) fn resolve_ids(
        &mut self,
        ids: RecordIds,
        names: &RecordNames<'_>,
    ) -> Result<(Option<UserId>, Option<ExternalId>), Refusal> {
        let external = ids.external.map(ExternalId::new).transpose()?;
        let keep = self.is_export || self.rules.options.ids == OldIds::KeepUuids;
        let kept = ids.old.as_ref().filter(|_| keep).and_then(|(_, id)| uuid(id));
        if kept.is_some() {
            let key =
                names.key.filter(|key| names.is_additional_name(key)).map(ExternalId::new).transpose()?;
            return Ok((kept, external.or(key)));
        }
        match (external, ids.old) {
            (Some(external), Some((field, old))) => {
                if old != external.as_str() {
                    self.notes.push(Note::OldIdInAttribute(field));
                    self.old_id_attribute = Some(old);
                }
                Ok((None, Some(external)))
            }
            (Some(external), None) => Ok((None, Some(external))),
            (None, Some((_, old))) => Ok((None, Some(ExternalId::new(old)?))),
            (None, None) => Ok((None, Some(names.external_id()?))),
        }
    }
}

impl RecordNames<'_> {
    /// The external id of a record that has no id.
    fn external_id(&self) -> Result<ExternalId, Refusal> {
        if let Some(key) = self.key.filter(|key| !key.is_empty()) {
            return Ok(ExternalId::new(key)?);
        }
        let username = || ExternalId::new(self.username.base.as_str());
        let id = match (self.raw, self.email) {
            (None, Some(email)) if self.username.origin == UsernameOrigin::FromEmail => {
                ExternalId::new(email.as_str()).or_else(|_| username())
            }
            (raw, _) => ExternalId::new(raw.unwrap_or_default().trim()).or_else(|_| username()),
        };
        Ok(id?)
    }

    /// Whether a key in a map is not one of the record's other names.
    fn is_additional_name(&self, key: &str) -> bool {
        let is_email = self.email.map(EmailAddress::as_str) == Some(key);
        !key.is_empty() && !is_email && self.raw != Some(key) && uuid(key).is_none()
    }
}

/// A UUID that can be an id. The nil and the max UUID cannot.
fn uuid(text: &str) -> Option<UserId> {
    text.trim().parse::<UserId>().ok().filter(|id| !id.as_uuid().is_nil() && !id.as_uuid().is_max())
}
