//! The cost of verifying a token of about 1 KB, on one core.
//!
//! ```text
//! cargo bench -p roster-auth --bench verify
//! ```
//!
//! Warm: a token that was verified before. Cold: a new one. Each figure is the best and the median of many batches,
//! so that a busy machine does not distort it.
#![expect(clippy::unwrap_used, clippy::cast_precision_loss, reason = "a measurement, not a service")]

use jiff::Timestamp;
use roster_auth::test_kit::TestIssuer;
use roster_auth::token::{KeyAlgorithm, SigningKey};
use roster_auth::{Clock as _, SystemClock, SystemEntropy};
use std::hint::black_box;
use std::time::Instant;

const BATCHES: usize = 100;
const SECRET: &[u8] = b"a secret of at least thirty-two bytes";

fn main() {
    println!("algorithm  token B   warm, ns: best   med.   cold, µs: best   med.");
    for algorithm in KeyAlgorithm::ALL {
        let key = match algorithm {
            KeyAlgorithm::Hs256 => SigningKey::from_secret(SECRET).unwrap(),
            other => SigningKey::from_pem(&SigningKey::generate_pem(other, &SystemEntropy).unwrap()).unwrap(),
        };
        measure(algorithm.as_str(), &TestIssuer::with_key(key, TestIssuer::ISSUER, "orders"));
    }
}

fn measure(algorithm: &str, issuer: &TestIssuer) {
    let now = SystemClock.now();
    let verifier = issuer.verifier();
    // Includes the clock, which a service reads for each request.
    let verify = |token: &String| black_box(verifier.verify(token, SystemClock.now()).unwrap());
    let token = mint(issuer, now, 0);
    let again = vec![token.clone(); 1000];
    verify(&token);
    let warm = batches(|_| again.clone(), verify);
    let cold = batches(|batch| (1..=20).map(|n| mint(issuer, now, batch * 20 + n)).collect(), verify);
    println!(
        "{algorithm:9}  {:7}   {:14.0} {:6.0}   {:14.1} {:6.1}",
        token.len(),
        warm.0,
        warm.1,
        cold.0 / 1e3,
        cold.1 / 1e3
    );
}

/// Nanoseconds per token: the best batch and the median.
fn batches<T>(tokens: impl Fn(usize) -> Vec<String>, verify: impl Fn(&String) -> T) -> (f64, f64) {
    let mut each: Vec<f64> = (0..BATCHES)
        .map(|batch| {
            let tokens = tokens(batch);
            let began = Instant::now();
            tokens.iter().map(&verify).for_each(drop);
            began.elapsed().as_nanos() as f64 / tokens.len() as f64
        })
        .collect();
    each.sort_by(f64::total_cmp);
    (each[0], each[BATCHES / 2])
}

fn mint(issuer: &TestIssuer, now: Timestamp, number: usize) -> String {
    let names: Vec<_> = (0..20).map(|n| format!("orders:permission-{n}")).collect();
    issuer.token().scope(&names.join(" ")).claims(|claims| claims.jti = format!("{now}-{number}")).mint()
}
