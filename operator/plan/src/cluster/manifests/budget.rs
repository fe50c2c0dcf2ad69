//! The PodDisruptionBudgets: one per zone, of which at most one is open.
//!
//! In: the validated cluster and the zone that is open. Out: the budgets. Never here: which zone.
//!
//! A budget per zone alone would let each zone lose a broker at the same time. With one zone open,
//! whoever empties nodes waits for the operator to open theirs.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::cluster::Validated;
use crate::cluster::manifests::{child, sealed};
use crate::names;

pub(crate) fn budgets(validated: &Validated, open: Option<&str>) -> Vec<PodDisruptionBudget> {
    let zones: BTreeSet<&str> = validated.sets.iter().map(|it| it.zone_label()).collect();
    zones
        .into_iter()
        .map(|zone| {
            let mut selector = validated.names.selector();
            selector.extend(BTreeMap::from([(
                names::ZONE_LABEL.to_owned(),
                zone.to_owned(),
            )]));
            sealed(PodDisruptionBudget {
                metadata: child(validated, validated.names.budget(zone)),
                spec: Some(PodDisruptionBudgetSpec {
                    max_unavailable: Some(IntOrString::Int(i32::from(open == Some(zone)))),
                    selector: Some(LabelSelector {
                        match_labels: Some(selector),
                        ..LabelSelector::default()
                    }),
                    ..PodDisruptionBudgetSpec::default()
                }),
                status: None,
            })
        })
        .collect()
}
