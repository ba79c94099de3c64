//! Accounts of Unix systems.

#![no_main]

use libfuzzer_sys::fuzz_target;
use roster_fuzz::Import;
use roster_import::FileFormat;
use std::sync::LazyLock;

static IMPORT: LazyLock<Import> = LazyLock::new(|| Import::new(Some(FileFormat::Shadow)));

fuzz_target!(|bytes: &[u8]| IMPORT.read(bytes));
