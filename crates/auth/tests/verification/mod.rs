//! How hashes of other systems are tested.

use roster_auth::password::{Password, Scheme, StoredHash};

/// The password is right, and it is wrong without its middle.
pub(crate) fn verify_one(password: &str, hash: &str, scheme: Scheme) {
    let stored = StoredHash::parse(hash).unwrap_or_else(|reason| panic!("{hash}: {reason}"));
    assert_eq!(stored.scheme(), scheme, "{hash}");
    assert!(stored.verify(&Password::new(password.into())), "{hash}");
    let middle = password.chars().count() / 2;
    let other =
        password.chars().enumerate().filter(|(index, _)| *index != middle).map(|(_, char)| char).collect();
    assert!(!stored.verify(&Password::new(other)), "{hash}");
}

/// The password is wrong for the hash without its last character, and no part of the hash makes the parser panic.
pub(crate) fn verify_none_cut(password: &str, hash: &str) {
    let cut = &hash[..hash.len() - 1];
    let accepted = StoredHash::parse(cut).is_ok_and(|stored| stored.verify(&Password::new(password.into())));
    assert!(!accepted, "{cut}");
    for end in 0..hash.len() {
        // A shorter digest may be accepted.
        let _ = StoredHash::parse(&hash[..end]);
    }
}
