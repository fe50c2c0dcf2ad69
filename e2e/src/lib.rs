//! A real Kubernetes on one machine, and the tests that run on it.
//!
//! In: a Linux machine with root, Go and what Debian packages. Out: a [`Cluster`] of three nodes in
//! three zones, or an [`ApiServer`] alone, which tests and the demo drive with kubectl and helm; and
//! [`Tidemill`] on it, with [`Clients`] whose [`check`]ed history says whether a record was lost.
//! Never here: what Tidemill does; to this crate it is charts, manifests and a Kafka port.
//!
//! ```text
//!   host ──┐ tidemill0
//!   ┌──────┴──────── bridge, 10.250.0.0/24 ─────────────────┐
//!   │              │              │              │          │
//!   api            node-a         node-b         node-c       each in namespaces of its own
//!   etcd           zone a         zone b         zone c
//!   apiserver      containerd, kubelet, kube-proxy, pods
//!   controllers
//!   scheduler
//! ```
//!
//! What belongs to a run is found again after any crash: its processes by a mark in their
//! environment, its links, namespaces and cgroups by names that the run has claimed with the host's
//! cable. Nothing else of the machine is changed.

mod addons;
mod api_server;
mod cgroups;
mod clients;
mod cluster;
mod control_plane;
mod folders;
mod history;
mod image;
mod images;
mod kubectl;
mod network;
mod node;
mod packages;
mod paths;
mod pki;
mod process;
mod program;
mod progress;
mod records;
mod run;
mod tar;
mod tidemill;
mod toolchain;
mod wait;

pub use api_server::ApiServer;
pub use clients::{Clients, Group, Producer, client_image};
pub use cluster::{Cluster, NODES};
pub use history::{Seen, Verdict, check};
pub use image::{Archive, Image};
pub use images::{ProjectImages, build_project_images};
pub use paths::Paths;
pub use program::{run, run_with_input};
pub use progress::Steps;
pub use records::Records;
pub use tidemill::{OPERATOR_NAMESPACE, Tidemill, VERSION, of_project};
pub use wait::until;
