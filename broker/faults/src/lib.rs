//! Real faults on real brokers: a load of clients, a plan of what is done to brokers meanwhile, and the
//! checker of the simulations on what clients saw.
//!
//! In: a built `tidemill-broker`, the case, a seed. Out: what became of the load, and what of it must not
//! be. Never here: an own judgement of what clients saw (`broker_sim::history`).
//!
//! ```text
//!   case ── plan ──► steps ──► run ──► what it cost, what is wrong ──► target/faults/<commit>.jsonl
//!                               │ │
//!                        clients┘ └brokers: signals, networks, disks, clocks, memory
//! ```

mod ask;
pub mod case;
pub mod cases;
mod clock;
mod cluster;
mod damage;
mod disk;
mod inject;
mod load;
mod memory;
mod needs;
mod network;
mod node;
mod process;
pub mod results;
mod run;

pub use needs::{Need, missing};
pub use run::run;
