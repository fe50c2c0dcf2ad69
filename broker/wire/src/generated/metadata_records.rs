// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
// The rows of the macro `metadata_records`.

metadata_records! {
    RegisterBroker = 0: RegisterBrokerRecord;
    UnregisterBroker = 1: UnregisterBrokerRecord;
    Topic = 2: TopicRecord;
    Partition = 3: PartitionRecord;
    Config = 4: ConfigRecord;
    PartitionChange = 5: PartitionChangeRecord;
    FenceBroker = 7: FenceBrokerRecord;
    UnfenceBroker = 8: UnfenceBrokerRecord;
    RemoveTopic = 9: RemoveTopicRecord;
    DelegationToken = 10: DelegationTokenRecord;
    UserScramCredential = 11: UserScramCredentialRecord;
    FeatureLevel = 12: FeatureLevelRecord;
    ClientQuota = 14: ClientQuotaRecord;
    ProducerIds = 15: ProducerIdsRecord;
    BrokerRegistrationChange = 17: BrokerRegistrationChangeRecord;
    AccessControlEntry = 18: AccessControlEntryRecord;
    RemoveAccessControlEntry = 19: RemoveAccessControlEntryRecord;
    NoOp = 20: NoOpRecord;
    ZkMigrationState = 21: ZkMigrationStateRecord;
    RemoveUserScramCredential = 22: RemoveUserScramCredentialRecord;
    BeginTransaction = 23: BeginTransactionRecord;
    EndTransaction = 24: EndTransactionRecord;
    AbortTransaction = 25: AbortTransactionRecord;
    RemoveDelegationToken = 26: RemoveDelegationTokenRecord;
    RegisterController = 27: RegisterControllerRecord;
    ClearElr = 28: ClearElrRecord;
    StopGrant = 10000: StopGrantRecord;
    Reassignment = 10001: ReassignmentRecord;
}
