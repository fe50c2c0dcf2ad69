//! The ServiceAccount of the brokers. No Role names it: brokers never talk to the API server.

use k8s_openapi::api::core::v1::ServiceAccount;

use crate::cluster::Validated;
use crate::cluster::manifests::{child, sealed};

pub(crate) fn service_account(validated: &Validated) -> ServiceAccount {
    sealed(ServiceAccount {
        metadata: child(validated, validated.names.service_account()),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    })
}
