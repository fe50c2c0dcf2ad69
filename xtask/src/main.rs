//! Checks on the code itself, and the generators.
fn main() {}
