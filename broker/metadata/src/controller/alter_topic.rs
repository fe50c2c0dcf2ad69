//! One topic is altered as a whole: partitions and configs, or nothing of it.
//!
//! In: a topic by name and id, what it should have. Out: the records of both changes as one batch.
//! Never here: the rules of either (`partitions`, `configs`).

use std::collections::BTreeMap;

use broker_types::{ErrorCode, TopicId};
use broker_wire::Str;
use broker_wire::messages::create_partitions_request::{
    CreatePartitionsRequest, CreatePartitionsTopic,
};
use broker_wire::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};

use crate::controller::configs::ConfigRules;
use crate::controller::refusal::Refusal;
use crate::controller::{Controller, Decision};

/// `AlterConfigsResource.ResourceType` of a topic.
const TOPIC: i8 = 2;
/// `AlterableConfig.ConfigOperation`.
const SET: i8 = 0;
const DELETE: i8 = 1;

/// What a topic should have. What is not named stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicAlteration {
    pub name: Str,
    /// A topic that was made again under the same name is another one.
    pub topic_id: TopicId,
    /// At least as many as there are.
    pub partitions: Option<i32>,
    pub set: BTreeMap<Str, Str>,
    /// Configs that go back to the cluster's value or the default.
    pub reset: Vec<Str>,
}

/// Code and message, as Kafka's protocol has them.
pub type Altered = Result<(), (ErrorCode, Option<Str>)>;

impl Controller {
    /// Alters a topic, or nothing of it.
    pub fn alter_topic(
        &mut self,
        asked: &TopicAlteration,
        rules: &dyn ConfigRules,
    ) -> Decision<Altered> {
        let records = Vec::new();
        if let Err(response) = self.try_alter(asked, rules, true).response {
            let response = Err(response);
            return Decision { records, response };
        }
        self.try_alter(asked, rules, false)
    }

    /// With `validate_only` nothing stays of it. Without, both changes are known to be allowed.
    fn try_alter(
        &mut self,
        asked: &TopicAlteration,
        rules: &dyn ConfigRules,
        validate_only: bool,
    ) -> Decision<Altered> {
        let mut decision = Decision {
            records: Vec::new(),
            response: Ok(()),
        };
        let topic = self.image.topic(&asked.name);
        let Some(topic) = topic.filter(|it| it.id == asked.topic_id) else {
            let refusal = Refusal::UnknownTopicId;
            decision.response = Err((refusal.error_code(), Some(refusal.to_string().into())));
            return decision;
        };
        let present = i32::try_from(topic.partition_count()).unwrap_or(i32::MAX);
        if let Some(wanted) = asked.partitions.filter(|it| *it != present) {
            let more = self.create_partitions(&more_partitions(asked, wanted, validate_only));
            decision.records.extend(more.records);
            for result in more.response.results {
                refuse(
                    &mut decision.response,
                    result.error_code,
                    result.error_message,
                );
            }
        }
        if !(asked.set.is_empty() && asked.reset.is_empty()) {
            let request = other_configs(asked, validate_only);
            let altered = self.incremental_alter_configs(&request, rules);
            decision.records.extend(altered.records);
            for result in altered.response.responses {
                refuse(
                    &mut decision.response,
                    result.error_code,
                    result.error_message,
                );
            }
        }
        assert!(
            validate_only || decision.response.is_ok(),
            "what was allowed is done"
        );
        decision
    }
}

/// Keeps the first refusal.
fn refuse(response: &mut Altered, code: i16, message: Option<Str>) {
    let code = ErrorCode::from_wire(code).unwrap_or(ErrorCode::UnknownServerError);
    if response.is_ok() && !code.is_none() {
        *response = Err((code, message));
    }
}

fn more_partitions(
    asked: &TopicAlteration,
    count: i32,
    validate_only: bool,
) -> CreatePartitionsRequest {
    CreatePartitionsRequest {
        topics: vec![CreatePartitionsTopic {
            name: asked.name.clone(),
            count,
            assignments: None,
            ..CreatePartitionsTopic::default()
        }],
        validate_only,
        ..CreatePartitionsRequest::default()
    }
}

fn other_configs(asked: &TopicAlteration, validate_only: bool) -> IncrementalAlterConfigsRequest {
    let set = asked.set.iter().map(|(name, value)| AlterableConfig {
        name: name.clone(),
        config_operation: SET,
        value: Some(value.clone()),
        ..AlterableConfig::default()
    });
    let reset = asked.reset.iter().map(|name| AlterableConfig {
        name: name.clone(),
        config_operation: DELETE,
        ..AlterableConfig::default()
    });
    IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: TOPIC,
            resource_name: asked.name.clone(),
            configs: set.chain(reset).collect(),
            ..AlterConfigsResource::default()
        }],
        validate_only,
        ..IncrementalAlterConfigsRequest::default()
    }
}
