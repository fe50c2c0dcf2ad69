//! The broker as a process: sockets, threads, files, clock.
fn main() {}
