//! A person.

use serde_json::{Map, Value, json};

use super::names::{Name, NameOrder, REGIONS, Region};
use super::random::Random;

/// A generated person.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// A UUID of version 7, of the time of creation.
    pub id: String,
    /// Unique: it ends with the number of the person.
    pub username: String,
    /// Absent for a few.
    pub email: Option<String>,
    /// In the script of the person's region; absent for some.
    pub display_name: Option<String>,
    /// Whether the person can log in.
    pub status: PersonStatus,
    /// Almost always `user`, rarely others too.
    pub roles: Vec<&'static str>,
    /// Facts about the person, or none.
    pub attributes: Map<String, Value>,
    /// The id in another system, which most have.
    pub external_id: Option<String>,
    /// Microseconds since 1970.
    pub created_at: u64,
    /// The same, not before `created_at`.
    pub updated_at: u64,
    /// The same; absent for those who never logged in.
    pub last_login_at: Option<u64>,
}

/// Whether a person can log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonStatus {
    /// Nine of ten.
    Active,
    /// Registered, but never confirmed.
    Pending,
    /// Left, or was banned.
    Disabled,
}

/// Where the years of the generated people begin and end, in microseconds: 2018-01-01 and 2026-11-01.
const YEARS: [u64; 2] = [1_514_764_800_000_000, 1_793_491_200_000_000];
/// When the users of an older system were taken over, all in the same second.
const MIGRATION: u64 = 1_672_531_200_000_000;

const DOMAINS: [&str; 9] = [
    "mail.example",
    "post.example",
    "inbox.example",
    "firma.example",
    "correo.example",
    "Example.COM",
    "uni.example",
    "xn--bcher-kva.example",
    "a.very.long.subdomain.of.a.company.example",
];
const DEPARTMENTS: [&str; 6] = ["Sales", "Support", "Engineering", "Finance", "Legal", "Kundendienst"];
const PLANS: [&str; 3] = ["free", "team", "enterprise"];

impl Person {
    /// The person with this number in the family of a seed.
    pub(super) fn new(seed: u64, number: u64) -> Self {
        let mut random = Random::of(seed, number);
        let region = region(&mut random);
        let (given, family) = (*random.one_of_skewed(region.given), *random.one_of_skewed(region.family));
        let created_at = created_at(&mut random);
        let (updated_at, last_login_at) = (later(&mut random, created_at), later(&mut random, created_at));
        let status = status(&mut random);
        let is_unused = status == PersonStatus::Pending || random.happens(22_000);
        Self {
            id: id(&mut random, created_at),
            username: username(&mut random, given, family, number),
            email: (!random.happens(4_000)).then(|| email(&mut random, given, family, number)),
            display_name: (!random.happens(8_000))
                .then(|| display_name(&mut random, region.order, given, family)),
            status,
            roles: roles(&mut random),
            attributes: attributes(&mut random, region, number),
            external_id: (!random.happens(25_000)).then(|| format!("crm-{number:08}")),
            created_at,
            updated_at,
            last_login_at: (!is_unused).then_some(last_login_at),
        }
    }

    /// The record of an export of Roster.
    #[must_use]
    pub fn record(&self) -> Value {
        let mut record = json!({
            "roster_export": 2,
            "id": self.id,
            "username": self.username,
            "email": self.email,
            "email_verified": self.status != PersonStatus::Pending && self.email.is_some(),
            "display_name": self.display_name,
            "status": self.status.as_str(),
            "roles": self.roles,
            "attributes": self.attributes,
            "external_id": self.external_id,
            "created_at": time(self.created_at),
            "updated_at": time(self.updated_at),
            "last_login_at": self.last_login_at.map(time),
            "version": 1,
        });
        match self.status {
            PersonStatus::Active => {}
            PersonStatus::Pending => record["pending_reasons"] = json!(["unverified"]),
            PersonStatus::Disabled => record["disabled_at"] = json!(time(self.updated_at)),
        }
        record
    }
}

impl PersonStatus {
    /// As in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Disabled => "disabled",
        }
    }
}

fn region(random: &mut Random) -> &'static Region {
    let mut place = random.below(REGIONS.iter().map(|region| region.weight).sum());
    for region in REGIONS {
        if place < region.weight {
            return region;
        }
        place -= region.weight;
    }
    &REGIONS[0]
}

/// More recently than not, or with everyone else on the day of the migration.
fn created_at(random: &mut Random) -> u64 {
    if random.happens(12_000) {
        return MIGRATION;
    }
    let [begin, end] = YEARS;
    begin + part(end - begin, random.share().sqrt())
}

/// Some time after `from`, and more often just before the end.
fn later(random: &mut Random, from: u64) -> u64 {
    let length = YEARS[1].saturating_sub(from);
    YEARS[1] - part(length, random.share().powi(3))
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few years in microseconds"
)]
fn part(whole: u64, share: f64) -> u64 {
    (whole as f64 * share) as u64
}

fn status(random: &mut Random) -> PersonStatus {
    match random.below(1_000) {
        0..=29 => PersonStatus::Disabled,
        30..=99 => PersonStatus::Pending,
        _ => PersonStatus::Active,
    }
}

fn roles(random: &mut Random) -> Vec<&'static str> {
    let mut roles = vec!["user"];
    for (role, frequency) in [("editor", 9_000), ("support", 1_200), ("auditor", 60), ("admin", 20)] {
        roles.extend(random.happens(frequency).then_some(role));
    }
    roles
}

fn id(random: &mut Random, created_at: u64) -> String {
    let (millis, high, low) = (created_at / 1_000, random.draw(), random.draw());
    let variant = 0x8000 | (low >> 48 & 0x3fff);
    format!(
        "{:08x}-{:04x}-7{:03x}-{variant:04x}-{:012x}",
        millis >> 16,
        millis & 0xffff,
        high & 0xfff,
        low & 0xffff_ffff_ffff
    )
}

fn username(random: &mut Random, given: Name, family: Name, number: u64) -> String {
    match random.below(10) {
        0 => format!("{}{number}", given.1),
        1 => format!("{}_{}{number}", family.1, &given.1[..1]),
        // In the person's own script.
        2 => format!("{}{number}", given.0),
        3 => format!("{}.{}{number}", capitalized(given.1), capitalized(family.1)),
        _ => format!("{}.{}{number}", given.1, family.1),
    }
}

fn email(random: &mut Random, given: Name, family: Name, number: u64) -> String {
    let domain = random.one_of_skewed(&DOMAINS);
    format!("{}.{}+{number}@{domain}", given.1, family.1)
}

fn display_name(random: &mut Random, order: NameOrder, given: Name, family: Name) -> String {
    let name = match order {
        NameOrder::GivenFirst => format!("{} {}", given.0, family.0),
        NameOrder::FamilyFirst => format!("{} {}", family.0, given.0),
        NameOrder::FamilyFirstUnspaced => format!("{}{}", family.0, given.0),
    };
    match random.below(100) {
        0 => format!("{name} 🚀"),
        1 => name.to_uppercase(),
        2..=5 => format!("Dr. {name}"),
        _ => name,
    }
}

fn attributes(random: &mut Random, region: &Region, number: u64) -> Map<String, Value> {
    let mut all = Map::new();
    if random.happens(35_000) {
        return all;
    }
    all.insert("locale".to_owned(), region.locale.into());
    all.insert("plan".to_owned(), (*random.one_of_skewed(&PLANS)).into());
    if random.happens(40_000) {
        all.insert("department".to_owned(), (*random.one_of(&DEPARTMENTS)).into());
        all.insert("employee_number".to_owned(), number.into());
    }
    if random.happens(10_000) {
        all.insert("preferences".to_owned(), json!({"theme": "dark", "newsletter": random.happens(50_000)}));
    }
    all
}

fn capitalized(name: &str) -> String {
    name[..1].to_uppercase() + &name[1..]
}

/// A time as in RFC 3339.
fn time(micros: u64) -> String {
    jiff::Timestamp::from_microsecond(i64::try_from(micros).unwrap_or(i64::MAX))
        .map_or_else(|_| String::new(), |time| time.to_string())
}
