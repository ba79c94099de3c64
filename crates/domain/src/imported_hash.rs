//! The hashes that an import brought and that should be replaced soon.

use crate::PasswordHash;

/// What is special about a hash that an import brought. The next login of its owner replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImportedHash {
    /// It is a single round of a fast digest, which protects the password for seconds only.
    Weak,
    /// It is verified with a secret in the settings, which has to stay there.
    Peppered,
}

/// How many users have such hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportedHashCounts {
    /// Users with an [`ImportedHash::Weak`].
    pub weak: u64,
    /// Users with an [`ImportedHash::Peppered`].
    pub peppered: u64,
}

/// How a weak hash begins, in upper or lower case.
const WEAK: [&str; 14] = [
    "{sha",
    "{ssha",
    "{smd5",
    "{md5}",
    "{md5.",
    "{ldap-md5",
    "{plain-md5",
    "md5$",
    "sha1$",
    "sha224$",
    "sha256$",
    "sha384$",
    "sha512$",
    "$salted$",
];

impl PasswordHash {
    /// How a hash begins that is verified with a secret in the settings.
    pub const PEPPERED: &str = "$pepper$";

    /// What is special about this hash; `None` if nothing is.
    ///
    /// The beginning of the text decides, so that a database can count the same with an index.
    #[must_use]
    pub fn imported(&self) -> Option<ImportedHash> {
        let text = self.as_str();
        if text.starts_with(Self::PEPPERED) {
            return Some(ImportedHash::Peppered);
        }
        let begins =
            |name: &&str| text.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name));
        (WEAK.iter().any(begins) && !is_crypt(text)).then_some(ImportedHash::Weak)
    }
}

impl ImportedHashCounts {
    /// Counts a user who has such a hash now.
    pub fn add(&mut self, hash: ImportedHash) {
        let count = self.count(hash);
        *count = count.saturating_add(1);
    }

    /// Counts a user who no longer has such a hash.
    pub fn remove(&mut self, hash: ImportedHash) {
        let count = self.count(hash);
        *count = count.saturating_sub(1);
    }

    const fn count(&mut self, hash: ImportedHash) -> &mut u64 {
        match hash {
            ImportedHash::Weak => &mut self.weak,
            ImportedHash::Peppered => &mut self.peppered,
        }
    }
}

/// Whether the hash is one of crypt in braces, such as `{SHA512-CRYPT}$6$…`.
fn is_crypt(text: &str) -> bool {
    text.split_once('}').is_some_and(|(name, _)| name.to_ascii_lowercase().ends_with("-crypt"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_tells_what_is_special() {
        let of = |text: &str| PasswordHash::new(text).unwrap().imported();
        for weak in ["{SSHA}x", "{ssha}x", "{SHA256.HEX}x", "{MD5}x", "sha1$x$y", "md5$x$y", "$salted$x"] {
            assert_eq!(of(weak), Some(ImportedHash::Weak), "{weak}");
        }
        assert_eq!(of("$pepper$devise$x"), Some(ImportedHash::Peppered));
        for other in
            ["$2b$12$x", "{SHA512-CRYPT}$6$x", "{MD5-CRYPT}$1$x", "{SCRAM-SHA-1}x", "sha1", "{CRYPT}$6$x"]
        {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
