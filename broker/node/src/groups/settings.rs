//! What the coordinators of this broker are told: its configs, as the image has them.
//!
//! In: the image. Out: a [`Config`]. Never here: bounds that nobody can set.

use std::time::Duration;

use broker_coordinator::Config;
use broker_metadata::Image;
use broker_types::BrokerId;

use crate::configs;

/// The settings that hold on a broker.
pub(super) fn config(image: &Image, broker: BrokerId) -> Config {
    let number = |name: &str| configs::number::<u64>(image, broker, name);
    let millis = |name: &str| number(name).map(Duration::from_millis);
    let count = |name: &str| number(name).map(|it| usize::try_from(it).unwrap_or(usize::MAX));
    let mut config = Config::default();
    let durations = [
        (
            &mut config.group_min_session_timeout,
            millis("group.min.session.timeout.ms"),
        ),
        (
            &mut config.group_max_session_timeout,
            millis("group.max.session.timeout.ms"),
        ),
        (
            &mut config.group_initial_rebalance_delay,
            millis("group.initial.rebalance.delay.ms"),
        ),
        (
            &mut config.offsets_retention,
            number("offsets.retention.minutes").map(|it| Duration::from_secs(it * 60)),
        ),
        (
            &mut config.offsets_retention_check_interval,
            millis("offsets.retention.check.interval.ms"),
        ),
        (
            &mut config.offsets_commit_timeout,
            millis("offsets.commit.timeout.ms"),
        ),
    ];
    let counts = [
        (&mut config.group_max_size, count("group.max.size")),
        (
            &mut config.offset_metadata_bytes_max,
            count("offset.metadata.max.bytes"),
        ),
    ];
    for (setting, value) in durations {
        *setting = value.unwrap_or(*setting);
    }
    for (setting, value) in counts {
        *setting = value.unwrap_or(*setting);
    }
    config
}

#[cfg(test)]
mod tests {
    use broker_wire::messages::config_record::ConfigRecord;

    use super::*;

    #[test]
    fn each_setting_is_the_brokers_or_the_clusters_or_kafkas() {
        let mut image = Image::new("a-cluster".into());
        let broker = BrokerId::new(1);
        // Where nothing is set, the two tables of defaults agree.
        let mut expected = Config {
            group_max_size: 2_147_483_647,
            ..Config::default()
        };
        assert_eq!(config(&image, broker), expected);
        let mut set = |resource: &'static str, name: &'static str, value: &'static str| {
            let record = ConfigRecord {
                resource_type: 4,
                resource_name: resource.into(),
                name: name.into(),
                value: Some(value.into()),
                ..ConfigRecord::default()
            };
            image.apply(&record.into()).unwrap();
        };
        set("", "group.min.session.timeout.ms", "1");
        set("", "group.max.session.timeout.ms", "2");
        set("", "group.initial.rebalance.delay.ms", "3");
        set("", "group.max.size", "4");
        set("", "offset.metadata.max.bytes", "5");
        set("", "offsets.retention.minutes", "6");
        set("", "offsets.retention.check.interval.ms", "7");
        set("", "offsets.commit.timeout.ms", "8");
        set("1", "group.max.size", "9");
        expected.group_min_session_timeout = Duration::from_millis(1);
        expected.group_max_session_timeout = Duration::from_millis(2);
        expected.group_initial_rebalance_delay = Duration::from_millis(3);
        expected.group_max_size = 9;
        expected.offset_metadata_bytes_max = 5;
        expected.offsets_retention = Duration::from_secs(360);
        expected.offsets_retention_check_interval = Duration::from_millis(7);
        expected.offsets_commit_timeout = Duration::from_millis(8);
        assert_eq!(config(&image, broker), expected);
        expected.group_max_size = 4;
        assert_eq!(config(&image, BrokerId::new(2)), expected);
    }
}
