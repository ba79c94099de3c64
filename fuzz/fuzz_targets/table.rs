//! Tables with a header: each input as CSV and as TSV, whose escapes differ.

#![no_main]

use libfuzzer_sys::fuzz_target;
use roster_fuzz::Import;
use roster_import::FileFormat;
use std::sync::LazyLock;

static IMPORTS: LazyLock<[Import; 2]> =
    LazyLock::new(|| [FileFormat::Csv, FileFormat::Tsv].map(|format| Import::new(Some(format))));

fuzz_target!(|bytes: &[u8]| {
    for import in &*IMPORTS {
        import.read(bytes);
    }
});
