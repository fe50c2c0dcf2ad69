//! ApiVersions: what this listener serves, and the cluster's features.
//!
//! In: the client's name and version. Out: keys, versions and feature levels. Never here: what else
//! the client may do.

use broker_metadata::feature;
use broker_types::ErrorCode;
use broker_wire::messages::api_versions_response::{
    ApiVersion, FinalizedFeatureKey, SupportedFeatureKey,
};
use broker_wire::messages::{ApiVersionsRequest, ApiVersionsResponse};

use super::served;
use crate::connection::{Listener, RequestContext};
use crate::node::Node;
use crate::world::World;

/// First version in which clients say who they are (KIP-511).
const NAMED_FROM: i16 = 3;
/// First version in which a supported feature may begin at level 0 (KAFKA-17011).
const MIN_LEVEL_ZERO_FROM: i16 = 4;
/// `kraft.version` is a level of the quorum, not a record of the cluster.
const KRAFT_VERSION_LEVEL: i16 = 1;

pub(crate) fn handle<W: World>(
    node: &Node<W>,
    context: &RequestContext,
    request: &ApiVersionsRequest,
) -> ApiVersionsResponse {
    let names = [
        &request.client_software_name,
        &request.client_software_version,
    ];
    if context.api_version >= NAMED_FROM && !names.iter().all(|it| is_name(it)) {
        let error_code = ErrorCode::InvalidRequest.to_wire();
        return ApiVersionsResponse {
            error_code,
            ..ApiVersionsResponse::default()
        };
    }
    let mut response = response(node, &context.listener);
    if context.api_version < MIN_LEVEL_ZERO_FROM {
        response.supported_features.retain(|it| it.min_version > 0);
    }
    response
}

/// `[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?`
fn is_name(text: &str) -> bool {
    let is_edge = |it: Option<char>| it.is_some_and(|it| it.is_ascii_alphanumeric());
    let is_inside = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '.';
    is_edge(text.chars().next()) && is_edge(text.chars().last()) && text.chars().all(is_inside)
}

/// The whole answer for a listener.
pub(crate) fn response<W: World>(node: &Node<W>, listener: &Listener) -> ApiVersionsResponse {
    let api_keys = served::served(listener)
        .into_iter()
        .map(|it| ApiVersion {
            api_key: it.key.to_wire(),
            min_version: it.from,
            max_version: it.to,
            ..ApiVersion::default()
        })
        .collect();
    let image = node.image();
    let kraft = (feature::KRAFT_VERSION, 0, KRAFT_VERSION_LEVEL);
    let supported = feature::SUPPORTED
        .iter()
        .map(|(name, it)| (*name, it.min, it.max));
    let supported_features = supported
        .chain([kraft])
        .map(|(name, min_version, max_version)| SupportedFeatureKey {
            name: name.into(),
            min_version,
            max_version,
            ..SupportedFeatureKey::default()
        })
        .collect();
    let levels = image.features().map(|(name, level)| (name.clone(), level));
    let finalized_features = levels
        .chain([(feature::KRAFT_VERSION.into(), KRAFT_VERSION_LEVEL)])
        .map(|(name, level)| FinalizedFeatureKey {
            name,
            max_version_level: level,
            min_version_level: level,
            ..FinalizedFeatureKey::default()
        })
        .collect();
    ApiVersionsResponse {
        api_keys,
        supported_features,
        // Clients take a list for unknown until its epoch is there; the image's offset only grows.
        finalized_features_epoch: image.position().map_or(-1, |it| it.offset.to_wire()),
        finalized_features,
        ..ApiVersionsResponse::default()
    }
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_begin_and_end_with_a_letter_or_digit() {
        for name in ["a", "apache-kafka-java", "4.3.1", "0"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "-a", "a.", "a b", "ä", "a/b"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
