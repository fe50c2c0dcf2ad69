//! Tidemill on a real Kubernetes: operator and brokers as their images have them, clients in pods, and
//! what people fear.
//!
//! One Kubernetes, one operator and one Cluster serve all tests. They take turns, for each of them
//! disturbs. Every test that disturbs while records are produced ends with the Cluster Ready and every
//! acknowledged record there, once and in its order.

mod bad_image;
mod broker_lost;
mod node_lost;
mod operator_gone;
mod refused;
mod release;
mod world;
