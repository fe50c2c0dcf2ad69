//! Feature levels are changed (KIP-584).
//!
//! In: `UpdateFeatures`. Out: `FeatureLevelRecord`s. Never here: what a level means.

use std::sync::Arc;

use broker_wire::messages::feature_level_record::FeatureLevelRecord;
use broker_wire::messages::update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest};
use broker_wire::messages::update_features_response::{
    UpdatableFeatureResult, UpdateFeaturesResponse,
};

use crate::broker::Broker;
use crate::controller::refusal::{Refusal, outcome};
use crate::controller::{Controller, Decision, named_twice};
use crate::feature;
use crate::image::Image;

/// `FeatureUpdateKey.UpgradeType`: the level may only grow.
const UPGRADE: i8 = 1;

impl Controller {
    /// The levels of a new cluster; nothing where levels are known already. The controller goes by them at
    /// once, as by all that it decides.
    pub fn begin_cluster(&mut self) -> Decision<()> {
        self.decide(false, |draft| {
            if draft.image().features().next().is_none() {
                for record in feature::bootstrap_records() {
                    draft.push(record);
                }
            }
        })
    }

    /// Changes levels, all of them or none.
    pub fn update_features(
        &mut self,
        request: &UpdateFeaturesRequest,
    ) -> Decision<UpdateFeaturesResponse> {
        let updates = &request.feature_updates;
        let twice = named_twice(updates.iter().map(|it| &it.feature));
        self.decide(request.validate_only, |draft| {
            let validated: Vec<Result<(), Refusal>> = updates
                .iter()
                .map(|it| validate(draft.image(), it, twice.contains(&it.feature)))
                .collect();
            let refusal = validated.iter().find_map(|it| it.as_ref().err());
            if refusal.is_none() {
                for update in updates {
                    let level = update.max_version_level;
                    if draft.image().feature_level(&update.feature) != level {
                        draft.push(FeatureLevelRecord {
                            name: update.feature.clone(),
                            feature_level: level,
                            ..FeatureLevelRecord::default()
                        });
                    }
                }
            }
            let results = updates.iter().zip(&validated).map(|(update, it)| {
                let (error_code, error_message) = outcome(it);
                UpdatableFeatureResult {
                    feature: update.feature.clone(),
                    error_code,
                    error_message,
                    ..UpdatableFeatureResult::default()
                }
            });
            let (error_code, error_message) = refusal.map_or((0, None), Refusal::to_wire);
            UpdateFeaturesResponse {
                error_code,
                error_message,
                results: results.collect(),
                ..UpdateFeaturesResponse::default()
            }
        })
    }
}

fn validate(image: &Image, update: &FeatureUpdateKey, is_twice: bool) -> Result<(), Refusal> {
    let level = update.max_version_level;
    let refuse = |reason: String| {
        Err(Refusal::InvalidFeatureLevel {
            feature: update.feature.clone(),
            level,
            reason,
        })
    };
    if is_twice {
        return Err(Refusal::DuplicateInRequest);
    }
    let supported = feature::SUPPORTED.iter().find(|it| update.feature == it.0);
    if !supported.is_some_and(|it| it.1.contains(level)) {
        return refuse("this controller does not support it".to_owned());
    }
    let lacks = |it: &&Arc<Broker>| {
        let versions = it.features.get(&update.feature);
        level > 0 && !versions.is_some_and(|it| it.contains(level))
    };
    if let Some(broker) = image.brokers().find(lacks) {
        return refuse(format!("broker {} does not support it", broker.id));
    }
    let is_lower = level < image.feature_level(&update.feature);
    if is_lower && update.feature == feature::TIDEMILL_VERSION {
        return refuse("brokers of before cannot read what the log holds".to_owned());
    }
    if is_lower && update.upgrade_type == UPGRADE && !update.allow_downgrade {
        return refuse("it is lower than now, and no downgrade was asked for".to_owned());
    }
    Ok(())
}
