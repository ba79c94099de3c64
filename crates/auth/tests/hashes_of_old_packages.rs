//! Hashes that other systems made can be verified. The comment before each group names the package that made them.

#![cfg(feature = "password-legacy")]
#![expect(clippy::panic, reason = "a test fails by panicking")]

mod verification;

use roster_auth::password::Scheme;
use roster_domain::{ImportedHash, PasswordHash};
use verification::{verify_none_cut, verify_one};

/// A password, its hash, and the format.
const HASHES: [(&str, &str, Scheme); 25] = [
    // libxcrypt, by whois 5.5.17 (mkpasswd).
    ("mk-correct-horse", "$1$MvQl8tRo$/lKmmHQGnKEqJaQ5dhDRp.", Scheme::Md5Crypt),
    (
        "mk-correct-horse",
        "$5$rounds=1000$w8zopygkU3oWqvrK$SXAZ2IbgFOwy.5suSqkHQWtmceBKLCK7iAiYTdCo0w6",
        Scheme::ShaCrypt,
    ),
    (
        "mk-correct-horse",
        "$6$ppdW7xCPgyWW3Z9K$HQ27CalIDK684.J1ixcjGPASzEFAPelo.eRB.8SGTE0d5GQeodGcmuXED6r.KW1WmMEuw4vy8736ZDbCpAovL1",
        Scheme::ShaCrypt,
    ),
    (
        "mk-correct-horse",
        "$y$j75$fZI3nSYIgmKAeG.9ObpVY1$aHaq0AgopaDNih94y6s6CsDOQ53xJxcoXUYAstzUn53",
        Scheme::Yescrypt,
    ),
    (
        "mk-correct-horse",
        "$y$j9T$wxsmEvuuyoVLJRfyY3G/D1$iqKOrbrCbQaflR5i3NLU9Xc2PU.r.KNqYK4aDAwgo21",
        Scheme::Yescrypt,
    ),
    (
        "mk-correct-horse",
        "$7$BU..../....7FV10KWQBtbV/OgXLDyTi/$5t28.NcSAxJ4I61GUvwb4GQEVIVo12PtdI/PfRXwmU0",
        Scheme::ScryptCrypt,
    ),
    // apache2-utils 2.4.71 (htpasswd -m, -2, -5).
    ("ht-correct-horse", "$apr1$plE6tC6L$Ovo1QS2HBR/vtHYS8qTYv0", Scheme::Md5Crypt),
    ("ht-correct-horse", "$5$D967NjQRgQja6AWq$thGAKk/GBnckgeH7DJzC.A1MLMmX22CQ6ke/YY37vC3", Scheme::ShaCrypt),
    (
        "ht-correct-horse",
        "$6$RFep3JnjA.OeO/yz$gFDKTPFBYpGktzZB2te9/7S4HGEyoN//RZSGxgX7fU2QH3hpNQCU0LAEIT0wa1FORmKnP2bbHleM0S.tnr6.a/",
        Scheme::ShaCrypt,
    ),
    // Dovecot 2.3.19.1 and OpenLDAP 2.5.13: the same in braces.
    (
        "dc-correct-horse",
        "{SHA512-CRYPT}$6$HZSjEivzgRlkQPA1$5KPEf6vBGOh7J5fbtmaXXBT37r9qQBARgbHQRdO7RDNbm327RCXiIFobsIHzpT3uixY5sLZf2uJHwDsuIH4pP.",
        Scheme::ShaCrypt,
    ),
    ("dc-correct-horse", "{MD5-CRYPT}$1$I3iPvLWH$vNn3HvQyW1PW6PaVdE0CC.", Scheme::Md5Crypt),
    (
        "sl-correct-horse",
        "{CRYPT}$6$rounds=1000$58UHnXKT$jjmwr/vbohLYOJ3u4vcMhILViDOw0xkwShf852IcEPE/pZf/dzE6TZo4x2mU56yMVybv0ZahiZDWXmn4GGnj.1",
        Scheme::ShaCrypt,
    ),
    // passlib 1.7.4.
    ("pl-correct-horse", "$1$wOu3ZSdC$6gkwN74il54FNkeTArGNw/", Scheme::Md5Crypt),
    (
        "pl-correct-horse",
        "$5$rounds=1000$CkUc2N3NsO71ynRK$JG85dl5dn8.NoY78/Aa4KF.Txcsuzge66RTtDP8jyS1",
        Scheme::ShaCrypt,
    ),
    ("pl-correct-horse", "$P$6U/74owErj5G2enGnxZsW6wW75rKJ6.", Scheme::Phpass),
    ("pl-correct-horse", "$H$6Cx1a2x2p.44GdyuYqYs11deIsAomT.", Scheme::Phpass),
    // WordPress 6.8.12 (class PasswordHash).
    ("wp-correct-horse", "$P$BsFgMTT9O0bQwt/OrsKJTxMPzrlSaA0", Scheme::Phpass),
    // Drupal 9 (PhpassHashedPassword), then the same over the MD5 of the password, as its upgrade from Drupal 6 leaves it.
    ("dr-correct-horse", "$S$6rOxLbZUim7WfGjUXIo3JUdGttnmO1UQumC48DXt.Ww0EBmywvfd", Scheme::Phpass),
    ("dr-correct-horse", "U$S$6o5bzLetG64kB8yjQApNuL8T35RqlYuwsn2HBjb99B45xy5ixU6Z", Scheme::Phpass),
    // werkzeug 3.1.9: rare functions.
    (
        "wz-correct-horse",
        "pbkdf2:sha3_224:1000$gJSVmZKNyWX5rcwv$b0568a30c505fd1ef732e0e8d112d13a9841c469081f34d9286bb9e0",
        Scheme::WerkzeugPbkdf2,
    ),
    (
        "wz-correct-horse",
        "pbkdf2:sha3_256:1000$BiGznUkU9jW0olKU$ee08cf4e1066129f1a2af83a76b4cd6c932cb2e0ecd265e0cb2a6cfe1627290d",
        Scheme::WerkzeugPbkdf2,
    ),
    (
        "wz-correct-horse",
        "pbkdf2:sha3_384:1000$LDuvKqXbIvA2QvHc$1c11e6fe45633af46a00d840342a8deb0ec40e97be0ad537feabdd8843210c6b719e206dc6a42e5818f996d67a5ad1a9",
        Scheme::WerkzeugPbkdf2,
    ),
    (
        "wz-correct-horse",
        "pbkdf2:sha3_512:1000$acEMiwogbgSyfPtT$f4348039af0fafcc547464c0059d502fb31c7f89efb0c82f58edc890aacb133fbcb5b9811f34bc7c14a8312210170c58a99ece099c01464839ec3f442d68ec7f",
        Scheme::WerkzeugPbkdf2,
    ),
    (
        "wz-correct-horse",
        "pbkdf2:sha512_256:1000$6zufaKAi27qBG8HW$01123deb15c01aa8498be0725e60fc59c3ae437029088719e7d12c0c5010955e",
        Scheme::WerkzeugPbkdf2,
    ),
    (
        "wz-correct-horse",
        "pbkdf2:md5:1000$AjQcJLRxunSgAOKC$bad3cee8c5710a4b30a19eb4b531a2fc",
        Scheme::WerkzeugPbkdf2,
    ),
];

/// Single rounds of fast digests.
const WEAK: [(&str, &str, Scheme); 24] = [
    // OpenLDAP 2.5.13 (slappasswd with pw-sha2).
    ("sl-correct-horse", "{SSHA}+qgNePjSVvjkMecZXU+L9hS0YMzAUih2", Scheme::LdapDigest),
    ("sl-correct-horse", "{SHA}n0lh32bsMGMseiqRtoWIqq9jLxI=", Scheme::LdapDigest),
    ("sl-correct-horse", "{SMD5}9tEV3JwCyimMXBGk7gASB4pVGrw=", Scheme::LdapDigest),
    ("sl-correct-horse", "{MD5}nNPBmKyjHLqvcNDEOaPSMA==", Scheme::LdapDigest),
    (
        "sl-correct-horse",
        "{SSHA256}+bwcbMeCBCzkP+hxTvVGx2Go0+YmjvaAlarI5giOE6QhV/m85ukJ8Q==",
        Scheme::LdapDigest,
    ),
    (
        "sl-correct-horse",
        "{SSHA384}Sm9uT6tkiU6iPKcNVapShqGrNhMSh//NEoMT49vbBYNKQRD+HOwnavT5az8ql1AbAtqEPf+o83k=",
        Scheme::LdapDigest,
    ),
    (
        "sl-correct-horse",
        "{SSHA512}I6XbsScQGpjVwx7WK/7x3g38F1HYncjXljsTA7XGaLDeGKzkygkGUvK7Y5Dv2Jl85AltCapoeLA7ZkK5JNpPZbM3mwcgARzH",
        Scheme::LdapDigest,
    ),
    (
        "sl-correct-horse",
        "{SHA512}G0bKvt5pPJKpB+ShXfbkf+dvhvuitGDsz/LSNu00wWm7GsoTegRCNsFWJbdNtdmCoundlSP1W7ew6wmXseBYvQ==",
        Scheme::LdapDigest,
    ),
    // Dovecot 2.3.19.1 (doveadm pw).
    ("dc-correct-horse", "{SSHA256}JveiTNW7w/VpCUkgavsXXygYdwLCpi8/sRrrSQsXeGW+Psoz", Scheme::LdapDigest),
    ("dc-correct-horse", "{PLAIN-MD5}47af751c09a5f4c0ed27aab9855d35e0", Scheme::LdapDigest),
    ("dc-correct-horse", "{LDAP-MD5}R691HAml9MDtJ6q5hV014A==", Scheme::LdapDigest),
    ("dc-correct-horse", "{SHA1}k/U5+xyQTDRjMIeT4dcdPFc9krs=", Scheme::LdapDigest),
    ("dc-correct-horse", "{SSHA.HEX}be874a9f0be17da4be0b8f7c3a2477a4221cc25bbe9fcb55", Scheme::LdapDigest),
    (
        "dc-correct-horse",
        "{SHA256.HEX}d0bc2b36165637903006d9ed6e39326b570842d6b7e0fa879c3fa22733418b28",
        Scheme::LdapDigest,
    ),
    ("dc-correct-horse", "{SSHA256.B64}a0Qs2MNVgMlMyB1IHbUuIMhzBjiH56AEMJNG3Xcj9YyP8oEP", Scheme::LdapDigest),
    // apache2-utils 2.4.71 (htpasswd -s); the name in lower case, as ldap3 2.9 writes it.
    ("ht-correct-horse", "{SHA}hP0cSGb9ouLHss34YV/QnXoinWA=", Scheme::LdapDigest),
    ("sl-correct-horse", "{ssha}+qgNePjSVvjkMecZXU+L9hS0YMzAUih2", Scheme::LdapDigest),
    // django 5.2.19 and passlib 1.7.4: the salt before the password.
    ("dj-correct-horse", "md5$x6TFNne4L5bk32wDD0obxB$25260e4985d31c0a366b888057e65449", Scheme::SaltedDigest),
    ("pl-correct-horse", "sha1$iZ3BoAecdmAg$b574587e8c62974d5b63a94058298027b4c37160", Scheme::SaltedDigest),
    ("pl-correct-horse", "md5$oc8v2nixzJoJ$dc28991a6e08c49a8fe805a4de4094d0", Scheme::SaltedDigest),
    // werkzeug 2.2.3: the salt as the key of an HMAC.
    (
        "wz-correct-horse",
        "sha1$5e4xR9Rb7XlBbet7$aa0f1638aadd14cb99dfef23c1a6eefbc6b3e511",
        Scheme::SaltedDigest,
    ),
    (
        "wz-correct-horse",
        "sha256$91J9X2bhXia42xlP$b8e9fd70ad1e212f02da09354b0cbdf9bd9d3df74234c58f727c5619b0eddaa4",
        Scheme::SaltedDigest,
    ),
    ("wz-correct-horse", "md5$PvUMdI55FI9dL7k8$8848b74632ba1d4b3331b5b38dd1fb16", Scheme::SaltedDigest),
    (
        "wz-correct-horse",
        "sha512$r5oms3qMjfMf9JxD$8a8d4a73647c91f29e42306f79ed3a242961e2c7e1d5a8f21eef19eadee74382f14565fce4567e8e3a4bedc218664d52df9ed45bdfeaecb866faf29bcb2cab15",
        Scheme::SaltedDigest,
    ),
];

#[test]
fn every_password_verifies_and_every_other_does_not() {
    for (password, hash, scheme) in HASHES {
        verify_one(password, hash, scheme);
        assert!(!scheme.is_weak(), "{hash}");
    }
}

#[test]
fn a_hash_that_is_cut_does_not_verify() {
    for (password, hash, _) in HASHES {
        verify_none_cut(password, hash);
    }
}

#[test]
fn the_beginning_of_a_stored_hash_says_whether_it_is_weak() {
    for (_, hash, scheme) in HASHES.into_iter().chain(WEAK) {
        let imported = PasswordHash::new(hash).unwrap().imported();
        assert_eq!(imported == Some(ImportedHash::Weak), scheme.is_weak(), "{hash}");
    }
}

#[test]
fn a_fast_digest_is_verified_and_called_weak() {
    for (password, hash, scheme) in WEAK {
        verify_one(password, hash, scheme);
        assert!(scheme.is_weak(), "{hash}");
    }
}
