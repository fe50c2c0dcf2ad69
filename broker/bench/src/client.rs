//! Clients of a benchmark: librdkafka, the same for both sides.
//!
//! In: where a cluster is, what to carry. Out: times. Never here: whose cluster it is.

pub(crate) mod admin;
pub(crate) mod consume;
pub(crate) mod payload;
pub(crate) mod produce;
