//! A real Kubernetes on one machine, and the tests that run on it.
//!
//! In: a Linux machine with root, Go and what Debian packages. Out: a [`Cluster`] of three nodes in
//! three zones, or an [`ApiServer`] alone, which tests and the demo drive with kubectl and helm.
//! Never here: what Tidemill does; this crate knows only Kubernetes.
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
mod cluster;
mod control_plane;
mod folders;
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
mod run;
mod tar;
mod toolchain;
mod wait;

pub use api_server::ApiServer;
pub use cluster::{Cluster, NODES};
pub use image::{Archive, Image};
pub use images::{ProjectImages, build_project_images, busybox_image};
pub use paths::Paths;
pub use program::{run, run_with_input};
pub use progress::Steps;
pub use wait::until;
