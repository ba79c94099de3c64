//! Names under which systems keep what somebody logs in with.

/// Names under which a hash is expected.
pub(super) const HASH_NAMES: [&str; 8] = [
    "passwordhash",
    "hashedpassword",
    "encryptedpassword",
    "passworddigest",
    "passhash",
    "hash",
    "passwordbcrypt",
    "bcrypt",
];

/// Names under which it may be plain text.
pub(super) const PASSWORD_NAMES: [&str; 14] = [
    "password",
    "passwd",
    "pwd",
    "userpassword",
    "userpass",
    "pass",
    "pw",
    "passwort",
    "senha",
    "mdp",
    "motdepasse",
    "clave",
    "contraseña",
    "contrasena",
];
