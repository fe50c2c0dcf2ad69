//! Many nodes, one thread, one seed: the shipped code of the brokers in a world made of lies.
//!
//! In: a seed. Out: a history of what clients saw, its anomalies, and a trace that is the same each
//! time. Never here: a second version of what a broker does, a real clock, a thread, a file.

#![allow(
    clippy::expect_used,
    reason = "a simulation that goes wrong is to stop; nothing in it is foreign input"
)]

pub mod broker;
pub mod calls;
pub mod checker;
pub mod clients;
pub mod cluster;
pub mod disk_faults;
mod door;
pub mod executor;
pub mod faults;
pub mod history;
mod losses;
pub mod network;
mod reassigner;
pub mod rng;
pub mod run;
mod setup;
pub mod trace;
pub mod world;
