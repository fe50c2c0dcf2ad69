//! A broker's parts joined: what stands between a request and its answer.
//!
//! In: framed requests of clients and brokers, and a [`World`]. Out: answers, files written, calls
//! to other brokers. Never here: threads, sockets, real files or clocks; those are the world's.

pub mod api;
pub mod cleaner;
pub mod configs;
pub mod connection;
pub mod control;
pub mod fetch_sessions;
mod fetchers;
mod folders;
mod follower_sessions;
mod groups;
mod held;
mod lifecycle;
pub mod node;
pub mod partitions;
pub mod previous;
mod producer_ids;
pub mod quorum;
mod race;
pub mod reachable;
pub mod registration;
pub mod room;
mod scrub;
mod shard;
mod start;
mod strays;
pub mod summary;
mod throttles;
mod to_controller;
mod waiter;
pub mod world;

pub use node::{Config, Node};
pub use world::World;
