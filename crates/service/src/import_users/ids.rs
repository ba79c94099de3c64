//! Which of a record's ids become what.

use super::fields::{Field, as_text};
use super::names::{Ids, NamesInFile};
use super::note::Note;
use super::options::OldIds;
use super::reading::Reading;
use super::refusal::Refusal;
use super::username::UsernameOrigin;
use roster_domain::{EmailAddress, ExternalId, UserId};
use serde_json::Value;

/// Names of fields that hold the old id.
const ID_NAMES: [&str; 6] = ["id", "userid", "uuid", "uid", "localid", "objectguid"];

impl Reading<'_> {
    /// The ids that a record has.
    pub(super) fn ids(&mut self) -> Ids {
        let external =
            self.fields.take(&["externalid"]).and_then(|field| self.id_text(field)).map(|(_, id)| id);
        let own = self.fields.take(&ID_NAMES).and_then(|field| self.id_text(field));
        Ids { external: external.filter(|id| !id.is_empty()), own: own.filter(|(_, id)| !id.is_empty()) }
    }

    /// The name of the field and the id in it.
    fn id_text(&mut self, field: Field) -> Option<(String, String)> {
        let id = match &field.value {
            // As MongoDB exports it.
            Value::Object(object) if object.len() == 1 => object.get("$oid").and_then(as_text),
            value => as_text(value),
        };
        if id.is_none() {
            self.keep(field, "another id used");
            return None;
        }
        id.map(|id| (field.name, id))
    }

    /// The id that is kept and the external id. A UUID is kept if the operator says so, and always from Roster's own
    /// export. Else the old id becomes the external id, or an attribute if there is an external id; without any id it
    /// is the key in a map, then the username, then the address of somebody who has no username.
    pub(super) fn settled_ids(
        &mut self,
        ids: Ids,
        names: &NamesInFile<'_>,
    ) -> Result<(Option<UserId>, Option<ExternalId>), Refusal> {
        let external = ids.external.map(ExternalId::new).transpose()?;
        let keep = self.is_export || self.rules.options.ids == OldIds::KeepUuids;
        let kept = ids.own.as_ref().filter(|_| keep).and_then(|(_, id)| uuid(id));
        if kept.is_some() {
            let key =
                names.key.filter(|key| names.says_something_new(key)).map(ExternalId::new).transpose()?;
            return Ok((kept, external.or(key)));
        }
        match (external, ids.own) {
            (Some(external), Some((field, own))) => {
                if own != external.as_str() {
                    self.notes.push(Note::SecondId(field));
                    self.second_id = Some(own);
                }
                Ok((None, Some(external)))
            }
            (Some(external), None) => Ok((None, Some(external))),
            (None, Some((_, own))) => Ok((None, Some(ExternalId::new(own)?))),
            (None, None) => Ok((None, Some(names.external_id()?))),
        }
    }
}

impl NamesInFile<'_> {
    /// What stands in for an id.
    fn external_id(&self) -> Result<ExternalId, Refusal> {
        if let Some(key) = self.key.filter(|key| !key.is_empty()) {
            return Ok(ExternalId::new(key)?);
        }
        let username = || ExternalId::new(self.username.base.as_str());
        let id = match (self.typed, self.email) {
            (None, Some(email)) if self.username.origin == UsernameOrigin::FromEmail => {
                ExternalId::new(email.as_str()).or_else(|_| username())
            }
            (typed, _) => ExternalId::new(typed.unwrap_or_default().trim()).or_else(|_| username()),
        };
        Ok(id?)
    }

    /// Whether a key in a map is none of the names that the record has besides.
    fn says_something_new(&self, key: &str) -> bool {
        let is_email = self.email.map(EmailAddress::as_str) == Some(key);
        !key.is_empty() && !is_email && self.typed != Some(key) && uuid(key).is_none()
    }
}

/// A UUID that names somebody.
fn uuid(text: &str) -> Option<UserId> {
    text.trim().parse::<UserId>().ok().filter(|id| !id.as_uuid().is_nil() && !id.as_uuid().is_max())
}
