//! Many people.

use std::io::{self, Write};

use super::person::Person;

/// The people of a seed, of whom each depends on the seed and their number only.
#[derive(Clone, Debug)]
pub struct People {
    seed: u64,
    count: u64,
    password_hash: String,
}

impl People {
    /// This many people, all with one password, whose hash this is.
    #[must_use]
    pub fn new(seed: u64, count: u64, password_hash: &str) -> Self {
        Self { seed, count, password_hash: password_hash.to_owned() }
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// What decides who they are.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The person with this number.
    #[must_use]
    pub fn person(&self, number: u64) -> Person {
        Person::new(self.seed, number)
    }

    /// Everyone, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = Person> {
        (0..self.count).map(|number| self.person(number))
    }

    /// Writes everyone as an export of Roster with hashes, a line each, which `roster import` reads.
    ///
    /// # Errors
    /// If the output fails.
    pub fn write(&self, output: &mut impl Write) -> io::Result<()> {
        for person in self.iter() {
            let mut record = person.record();
            record["password_hash"] = self.password_hash.as_str().into();
            serde_json::to_writer(&mut *output, &record)?;
            output.write_all(b"\n")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::people_generator::PersonStatus;

    const COUNT: u64 = 20_000;

    fn share(is: impl Fn(&Person) -> bool) -> f64 {
        let found = People::new(1, COUNT, "").iter().filter(is).count();
        100.0 * f64::from(u32::try_from(found).unwrap_or(0)) / 20_000.0
    }

    #[test]
    fn a_seed_gives_the_same_people_each_time_and_another_seed_gives_others() {
        let text = |seed| {
            let mut output = Vec::new();
            People::new(seed, 50, "hash").write(&mut output).map(|()| output).unwrap_or_default()
        };
        assert_eq!(text(1), text(1));
        assert_ne!(text(1), text(2));
    }

    #[test]
    fn no_two_people_share_a_name_or_an_id() {
        let mut seen = HashSet::new();
        for person in People::new(1, COUNT, "").iter() {
            let names =
                [Some(person.username.to_lowercase()), person.email, person.external_id, Some(person.id)];
            for name in names.into_iter().flatten() {
                assert!(seen.insert(name.clone()), "{name}");
            }
        }
    }

    #[test]
    fn special_roles_and_states_are_rare() {
        for (name, found, expected) in [
            ("disabled", share(|person| person.status == PersonStatus::Disabled), 2.0..4.0),
            ("editor", share(|person| person.roles.contains(&"editor")), 8.0..10.0),
            ("auditor", share(|person| person.roles.contains(&"auditor")), 0.01..0.2),
            ("never logged in", share(|person| person.last_login_at.is_none()), 20.0..35.0),
            (
                "not ASCII",
                share(|person| !person.display_name.iter().all(|name| name.is_ascii())),
                40.0..70.0,
            ),
        ] {
            assert!(expected.contains(&found), "{name}: {found} %");
        }
    }

    #[test]
    fn nothing_happens_before_a_person_was_created() {
        for person in People::new(1, COUNT, "").iter() {
            assert!(person.updated_at >= person.created_at, "{person:?}");
            assert!(person.last_login_at.is_none_or(|at| at >= person.created_at), "{person:?}");
        }
    }
}
