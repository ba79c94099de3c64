use super::*;
use crate::SystemEntropy;
use crate::password::{BcryptCost, Password};
use crate::password::{Scheme, StoredHash};
use roster_domain::PasswordHash;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

struct Unpark(thread::Thread);
impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// A minimal executor.
fn wait<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park();
    }
}

fn pool(threads: usize, queue_limit: usize) -> HashPool {
    let settings = HashPoolSettings {
        threads: NonZeroUsize::new(threads).unwrap(),
        queue_limit,
        queue_limit_per_address: queue_limit,
        cost: BcryptCost::new(4).unwrap(),
    };
    HashPool::new(settings, Arc::new(SystemEntropy), Arc::new(())).unwrap()
}

fn password(text: &str) -> Password {
    Password::new(text.into())
}

/// Keeps a thread busy until the sender is dropped.
fn block(pool: &HashPool) -> (std::sync::mpsc::Sender<()>, Ticket<()>) {
    let (release, blocked) = std::sync::mpsc::channel::<()>();
    let ticket = pool.submit(None, move |_| {
        let _ = blocked.recv();
        Some(())
    });
    while pool.stats().in_flight == 0 {
        thread::yield_now();
    }
    (release, ticket.unwrap())
}

#[test]
fn a_hashed_password_verifies_without_replacement() {
    let pool = pool(2, 8);
    let hash = wait(pool.hash(password("open sesame"), None).unwrap()).unwrap();
    let right = wait(pool.verify(password("open sesame"), Some(hash.clone()), None).unwrap()).unwrap();
    assert!(matches!(right.verification, Verification::Right { replacement: None }));
    let wrong = wait(pool.verify(password("open barley"), Some(hash), None).unwrap()).unwrap();
    assert!(matches!(wrong.verification, Verification::Wrong));
    assert!(wrong.floor > Duration::ZERO);
}

#[test]
fn a_foreign_hash_is_replaced_by_one_at_the_configured_cost() {
    let pool = pool(1, 8);
    let foreign = "$argon2id$v=19$m=256,t=2,p=1$c2FsdHNhbHRzYWx0$nPt40bkSU1QK5dhPAEXyzzzpSAaaSWTA85AJBRbSbVY";
    let foreign = PasswordHash::new(foreign).unwrap();
    let checked = wait(pool.verify(password("argon-pass"), Some(foreign), None).unwrap()).unwrap();
    let Verification::Right { replacement: Some(replacement) } = checked.verification else {
        panic!("the hash was not replaced: {checked:?}");
    };
    assert!(replacement.as_str().starts_with("$2b$04$"));
    assert!(StoredHash::parse(replacement.as_str()).unwrap().verify(&password("argon-pass")));
}

#[test]
fn a_missing_hash_an_unreadable_hash_and_an_oversized_password_fail() {
    let pool = pool(1, 8);
    let unreadable = PasswordHash::new("$6$salt$digest").unwrap();
    let hash = wait(pool.hash(password(&"x".repeat(2000)), None).unwrap()).unwrap();
    for (text, hash) in [("any", None), ("any", Some(unreadable)), (&"x".repeat(2000), Some(hash))] {
        let checked = wait(pool.verify(password(text), hash, None).unwrap()).unwrap();
        assert!(matches!(checked.verification, Verification::Wrong));
    }
}

#[test]
fn a_full_queue_says_when_to_try_again() {
    let pool = pool(1, 2);
    let (release, busy) = block(&pool);
    let waiting: Vec<_> = (0..2).map(|_| pool.hash(password("x"), None).unwrap()).collect();
    let full = pool.hash(password("x"), None).err().unwrap();
    assert!((1..=60).contains(&full.retry_after.as_secs()));
    assert_eq!(pool.stats(), HashPoolStats { queued: 2, in_flight: 1, rejected: 1, ..Default::default() });
    drop(release);
    wait(busy).unwrap();
    for ticket in waiting {
        wait(ticket).unwrap();
    }
    assert!(pool.hash(password("x"), None).is_ok());
}

#[test]
fn jobs_with_dropped_tickets_make_room() {
    let pool = pool(1, 2);
    let (release, busy) = block(&pool);
    for _ in 0..5 {
        drop(pool.hash(password("x"), None).unwrap());
    }
    let last = pool.hash(password("x"), None).unwrap();
    drop(release);
    wait(busy).unwrap();
    wait(last).unwrap();
    assert_eq!(pool.stats().skipped, 5);
}

#[test]
fn a_client_with_many_jobs_does_not_delay_another() {
    let pool = pool(1, 100);
    let (release, busy) = block(&pool);
    let order = Arc::new(AtomicUsize::new(0));
    let turn = |address: &str| {
        let order = Arc::clone(&order);
        pool.submit(address.parse().ok(), move |_| Some(order.fetch_add(1, Ordering::SeqCst))).unwrap()
    };
    let greedy: Vec<_> = (0..10).map(|_| turn("192.0.2.1")).collect();
    let modest = turn("192.0.2.2");
    drop(release);
    wait(busy).unwrap();
    assert_eq!(wait(modest).unwrap(), 1);
    assert_eq!(greedy.into_iter().map(|ticket| wait(ticket).unwrap()).max(), Some(10));
}

#[test]
fn shutting_down_ends_the_threads_and_resolves_the_tickets() {
    let pool = pool(1, 8);
    let (release, busy) = block(&pool);
    let waiting = pool.hash(password("x"), None).unwrap();
    drop(release);
    wait(busy).unwrap();
    assert!(pool.is_open());
    pool.shutdown();
    pool.shutdown();
    assert!(!pool.is_open());
    assert!(pool.hash(password("x"), None).is_err());
    // It either ran before the end or was dropped; the ticket ends both ways.
    let _ = wait(waiting);
}

#[test]
fn a_job_that_panics_leaves_the_pool_working() {
    let pool = pool(1, 8);
    let broken = pool.submit::<()>(None, |_| panic!("a defect")).unwrap();
    assert!(wait(broken).is_err());
    assert!(wait(pool.hash(password("x"), None).unwrap()).is_ok());
}

#[test]
fn calibration_does_not_delay_the_start_and_ends() {
    let pool = pool(2, 8);
    assert!(pool.failure_floor() > Duration::ZERO);
    let hash = wait(pool.hash(password(&"long ".repeat(20)), None).unwrap()).unwrap();
    assert_eq!(Scheme::recognise(hash.as_str()), Ok(Scheme::BcryptSha256));
}

#[test]
fn hash_threads_have_the_lowest_priority() {
    let pool = pool(1, 8);
    let nice =
        pool.submit(None, |_| rustix::process::getpriority_process(Some(rustix::thread::gettid())).ok());
    assert_eq!(wait(nice.unwrap()), Ok(19));
    assert_ne!(rustix::process::getpriority_process(Some(rustix::thread::gettid())), Ok(19));
}
