//! Which certificates have to be issued. The keys themselves are made by whoever carries the plan out.
//!
//! In: the authority and the certificates as far as they can be seen, the time. Out: orders.
//! Never here: keys.
//!
//! The authority alone is never remade by itself: brokers that trust the old one would not talk to
//! those that trust the new one.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::cluster::{
    Authority, BrokerSet, CertificateOrder, CertificateView, Identity, Observed, Plan, Step,
    Validated, Waiting, manifests,
};
use crate::{Known, names};

/// An authority that is over sooner than this is told about.
const AUTHORITY_WARNING: jiff::SignedDuration = jiff::SignedDuration::from_hours(30 * 24);

pub(crate) fn plan(
    validated: &Validated,
    identity: &Identity,
    observed: &Observed,
    now: Timestamp,
    plan: &mut Plan,
) {
    let authority = match &observed.authority {
        Some(Known::Known(authority)) => {
            adopt(validated, authority, plan);
            if authority.not_after.duration_since(now) < AUTHORITY_WARNING {
                let not_after = authority.not_after.to_string();
                plan.report.wait(Waiting::AuthorityExpiring { not_after });
            }
            Some(authority.fingerprint.as_str())
        }
        Some(Known::Unknown(message)) => {
            let message = message.clone();
            return plan.report.wait(Waiting::AuthorityBroken { message });
        }
        None if observed.certificates.is_empty() => {
            let metadata = manifests::secret(validated, validated.names.authority());
            plan.steps.push(Step::MakeAuthority { metadata });
            None
        }
        None => return plan.report.wait(Waiting::AuthorityMissing),
    };
    for set in &validated.sets {
        // What is issued replaces the whole Secret, so all of it has to be known.
        let Some(pods) = wanted(validated, identity, set) else {
            continue;
        };
        let secret = validated.names.certificates(&set.name);
        let live = observed.certificates.get(&secret);
        let live = live.filter(|it| authority.is_some_and(|ca| it.trusted.contains(ca)));
        let is_good = |(pod, (node_id, hosts)): (&String, &(i32, Vec<String>))| {
            let certificate = live.and_then(|it| it.by_pod.get(pod));
            certificate.is_some_and(|it| {
                // Brokers talk to nobody who is of another cluster by its certificate.
                it.organisation.as_deref() == Some(&identity.cluster_id)
                    && it.common_name == Some(names::common_name(*node_id))
                    && is_good(it, hosts, authority, now)
            })
        };
        if !pods.iter().all(is_good) {
            let metadata = manifests::secret(validated, secret);
            let cluster_id = identity.cluster_id.clone();
            plan.steps.push(Step::IssueCertificates(CertificateOrder {
                metadata,
                cluster_id,
                pods,
            }));
        }
    }
}

/// A Cluster that was deleted and made again finds the Secret of the one before, and Kubernetes deletes
/// that with its owner.
fn adopt(validated: &Validated, authority: &Authority, plan: &mut Plan) {
    let mut owners = authority.owners.iter();
    let is_ours = owners.clone().any(|it| it.uid == validated.uid);
    let is_of_our_name =
        owners.all(|it| it.kind == "Cluster" && it.name == validated.names.cluster);
    if !is_ours && is_of_our_name {
        let metadata = manifests::secret(validated, validated.names.authority());
        plan.steps.push(Step::AdoptAuthority { metadata });
    }
}

/// Node id and host names of every pod of the set. `None` if a node id is not known.
fn wanted(
    validated: &Validated,
    identity: &Identity,
    set: &BrokerSet,
) -> Option<BTreeMap<String, (i32, Vec<String>)>> {
    let names = &validated.names;
    set.pods()
        .map(|(ordinal, pod)| {
            let hosts = vec![
                names.pod_host(&pod),
                names.client_host(&pod),
                names.headless_host(),
                names.bootstrap_host(),
            ];
            Some((pod, (identity.node_id(&set.name, ordinal)?, hosts)))
        })
        .collect()
}

/// Whether a certificate of the right subject may stay. It is renewed after two thirds of its life, so that a third is left
/// to notice a failure.
fn is_good(
    certificate: &CertificateView,
    hosts: &[String],
    authority: Option<&str>,
    now: Timestamp,
) -> bool {
    let life = certificate.not_after.duration_since(certificate.not_before);
    let used = now.duration_since(certificate.not_before);
    used < life * 2 / 3
        && certificate.issuer.as_deref() == authority
        && hosts.iter().all(|it| certificate.dns_names.contains(it))
}
