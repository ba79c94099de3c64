//! The framing of password hashes. What a few rounds verify is verified, too.

#![no_main]

use libfuzzer_sys::fuzz_target;
use roster_auth::password::{Password, Scheme, StoredHash};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(hash) = StoredHash::parse(text) else { return };
    if is_fast(text, hash.scheme()) {
        std::hint::black_box(hash.verify(&Password::new("correct horse".to_owned())));
    }
});

/// Whether verifying takes milliseconds: the scheme writes its costs as plain numbers, and they are small.
fn is_fast(text: &str, scheme: Scheme) -> bool {
    let is_plain = matches!(
        scheme,
        Scheme::Argon2
            | Scheme::PasslibPbkdf2
            | Scheme::DjangoPbkdf2
            | Scheme::WerkzeugPbkdf2
            | Scheme::PhcPbkdf2
            | Scheme::MattermostPbkdf2
            | Scheme::LdapPbkdf2
            | Scheme::WerkzeugScrypt
            | Scheme::DjangoScrypt
            | Scheme::Scram
            | Scheme::Md5Crypt
            | Scheme::LdapDigest
            | Scheme::SaltedDigest
    );
    let mut numbers = text.split(|character: char| !character.is_ascii_digit());
    is_plain && numbers.all(|number| number.trim_start_matches('0').len() <= 2)
}
