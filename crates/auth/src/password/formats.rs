//! The table of the formats of other systems, beside bcrypt itself.

use super::argon2::Argon2Hash;
use super::bcrypt_foreign::ForeignBcrypt;
use super::foreign::{ForeignHash, Rejected};
use super::scheme::{Scheme, UnsupportedHash};
use super::scram::ScramKeys;
#[cfg(feature = "password-legacy")]
use super::{
    crypt,
    digests::SaltedDigest,
    firebase,
    phpass::PhpassHash,
    salted::{self, SaltedHash},
};
use super::{pbkdf2_text, scrypt_text};

type Parsed = Result<Box<dyn ForeignHash>, Rejected>;

/// A format, how a text in it begins, and its parser.
struct Format {
    scheme: Scheme,
    begins: Begins,
    parse: fn(&str) -> Parsed,
}

/// How a format is recognised.
enum Begins {
    /// With one of these.
    With(&'static [&'static str]),
    /// With one of these, in upper or lower case.
    WithName(&'static [&'static str]),
    /// By its whole shape.
    Like(fn(&str) -> bool),
}

/// Earlier formats win.
const FORMATS: &[Format] = &[
    Format {
        scheme: Scheme::Argon2,
        begins: Begins::With(&["$argon2d$", "$argon2i$", "$argon2id$"]),
        parse: |text| boxed(Argon2Hash::parse(text)),
    },
    Format {
        scheme: Scheme::DjangoBcryptSha256,
        begins: Begins::With(&["bcrypt_sha256$$2"]),
        parse: |text| boxed(ForeignBcrypt::parse_django(text)),
    },
    Format {
        scheme: Scheme::WordPressBcrypt,
        begins: Begins::With(&["$wp$2"]),
        parse: |text| boxed(ForeignBcrypt::parse_word_press(text)),
    },
    Format {
        scheme: Scheme::PhcBcrypt,
        begins: Begins::With(&["$bcrypt$v="]),
        parse: |text| boxed(ForeignBcrypt::parse_phc(text)),
    },
    Format {
        scheme: Scheme::PhcPbkdf2,
        begins: Begins::With(&[
            "$pbkdf2$i=",
            "$pbkdf2-sha1$i=",
            "$pbkdf2-sha256$i=",
            "$pbkdf2-sha512$i=",
            "$pbkdf2$l=",
            "$pbkdf2-sha256$l=",
            "$pbkdf2-sha512$l=",
        ]),
        parse: |text| boxed(pbkdf2_text::phc(text)),
    },
    Format {
        scheme: Scheme::MattermostPbkdf2,
        begins: Begins::With(&["$pbkdf2$f=", "$pbkdf2$w="]),
        parse: |text| boxed(pbkdf2_text::mattermost(text)),
    },
    Format {
        scheme: Scheme::PasslibPbkdf2,
        begins: Begins::With(&["$pbkdf2$", "$pbkdf2-sha256$", "$pbkdf2-sha512$"]),
        parse: |text| boxed(pbkdf2_text::passlib(text)),
    },
    Format {
        scheme: Scheme::DjangoPbkdf2,
        begins: Begins::With(&["pbkdf2_sha1$", "pbkdf2_sha256$"]),
        parse: |text| boxed(pbkdf2_text::django(text)),
    },
    Format {
        scheme: Scheme::WerkzeugPbkdf2,
        begins: Begins::With(&["pbkdf2:"]),
        parse: |text| boxed(pbkdf2_text::werkzeug(text)),
    },
    Format {
        scheme: Scheme::LdapPbkdf2,
        begins: Begins::WithName(&["{PBKDF2}", "{PBKDF2-SHA1}", "{PBKDF2-SHA256}", "{PBKDF2-SHA512}"]),
        parse: |text| boxed(pbkdf2_text::ldap(text)),
    },
    Format {
        scheme: Scheme::AtlassianPbkdf2,
        begins: Begins::WithName(&["{PKCS5S2}"]),
        parse: |text| boxed(pbkdf2_text::atlassian(text)),
    },
    Format {
        scheme: Scheme::AspNetIdentity,
        begins: Begins::Like(pbkdf2_text::is_asp_net),
        parse: |text| boxed(pbkdf2_text::asp_net(text)),
    },
    Format {
        scheme: Scheme::WerkzeugScrypt,
        begins: Begins::With(&["scrypt:"]),
        parse: |text| boxed(scrypt_text::werkzeug(text)),
    },
    Format {
        scheme: Scheme::DjangoScrypt,
        begins: Begins::With(&["scrypt$"]),
        parse: |text| boxed(scrypt_text::django(text)),
    },
    Format {
        scheme: Scheme::PhcScrypt,
        begins: Begins::With(&["$scrypt$"]),
        parse: |text| boxed(scrypt_text::modular(text)),
    },
    Format {
        scheme: Scheme::HexScrypt,
        begins: Begins::Like(scrypt_text::is_hexadecimal_pair),
        parse: |text| boxed(scrypt_text::hexadecimal_pair(text)),
    },
    Format {
        scheme: Scheme::Scram,
        begins: Begins::WithName(&["{SCRAM-SHA-"]),
        parse: |text| boxed(ScramKeys::parse_dovecot(text)),
    },
    Format {
        scheme: Scheme::Scram,
        begins: Begins::With(&["SCRAM-SHA-"]),
        parse: |text| boxed(ScramKeys::parse_postgres(text)),
    },
];

/// The formats that only old or few systems write.
#[cfg(feature = "password-legacy")]
const LEGACY_FORMATS: &[Format] = &[
    Format {
        scheme: Scheme::Md5Crypt,
        begins: Begins::With(&["$1$", "$apr1$"]),
        parse: |text| boxed(crypt::Md5Crypt::parse(text)),
    },
    Format {
        scheme: Scheme::ShaCrypt,
        begins: Begins::With(&["$5$", "$6$"]),
        parse: |text| boxed(crypt::ShaCryptHash::parse(text)),
    },
    Format {
        scheme: Scheme::Yescrypt,
        begins: Begins::With(&["$y$"]),
        parse: |text| boxed(crypt::YescryptHash::parse(text)),
    },
    Format {
        scheme: Scheme::ScryptCrypt,
        begins: Begins::With(&["$7$"]),
        parse: |text| boxed(crypt::ScryptCrypt::parse(text)),
    },
    Format {
        scheme: Scheme::Phpass,
        begins: Begins::With(&["$P$", "$H$", "$S$", "U$P$", "U$H$", "U$S$"]),
        parse: |text| boxed(PhpassHash::parse(text)),
    },
    Format {
        scheme: Scheme::FirebaseScrypt,
        begins: Begins::With(&[firebase::PREFIX]),
        parse: |text| boxed(firebase::FirebaseHash::parse(text)),
    },
    Format {
        scheme: Scheme::LdapDigest,
        begins: Begins::WithName(&[
            "{SSHA",
            "{SHA}",
            "{SHA1",
            "{SHA.",
            "{SHA2",
            "{SHA3",
            "{SHA512}",
            "{SHA512.",
            "{SMD5",
            "{MD5}",
            "{MD5.",
            "{LDAP-MD5",
            "{PLAIN-MD5",
        ]),
        parse: |text| boxed(SaltedDigest::parse_ldap(text)),
    },
    Format {
        scheme: Scheme::SaltedDigest,
        begins: Begins::With(&["md5$", "sha1$", "sha224$", "sha256$", "sha384$", "sha512$"]),
        parse: |text| boxed(SaltedDigest::parse_dollar(text)),
    },
    Format {
        scheme: Scheme::SaltedDigest,
        begins: Begins::With(&[salted::PREFIX]),
        parse: |text| boxed(SaltedHash::parse(text)),
    },
];

#[cfg(not(feature = "password-legacy"))]
const LEGACY_FORMATS: &[Format] = &[];

/// Parses a text in one of the formats.
pub(super) fn parse(text: &str) -> Result<(Scheme, Box<dyn ForeignHash>), UnsupportedHash> {
    let mut formats = FORMATS.iter().chain(LEGACY_FORMATS);
    let Some(format) = formats.find(|format| format.begins.matches(text)) else {
        return Err(UnsupportedHash::of_unknown(text));
    };
    let scheme = format.scheme;
    (format.parse)(text).map(|hash| (scheme, hash)).map_err(|reason| match reason {
        Rejected::Malformed => UnsupportedHash::Malformed(scheme),
        Rejected::TooCostly => UnsupportedHash::TooCostly(scheme),
    })
}

impl Begins {
    fn matches(&self, text: &str) -> bool {
        let starts_with_name =
            |name: &&str| text.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name));
        match self {
            Self::With(prefixes) => prefixes.iter().any(|prefix| text.starts_with(prefix)),
            Self::WithName(names) => names.iter().any(starts_with_name),
            Self::Like(is_like) => is_like(text),
        }
    }
}

fn boxed<T: ForeignHash + 'static>(parsed: Result<T, Rejected>) -> Parsed {
    parsed.map(|hash| Box::new(hash) as Box<dyn ForeignHash>)
}
