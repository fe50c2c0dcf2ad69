//! What clients see of a coordinator, one rule after the other.

mod admin;
mod joining;
mod loading;
mod members;
mod offsets;
mod rebalancing;
mod retention;
mod static_members;
