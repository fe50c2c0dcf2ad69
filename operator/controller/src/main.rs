//! The operator as a process: watches, reads, applies.
fn main() {}
