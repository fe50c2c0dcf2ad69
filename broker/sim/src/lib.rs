//! Many nodes, one thread, one seed: the shipped code of the brokers in a world made of lies.
//!
//! In: a seed. Out: a history of what clients saw, its anomalies, and a trace that is the same each
//! time. Never here: a second version of what a broker does.

pub mod executor;
pub mod history;
