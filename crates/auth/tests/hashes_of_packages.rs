//! Hashes that other systems made can be verified. The comment before each group names the package that made them.

#![cfg(feature = "password")]
#![expect(clippy::panic, reason = "a test fails by panicking")]

mod verification;

use roster_auth::password::Scheme;
use verification::{verify_none_cut, verify_one};

/// A password, its hash, and the format.
const HASHES: [(&str, &str, Scheme); 43] = [
    // django 5.2.19.
    (
        "dj-correct-horse",
        "argon2$argon2id$v=19$m=256,t=2,p=1$a2VIejYzRlFCSWJrUnY2cTdyU1IwUA$L3XuoE4+Iy8oFQe/PzvTw7OQHY6fDpSq/g6q4YSMZDU",
        Scheme::Argon2,
    ),
    (
        "dj-correct-horse",
        "bcrypt$$2b$05$Tl5Sd6sDmDMD.QaDYRqWxeib5ePEkb1JB3WEUAYwaJwC..WQ1D5zm",
        Scheme::Bcrypt,
    ),
    (
        "tail beyond tail beyond tail beyond tail beyond tail beyond tail beyond tail beyond tail beyond ",
        "bcrypt_sha256$$2b$05$Z01iEFBU9046lPY6UefNZ.dGUhnZA14mFvedlK/jEQMTb09RN8c4S",
        Scheme::DjangoBcryptSha256,
    ),
    (
        "dj-correct-horse",
        "scrypt$1024$gG3fMaKsRwhXO4HPdy9jbU$8$5$fJu/+3l7Dc7pQm4k6lzNuwCZiO/j5TruUoNx72uEuS7gAitXnKSRr3klcj8/NWJiB1ZhroX6cIc9G66D8UGojw==",
        Scheme::DjangoScrypt,
    ),
    // passlib 1.7.4.
    (
        "pl-correct-horse",
        "$scrypt$ln=10,r=8,p=1$4lyrtZZSSmmtVWrtndO6Fw$sIE/tSMUM/gA2RXr7NDio9Q1m2vrogq/CuTyFVBRPo0",
        Scheme::PhcScrypt,
    ),
    (
        "pl-correct-horse",
        "{PBKDF2}1000$qdUaA6B0bk1pLYXwnjPm/A$XZP1QElGNXm8a60Z6oIhjn6EiBk",
        Scheme::LdapPbkdf2,
    ),
    (
        "pl-correct-horse",
        "{PBKDF2-SHA256}1000$UIrRujdG6D1n7J2TMmbs3Q$D7r.Z5jIM6plEqsBUqs.elYIo4d7gU3NXz40s5aQX60",
        Scheme::LdapPbkdf2,
    ),
    (
        "pl-correct-horse",
        "{PBKDF2-SHA512}1000$4DyntLZWKqW0Vqr1XgvB.A$06za8mUM7rrmbyQBR3i88.3i1EcDbhUbsbgMFhK0KTLhY1Af14oCLRPciwTwDvCF.pvGgkWClqguoipB3HZ3Yg",
        Scheme::LdapPbkdf2,
    ),
    (
        "pl-correct-horse",
        "{PKCS5S2}xZjz/v+/l5KyFiKkdI7x/rP/G+5/lQckfnqKjI5iDauwUfPhPlYMyk79H+NJ7kiN",
        Scheme::AtlassianPbkdf2,
    ),
    // werkzeug 3.1.9.
    (
        "wz-correct-horse",
        "pbkdf2:sha224:1000$N7XaxkohGUEu3te4$cd3127ec8902d5a89ec6bdd77947b56d0a9e2c83ed7bbef307641987",
        Scheme::WerkzeugPbkdf2,
    ),
    (
        "wz-correct-horse",
        "pbkdf2:sha384:1000$TLa7F1s3RrhyrAfY$b78606368e54f4045938ca825fbce29eedbadf138eec27f2f55a22c77bd3e38b7ae34fc3c3581f9649050759852c0ddd",
        Scheme::WerkzeugPbkdf2,
    ),
    // argon2-cffi 25.1.0: a digest of 128 bytes.
    (
        "ar-correct-horse",
        "$argon2id$v=19$m=256,t=2,p=1$Ry6pCaxshhpUPfMIWoWMwQ$nQ8NjLXZG0jOxczkF9YQQwfFE+91nQBqxDAvq8jRJ/eV5zkzcT27l09g/0g41gH0KvpamW+BksWCZm7AydydCCereGg9dwCiCn8XS7vl2EmAXyn2XHIdObOr6hjt5DQQ4BUxs91rB9PijNcGpxsMJ6m6dW1VtqpPuSgoevKKX2k",
        Scheme::Argon2,
    ),
    // npm argon2 0.45.0: associated data, parameters sorted by name.
    (
        "ar-correct-horse",
        "$argon2id$v=19$m=1024,p=1,t=2,data=dGVuYW50LTc$JFxEGaCrLuvlLM06H+JbVg$N37MP4x+OT7XEuzRmuKuAoGfi9S3wjzs7AttgwSBBQs",
        Scheme::Argon2,
    ),
    // npm better-auth 1.7.25; the second password has a ligature, which NFKC takes apart.
    (
        "ba-correct-horse",
        "2134ad4b5e10a8faa1cc2f5611366471:d0bc579f07c2ceb41061a173be41c84326292b5b8aea7f63a61bce1c8a5a1ac00f6295bad0b9e4cf56e693eeff2fe022f4ce7d74df6bc95f7b2561c1e696cb52",
        Scheme::HexScrypt,
    ),
    (
        "ﬁsh-and-chips",
        "d8863144981b67555f162c6a915c09d9:7a927f04ef0afce388d1338305489528e7a38d8a057a6516491eb0c4c11a13d8bae89a5f8dbfb12fad6c0e3522f0271f51d4cef36577c55ae3a2595eec8b5142",
        Scheme::HexScrypt,
    ),
    // npm lucia 3.2.2: Scrypt and LegacyScrypt; npm oslo 1.2.1.
    (
        "lu-correct-horse",
        "2f7d1ac44f673e1d80481cd6e00bf8a7:19c47842f4841d8c0e6cddd277f9ab36105276b99c082655f30221c1d56a143ab0f376f203d0d9ff9dd952e83be29e78de7345024f2736ecc08414f13bd91fed",
        Scheme::HexScrypt,
    ),
    (
        "lu-correct-horse",
        "s2:6dcc82965abc7698895ed7fa9ca5f4a8:212d83392ab7be63f0aa107dc70cea2748a17434eb78d172328f50c8308981fdee6fa0e851444a7e7bdf2dde251271e030e04900a672c1ec1d21161458a4cd8f",
        Scheme::HexScrypt,
    ),
    (
        "os-correct-horse",
        "1815f7d4960b96a48e1be04d7632cf48:acc0a34f3ce777e31ed170eb820ba499ff27d33aa533116b856526d66a6f89f05ca581c4b012b6cad4c0965c98eeb4d56e30b0950d9b26ea394be5432ca6ff9d",
        Scheme::HexScrypt,
    ),
    // npm @adonisjs/hash 10.1.1.
    (
        "ad-correct-horse",
        "$scrypt$n=1024,r=8,p=1$lWk1qKBMmjAeBrzwyOdMmg$PFZh+fLqJ/D+uTF7qY/uNlCjnwy4dZTvVNYvoFRu5Th0/OI1vlvR/nyDHvSGFFsCsOFb3LzwJohDS05xL/JY2A",
        Scheme::PhcScrypt,
    ),
    (
        "ad-correct-horse",
        "$bcrypt$v=98$r=5$an985I7BG6voDtVCg5NHWA$dqV/Exahdsfc3Uh5NsLCEqzKOh+KBN4",
        Scheme::PhcBcrypt,
    ),
    // npm @phc/pbkdf2 1.1.14.
    (
        "ph-correct-horse",
        "$pbkdf2-sha256$i=1000$gOVuLyS4ADn3BOioE1DgbQ$p3lxU1mSpbouA/yLs6pISr7UM9+G5lgIPIEiALo/LYQ",
        Scheme::PhcPbkdf2,
    ),
    (
        "ph-correct-horse",
        "$pbkdf2-sha512$i=1000$UML80a+Jif37P+tYaJnvEw$7ESGkRlbPH1Mk/e1HEeBVYD3zZjsMj+i5as4WWtmFfClTi0LmO1/RHGTXmqBR//TBSQm/fYyBd5gfOuyWctzZg",
        Scheme::PhcPbkdf2,
    ),
    // Mattermost server v8 (hashers.DefaultPBKDF2).
    (
        "hunter2",
        "$pbkdf2$f=SHA256,w=600000,l=32$2H1h37Jzrfgk/ZZxlkosvA$lkERvYQfFUbBycl1MnNSkk4wu+SyoC35oek0zGow8dk",
        Scheme::MattermostPbkdf2,
    ),
    // npm bcrypt 6.0.0 over the SHA-256 in hexadecimal, as Meteor 3 stores it.
    (
        "me-correct-horse",
        "bcrypt_sha256$$2b$05$.acMrELhduJBEemlaO//5eVduZL6V.0/RMPZvvXqAHqvgKDS1zYBG",
        Scheme::DjangoBcryptSha256,
    ),
    // WordPress 6.8.12 (wp_hash_password), which trims passwords.
    (
        "wp-correct-horse",
        "$wp$2y$05$Ww7gD2OIGyp9b9FyNcMsP.0S/G53dSQbJ32EAwYPa176Hl4Y3agwS",
        Scheme::WordPressBcrypt,
    ),
    (
        " wp-correct-horse ",
        "$wp$2y$05$zDy3pSSOL5yUGw6KbuD3YeDBWF9q8hJztRl8jKD0OdAHtQ.2Pj/XS",
        Scheme::WordPressBcrypt,
    ),
    // ASP.NET Core Identity, from the tests of dotnet/aspnetcore (PasswordHasherTest): version 2, then 3.
    (
        "my password",
        "AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJg==",
        Scheme::AspNetIdentity,
    ),
    ("my password", "AQAAAAAAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M", Scheme::AspNetIdentity),
    (
        "my password",
        "AQAAAAEAA9CQAAAAIESkQuj2Du8Y+kbc5lcN/W/3NiAZFEm11P27nrSN5/tId+bR1SwV8CO1Jd72r4C08OLvplNlCDc3oQZ8efcW+jQ=",
        Scheme::AspNetIdentity,
    ),
    (
        "my password",
        "AQAAAAIAAAD6AAAAIJbVi5wbMR+htSfFp8fTw8N8GOS/Sje+S/4YZcgBfU7EQuqv4OkVYmc4VJl9AGZzmRTxSkP7LtVi9IWyUxX8IAAfZ8v+ZfhjCcudtC1YERSqE1OEdXLW9VukPuJWBBjLuw==",
        Scheme::AspNetIdentity,
    ),
    (
        "my password",
        "AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg/Q8A0WMKbtHQJQ2DHCdoEeeFBrgNlldq6vH4qX/CGqGQ==",
        Scheme::AspNetIdentity,
    ),
    // OpenLDAP 2.5.13 (slappasswd with pw-pbkdf2 and argon2).
    (
        "sl-correct-horse",
        "{PBKDF2}10000$jSvl/uE0LkmKEpnx/RmSYQ$XdWi7Ml2V93oBm8ooow2n5hclp4",
        Scheme::LdapPbkdf2,
    ),
    (
        "sl-correct-horse",
        "{PBKDF2-SHA256}10000$ICalg.5iWVOuuIRAFdQlfw$xR6APNhINi4cCfOBdodMCUU5xwA4eOJC0X4oSMp2/3k",
        Scheme::LdapPbkdf2,
    ),
    (
        "sl-correct-horse",
        "{ARGON2}$argon2i$v=19$m=4096,t=3,p=1$nRm2/3ADZ9vVrrYCQt83vw$l/YWbkwQFKAKti+4QVFaR3c5rIatU0NLh67DwL3xPSw",
        Scheme::Argon2,
    ),
    // Dovecot 2.3.19.1 (doveadm pw).
    (
        "dc-correct-horse",
        "{BLF-CRYPT}$2y$05$diX1WF0MyeWQADBIqkiStOPiKggiPbrKJoF0NLmH54R9ebUBBZbVa",
        Scheme::Bcrypt,
    ),
    (
        "dc-correct-horse",
        "{CRYPT}$2y$05$F0tNIG/JhEYjlogmPINJpelqJpZ7TZ8L8jRQOvL6rTVJ/0N4GOZfW",
        Scheme::Bcrypt,
    ),
    (
        "dc-correct-horse",
        "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$XoPOIVlJTNY9OQZ0/krkoQ$OwbEXKyds1zhkZFLyKn5LtlyI5Qm4pFMoanUHkblbUA",
        Scheme::Argon2,
    ),
    (
        "dc-correct-horse",
        "{PBKDF2}$1$xI4xna/asO0n9PLR$5000$6247e54fdfe7cb4c1bd02d54cd225a412738da53",
        Scheme::LdapPbkdf2,
    ),
    (
        "dc-correct-horse",
        "{SCRAM-SHA-1}4096,FooAuNKONqpDuEDY/hxGIw==,Vpc1SLd6/0DgnLO95EfAvnLCa1I=,T5soqtISWNVzxpiZL4f9UBwGqzo=",
        Scheme::Scram,
    ),
    (
        "dc-correct-horse",
        "{SCRAM-SHA-256}4096,kyJI4coSopmA0D4oowbd/Q==,ELXYnDzJ0BHRMS0ijJR9eTAbBFRTk5ews/hu/2Fwq4U=,BpgjytB02o2n41rD4HDD5fC0Nf6Ehsq0bOgKmQDtsTw=",
        Scheme::Scram,
    ),
    // PostgreSQL 15.18 (pg_authid.rolpassword).
    (
        "pg-correct-horse",
        "SCRAM-SHA-256$4096:EwUkKvmzncTRAHqinF2t9w==$3Z4avScot/NOJXEEn+CGo0dPA0eXoskXteRjwcUNjzU=:yvx3N3y/PA4aPVY/86GmTsSkQRqKJBCl6ZRvYiH18fY=",
        Scheme::Scram,
    ),
    (
        "pässwörd ﬁsh",
        "SCRAM-SHA-256$4096:aGSMoez98xiLR42+BVFZKQ==$GuPzdbrmrkDcW0fTOr5iIdx1o+yai8IGnYTqvjhXeV4=:ud4x7se5bAgtfkQhhQek17kZ+7Fp+H99SIyoEG+lTgA=",
        Scheme::Scram,
    ),
    // apache2-utils 2.4.71 (htpasswd -B).
    ("ht-correct-horse", "$2y$05$jo/qrwmnYf7nhXv6EFA3jeACmd.3XQNYWzCtYmLTbcRQUWwm35vra", Scheme::Bcrypt),
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
