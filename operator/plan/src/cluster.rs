//! One `Cluster`: from what was read to what is done next, and what is told.
//!
//! In: the object, [`Observed`], the time, a fresh cluster id. Out: [`Plan`] and `ClusterStatus`.
//! Never here: talking to anybody.

mod approved;
mod budgets;
mod certificates;
mod check;
mod deletion;
mod garbage;
mod identity;
mod manifests;
mod observed;
mod plan;
mod report;
mod rollout;
mod same;
mod status;
mod step;
mod validate;

pub use approved::{Approved, Record};
pub use check::{Fault, check};
pub use identity::{Identity, Voter};
pub use manifests::Manifest;
pub(crate) use manifests::hash;
pub use observed::{
    Authority, BrokerView, CertificateView, Certificates, ClusterImage, Formatting, Observed,
    QuorumView,
};
pub use plan::{Plan, plan};
pub use report::{Refused, Report, Waiting};
pub use status::{status, unread};
pub use step::{CertificateOrder, Consent, Restart, Step, is_skipped};
pub use validate::{BrokerSet, Inputs, Validated, validate};

#[cfg(test)]
mod tests;
