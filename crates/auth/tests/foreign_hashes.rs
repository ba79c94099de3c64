//! Hashes of other systems can be verified.

#![cfg(feature = "password")]

use roster_auth::password::{Password, Scheme, StoredHash};

/// A password, its hash, and the library that wrote it.
const HASHES: [(&str, &str, Scheme); 12] = [
    ("Corr3ct-horse-battery", "$2b$12$BohAMEfDAKMd8aMhnEJn/OyrCRAVvT3Y1L/.cChErqo/TX7TO.jIm", Scheme::Bcrypt),
    ("さくら-2024-ふじさん", "$2b$12$8kgJ80RinHMB3u/2KIKlGu/XSbkXF9qxhWD7CK7zoTn31Avg.iJfq", Scheme::Bcrypt),
    ("Member-01-passphrase", "$2b$10$1hy4xWkQ2Y8VfqDIN6izE..4ogM/IcInsU0CprckCGmoAMbCL72Cy", Scheme::Bcrypt),
    ("Ada-analytical-1800", "$2y$10$XfBBl9gE6Bd4pE/sDi62MOFD1WUhFDjX/E/CSMdddeN9ES6.heHiW", Scheme::Bcrypt),
    ("Grace-analytical-1801", "$2a$10$r2wW4gyxw9cDo6C3oL2w9ueS8ImvfK9RD507C/E7zGSJnHWVulIPW", Scheme::Bcrypt),
    ("second-zoe-Pass1", "$2b$10$2NFUgMUmyng4.TyI/5hj/.7KsW8Rg1VE.I5GvLc29eGH36B9mKktu", Scheme::Bcrypt),
    (
        "argon-Zoe-2026!",
        "$argon2id$v=19$m=19456,t=2,p=1$gGV8BekUDlyHkQqbXQXDUQ$yMdkPuBXmy685yfVax6JYhHoZ2+Q1ghR1ugWgUXWgwo",
        Scheme::Argon2,
    ),
    (
        "django-Yann-2026",
        "pbkdf2_sha256$1000000$saltsaltsalt$ZX+0T7O5ZiNOtiPDiyeoO0zHlmBP7d2a2BmmM2R8+mE=",
        Scheme::DjangoPbkdf2,
    ),
    (
        "werkzeug-Yannick-1",
        "scrypt:32768:8:1$StG8s1kb1TbuDuQG$4e7e7d2439ab42c460a80281d701664a684e230a9e2a0871135fd37c881c4e4f\
         e0d2935fe23a1bbf385029ada3533018099532f311ef5cf3b48af7a2813adfff",
        Scheme::WerkzeugScrypt,
    ),
    (
        "passlib-Xiu-2026",
        "$pbkdf2-sha256$29000$RGht7R3D2DsHAGDsPSdk7A$J58sgLIvHargHPG62fnzBjpTWN/T//w5GukvdrFzeL4",
        Scheme::PasslibPbkdf2,
    ),
    (
        "a very long passphrase that goes on well past the seventy-two bytes bcrypt reads, so the tail matters",
        "$bcrypt-sha256$v=2,t=2b,r=12$ji0ZSMPiSJYONanPOz6A.e$7VmPAHFGaz050UyQr.q6ZsUuQREDDk6",
        Scheme::BcryptSha256,
    ),
    (
        "pbkdf2-Tomas-2026",
        "pbkdf2:sha256:260000$SIVJ6qV99WGyft1x$a0b084e8207e04708068cb5d8eac5b2b91c2cf998cb3e4f801ded2be1d228f0e",
        Scheme::WerkzeugPbkdf2,
    ),
];

#[test]
fn every_scheme_is_recognised_and_verifies() {
    for (password, hash, scheme) in HASHES {
        assert_eq!(Scheme::recognise(hash), Ok(scheme), "{hash}");
        let stored = StoredHash::parse(hash).unwrap();
        assert!(stored.verify(&Password::new(password.into())), "{hash}");
    }
}

#[test]
fn the_last_character_of_a_password_matters() {
    for (password, hash, _) in HASHES {
        let mut other = password.to_owned();
        other.pop();
        assert!(!StoredHash::parse(hash).unwrap().verify(&Password::new(other)), "{hash}");
    }
}
