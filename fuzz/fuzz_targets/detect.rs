//! Files of which only the content tells the format, also compressed ones.

#![no_main]

use libfuzzer_sys::fuzz_target;
use roster_fuzz::Import;
use std::sync::LazyLock;

static IMPORT: LazyLock<Import> = LazyLock::new(|| Import::new(None));

fuzz_target!(|bytes: &[u8]| IMPORT.read(bytes));
