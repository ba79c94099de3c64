//! What handlers take from a request: each extractor refuses with problems, and documents which.

mod path;

pub(crate) use path::AssetName;
