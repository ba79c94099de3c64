//! Passwords and tokens: hashing, signing and verifying, without storage.
