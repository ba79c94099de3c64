//! Names of password fields, normalized.

/// Fields that hold a hash.
pub(crate) const HASH_NAMES: [&str; 17] = [
    "passwordhash",
    "hashedpassword",
    "encryptedpassword",
    "passworddigest",
    "passhash",
    "hash",
    "passwordbcrypt",
    "bcrypt",
    "passwdhash",
    "pwdhash",
    "pwhash",
    "hashpassword",
    "hashedpass",
    "hashedpwd",
    "hashedpw",
    "cryptedpassword",
    "passwordhashed",
];

/// Fields that hold a hash or plain text.
pub(crate) const PASSWORD_NAMES: [&str; 14] = [
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
