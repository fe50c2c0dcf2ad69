//! The folder of all replicas: its identity, its lock, deletion and the clean-shutdown marker.

use super::*;
use crate::dir::File;
use crate::dir::memory::MemoryDir;

fn identity() -> MetaProperties {
    MetaProperties {
        cluster_id: None,
        node_id: BrokerId::new(3),
        directory_id: DirectoryId::from_bytes([9; 16]),
        durability: Durability::Fsync,
    }
}

#[test]
fn a_directory_has_one_process_at_a_time() {
    let dir = MemoryDir::new();
    let first = DataDir::open(dir.clone()).unwrap();
    assert!(matches!(
        DataDir::open(dir.clone()),
        Err(Error::InUse { .. })
    ));
    drop(first);
    DataDir::open(dir).unwrap();
}

#[test]
fn an_identity_takes_a_cluster_id_once_and_survives_a_loss_of_power() {
    let dir = MemoryDir::new();
    let data = DataDir::open(dir.clone()).unwrap();
    assert_eq!(data.meta_properties().unwrap(), None);
    data.write_meta_properties(&identity()).unwrap();
    let with_cluster = MetaProperties {
        cluster_id: Some("c1".to_owned()),
        durability: Durability::PageCache,
        ..identity()
    };
    data.write_meta_properties(&with_cluster).unwrap();
    let data = DataDir::open(dir.crash_power(1)).unwrap();
    assert_eq!(data.meta_properties().unwrap(), Some(with_cluster.clone()));
    let other = MetaProperties {
        cluster_id: Some("c2".to_owned()),
        ..with_cluster.clone()
    };
    let safer = MetaProperties {
        durability: Durability::Fsync,
        ..with_cluster.clone()
    };
    for wrong in [identity(), other, safer] {
        let refused = data.write_meta_properties(&wrong);
        assert!(
            matches!(refused, Err(Error::WrongIdentity { .. })),
            "{wrong:?}"
        );
    }
}

#[test]
fn meta_properties_are_kafkas() {
    let text = "#\n#Wed Nov 25 2026\nversion=1\ncluster.id=abc=d\nnode.id=7\ndirectory.id=CQkJCQkJCQkJCQkJCQkJCQ\n";
    let found = MetaProperties::decode(text).unwrap();
    assert_eq!(found.cluster_id.as_deref(), Some("abc=d"));
    assert_eq!(found.node_id, BrokerId::new(7));
    assert_eq!(MetaProperties::decode(&found.encode()).unwrap(), found);
    for broken in [
        "",
        "version=0\nbroker.id=1\n",
        "version=1\nnode.id=-1\n",
        "version=1\nnode.id=1\n",
        "version=1\nnode.id=7\ndirectory.id=CQkJCQkJCQkJCQkJCQkJCQ\ndurability=none\n",
    ] {
        assert!(MetaProperties::decode(broken).is_err(), "{broken}");
    }
}

#[test]
fn the_marker_counts_for_one_start() {
    let dir = MemoryDir::new();
    let data = DataDir::open(dir.clone()).unwrap();
    assert_eq!(data.start().unwrap().clean_shutdown, None);
    data.write_clean_shutdown(BrokerEpoch::new(17)).unwrap();
    let dir = dir.crash_power(3);
    let data = DataDir::open(dir.clone()).unwrap();
    assert_eq!(
        data.start().unwrap().clean_shutdown,
        Some(BrokerEpoch::new(17))
    );
    let data = DataDir::open(dir.crash_power(4)).unwrap();
    assert_eq!(data.start().unwrap().clean_shutdown, None);
}

#[test]
fn a_damaged_marker_is_none() {
    for text in [
        "",
        "{}",
        "{\"version\":1,\"brokerEpoch\":3}",
        "{\"version\":0,\"brokerEpoch\":-1}",
        "{\"version\":0",
    ] {
        assert_eq!(decode_clean_shutdown(text), None, "{text}");
    }
    let spaced = "{ \"version\" : 0, \"brokerEpoch\" : 3 }\n";
    assert_eq!(decode_clean_shutdown(spaced), Some(BrokerEpoch::new(3)));
}

#[test]
fn partitions_are_listed_and_deleted_ones_are_not() {
    let dir = MemoryDir::new();
    let data = DataDir::open(dir.clone()).unwrap();
    for name in ["a-0", "a-1", "lost+found"] {
        dir.create_dir(Path::new(name)).unwrap();
    }
    let folder = Path::new("a-0");
    let file = partition_metadata::require(&dir, folder, Some(TopicId::METADATA)).unwrap();
    file.unwrap().sync_data().unwrap();
    let unique = DirectoryId::from_bytes([1; 16]);
    let deleted = mark_deleted(&dir, Path::new("a-1"), unique).unwrap();
    let deleted = deleted.to_str().unwrap().to_owned();
    assert_eq!(deleted, "a-1.AQEBAQEBAQEBAQEBAQEBAQ-delete");
    let found = data.start().unwrap();
    let partition = PartitionFolder {
        name: "a-0".to_owned(),
        topic: "a".to_owned(),
        partition: PartitionIndex::ZERO,
        topic_id: Some(TopicId::METADATA),
    };
    assert_eq!(found.partitions, [partition]);
    assert_eq!(found.deleted, std::slice::from_ref(&deleted));
    data.remove(&deleted).unwrap();
    data.remove(&deleted).unwrap();
    assert_eq!(data.start().unwrap().deleted, Vec::<String>::new());
}

#[test]
fn a_deleted_folder_of_the_longest_name_still_has_a_name() {
    let dir = MemoryDir::new();
    let data = DataDir::open(dir.clone()).unwrap();
    let name = format!("{}-0", "t".repeat(249));
    dir.create_dir(Path::new(&name)).unwrap();
    let unique = DirectoryId::from_bytes([1; 16]);
    let deleted = mark_deleted(&dir, Path::new(&name), unique).unwrap();
    let deleted = deleted.to_str().unwrap().to_owned();
    assert!(deleted.len() <= 255, "{}", deleted.len());
    assert_eq!(data.start().unwrap().deleted, [deleted]);
}
