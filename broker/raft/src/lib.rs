//! The metadata quorum: elections, pull replication, voters, snapshots.
