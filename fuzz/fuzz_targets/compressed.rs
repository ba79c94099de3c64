//! Files in gzip or Zstandard. Of an input that is neither, each gets the magic number of both.

#![no_main]

use libfuzzer_sys::fuzz_target;
use roster_fuzz::Import;
use std::sync::LazyLock;

const GZIP: &[u8] = &[0x1f, 0x8b, 8, 0];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

static IMPORT: LazyLock<Import> = LazyLock::new(|| Import::new(None));

fuzz_target!(|bytes: &[u8]| {
    if bytes.starts_with(&GZIP[..2]) || bytes.starts_with(ZSTD) {
        return IMPORT.read(bytes);
    }
    IMPORT.read(&[GZIP, bytes].concat());
    IMPORT.read(&[ZSTD, bytes].concat());
});
