//! What tests share, and the simulation of many clients.

pub(crate) mod harness;
mod simulation;
