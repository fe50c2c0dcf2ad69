//! A broker's parts joined: what stands between a request and its answer.
//!
//! In: framed requests of clients and brokers, and a [`World`]. Out: answers, files written, calls
//! to other brokers. Never here: threads, sockets, real files or clocks; those are the world's.

pub mod fetch_sessions;
pub mod world;

pub use world::World;
