//! The `roster` executable.

fn main() {}
