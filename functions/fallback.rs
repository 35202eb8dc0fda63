//! The fallback.
fn main() {}
