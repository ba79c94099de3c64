//! The texts that `q` searches, in lower case and all in one piece: to look through all of it takes milliseconds.

use std::iter::successors;
use std::sync::Arc;

use memchr::memmem::Finder;
use roster_domain::User;

use super::order::LowerNames;
use super::slots::{Slots, UNKNOWN};

/// The searched texts of every user.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// For each slot the username, the email address and the display name, each with a line feed behind it. No name
    /// contains one.
    all: Box<str>,
    /// Where each slot starts, and the end.
    starts: Box<[usize]>,
}

const END: char = '\n';

impl Texts {
    /// These texts with other slots, and with the fresh users.
    pub(super) fn updated(&self, users: &[&Arc<User>], slots: &Slots) -> Self {
        let mut all = String::with_capacity(self.all.len());
        let mut starts = Vec::with_capacity(users.len() + 1);
        for (user, old) in users.iter().zip(&slots.old) {
            starts.push(all.len());
            if *old == UNKNOWN {
                push(&mut all, user);
            } else {
                all.push_str(self.of(*old));
            }
        }
        starts.push(all.len());
        Self { all: all.into_boxed_str(), starts: starts.into_boxed_slice() }
    }

    /// Whether a text of the user in this slot contains the needle.
    pub(crate) fn contain(&self, needle: &Finder<'_>, slot: u32) -> bool {
        needle.find(self.of(slot).as_bytes()).is_some()
    }

    /// The slots of all users with a text that contains the needle.
    pub(crate) fn slots_with<'a>(&'a self, needle: &'a Finder<'a>) -> impl Iterator<Item = u32> {
        let next = move |start: usize| {
            let at = start + needle.find(self.all.as_bytes().get(start..)?)?;
            let slot = self.starts.partition_point(|start| *start <= at).checked_sub(1)?;
            Some((u32::try_from(slot).ok()?, *self.starts.get(slot + 1)?))
        };
        successors(next(0), move |(_, end)| next(*end)).map(|(slot, _)| slot)
    }

    fn of(&self, slot: u32) -> &str {
        let slot = slot as usize;
        let range = self.starts.get(slot).zip(self.starts.get(slot + 1));
        range.and_then(|(start, end)| self.all.get(*start..*end)).unwrap_or_default()
    }
}

impl LowerNames for Texts {
    fn lower_name(&self, slot: u32) -> &str {
        self.of(slot).strip_suffix(END).and_then(|text| text.rsplit_once(END)).map_or("", |(_, name)| name)
    }
}

fn push(all: &mut String, user: &User) {
    let name = user.display_name.as_ref();
    let fields = [
        user.username.as_str(),
        user.email.as_ref().map_or("", |email| email.as_str()),
        name.map_or("", |name| name.as_str()),
    ];
    for field in fields {
        if field.is_ascii() {
            all.extend(field.chars().map(|letter| letter.to_ascii_lowercase()));
        } else {
            all.push_str(&field.to_lowercase());
        }
        all.push(END);
    }
}
