//! Where replicas go: rack-aware assignment of partitions to brokers.
