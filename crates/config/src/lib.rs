//! Settings: defaults, file, .env and environment in layers, each value with its origin.
