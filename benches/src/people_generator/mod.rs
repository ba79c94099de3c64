//! Realistic people, for stores of any size: names in many scripts, few people with special roles, dates that cluster in
//! recent years and on the day of a migration, people who never logged in, attributes and ids of another system.
//!
//! ```
//! use roster_benches::people_generator::People;
//!
//! let people = People::new(7, 1_000, "$2b$04$…");
//! assert_eq!(people.person(3).record(), people.person(3).record());
//! ```

mod names;
mod people;
mod person;
mod random;

pub use people::People;
pub use person::{Person, PersonStatus};
