//! A thousand runs of a store on a failing disk, each ended several times by a power cut, a kill or a shutdown.

use super::oracle::Oracle;
use super::service_accounts::{self, service_account};
use super::{
    USERS, audit_log, audit_read, creation, drafted, login, logout, logout_elsewhere, opened, person,
    refresh, removal, renamed, seen, snapshot, update,
};
use crate::committer::Checkpoint;
use crate::disk::simulated::{Chance, SimulatedDisk};
use crate::draft::{DraftedGroup, Prepared};
use crate::projection::{Rotate, parse};
use crate::recovery::Opened;
use roster_domain::{Action, Actor, AuditRecord};
use roster_domain::{ServiceAccount, User};
use roster_storage::UnitOfWork;

const SEEDS: u64 = 1_000;

#[test]
fn acknowledged_units_are_complete_and_rejected_ones_never_seen_whatever_fails() {
    for seed in 0..SEEDS {
        // The output of a panic contains the seed.
        println!("seed {seed}");
        Scenario::new(seed).live();
    }
}

/// The run of one seed.
struct Scenario {
    chance: Chance,
    disk: SimulatedDisk,
    oracle: Oracle,
    /// The number of units that were ever tried.
    units: u64,
}

impl Scenario {
    fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let disk = SimulatedDisk::new(chance.next());
        Self { chance, disk, oracle: Oracle::default(), units: 0 }
    }

    fn live(&mut self) {
        for _ in 0..=self.chance.below(4) {
            let store = self.open();
            self.run(store);
            self.end();
        }
        let mut store = self.open();
        snapshot(&mut store);
        self.oracle.check_audit(&audit_log(&self.disk));
    }

    fn open(&mut self) -> Opened {
        if let Some(content) = self.disk.content(USERS) {
            assert!(parse(&content).unwrap().is_genuine, "users.json is not whole");
        }
        // A start may fail too: then the next one finds what it has left.
        if self.chance.one_in(4) {
            self.disk.cut_power_after(u32::try_from(self.chance.below(8)).unwrap());
            let _ = opened(&self.disk);
            self.end();
        }
        let store = opened(&self.disk).unwrap();
        self.oracle.check_reopened(&store.published.load());
        self.read(&store);
        store
    }

    fn run(&mut self, mut store: Opened) {
        if self.chance.one_in(2) {
            self.disk.fail_one_in(2 + self.chance.below(40));
        }
        if self.chance.one_in(2) {
            self.disk.cut_power_after(u32::try_from(self.chance.below(150)).unwrap());
        }
        let mut sealed = None;
        for _ in 0..self.chance.below(30) {
            match self.chance.below(10) {
                9 => {
                    sealed = None;
                    self.rotate(&mut store);
                }
                8 => self.read(&store),
                0 => sealed = Some(store.committer.seal()),
                1 => project(&mut store, sealed.take(), Rotate::No),
                2 => self.disk.set_full(self.chance.one_in(3)),
                _ => self.commit(&mut store),
            }
        }
        if self.chance.one_in(3) {
            let last = store.committer.seal();
            project(&mut store, Some(last), Rotate::No);
        }
    }

    /// Commits a group, and sometimes another one that is drafted while the first is being written.
    fn commit(&mut self, store: &mut Opened) {
        let works: Vec<_> = (0..=self.chance.below(4)).map(|_| self.unit()).collect();
        let group = drafted(&mut store.draft, works.iter().cloned());
        let later: Vec<_> = (0..self.chance.below(4)).map(|_| self.unit()).collect();
        for work in &later {
            store.draft.add(Prepared::new(work.clone()).unwrap());
        }
        self.settle(store, group, &works);
        let group = store.draft.take();
        self.settle(store, group, &later);
    }

    /// Commits the group, like the writer, and returns whether it was kept.
    fn settle(&mut self, store: &mut Opened, group: DraftedGroup, works: &[UnitOfWork]) -> bool {
        let committed = store.committer.commit(group);
        for (work, outcome) in works.iter().zip(&committed.outcomes) {
            self.oracle.observe(work, outcome);
        }
        self.oracle.check_running(&store.published.load());
        let is_kept = committed.rebase.is_none();
        if let Some(base) = committed.rebase {
            store.draft.rebase(base);
        }
        is_kept
    }

    /// Rotates the log, after the rotation was recorded.
    fn rotate(&mut self, store: &mut Opened) {
        self.units += 1;
        let at = super::at(self.units);
        let record = AuditRecord::new(at, super::random(self.units), Actor::System, Action::AuditRotated);
        let work = UnitOfWork::audited(record);
        let group = drafted(&mut store.draft, [work.clone()]);
        if self.settle(store, group, &[work]) {
            let checkpoint = store.committer.seal();
            project(store, Some(checkpoint), Rotate::First);
        }
    }

    /// Reads the audit log in pages of any size.
    fn read(&mut self, store: &Opened) {
        let limit = 1 + self.chance.below(40);
        self.oracle.check_reading(&audit_read(&self.disk, store, limit));
    }

    /// A new user or service account, a change, a removal, or something that must be rejected.
    fn unit(&mut self) -> UnitOfWork {
        self.units += 1;
        let number = self.units;
        if self.chance.one_in(4) {
            return self.service_account_unit(number);
        }
        let Some(user) = self.oracle.any_user(self.chance.next()) else {
            return creation(&person(number), number);
        };
        match self.chance.below(13) {
            0..=2 => creation(&person(number), number),
            3..=5 => update(&user, &renamed(&user, number), number),
            6 => removal(&user, number),
            7..=8 => login(&user, number),
            9..=11 => self.session_unit(&user, number),
            _ => {
                let mut thief = person(number);
                thief.username = user.username.clone();
                creation(&thief, number)
            }
        }
    }

    /// A change of a session.
    fn session_unit(&mut self, user: &User, number: u64) -> UnitOfWork {
        let Some(session) = self.oracle.any_session(self.chance.next()) else {
            return login(user, number);
        };
        match self.chance.below(4) {
            0 => refresh(&session, number),
            1 => logout(&session, number),
            2 => logout_elsewhere(&session, number),
            _ => seen(&session, number),
        }
    }

    fn service_account_unit(&mut self, number: u64) -> UnitOfWork {
        let Some(account) = self.oracle.any_service_account(self.chance.next()) else {
            return service_accounts::creation(&service_account(number), number);
        };
        match self.chance.below(4) {
            0 => service_accounts::creation(&service_account(number), number),
            1 => service_accounts::another_key(&account, number),
            2 => service_accounts::removal(&account, number),
            _ => {
                let thief = ServiceAccount { name: account.name.clone(), ..service_account(number) };
                service_accounts::creation(&thief, number)
            }
        }
    }

    fn end(&mut self) {
        self.disk.fail_one_in(0);
        self.disk.set_full(false);
        if self.chance.one_in(3) {
            self.disk.kill();
        } else {
            self.disk.power_cut();
        }
    }
}

fn project(store: &mut Opened, sealed: Option<Checkpoint>, rotate: Rotate) {
    if let Some(checkpoint) = sealed
        && store.projections.project(&checkpoint, rotate).is_ok()
    {
        super::remove_through(store, checkpoint.sealed.through);
    }
}
