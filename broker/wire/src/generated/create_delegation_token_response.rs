// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `CreateDelegationTokenResponse`, versions 1 to 3.

use crate::codec::*;

/// `CreateDelegationTokenResponse`, versions 1 to 3.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateDelegationTokenResponse {
    /// The top-level error, or zero if there was no error.
    pub error_code: i16,
    /// The principal type of the token owner.
    pub principal_type: Str,
    /// The name of the token owner.
    pub principal_name: Str,
    /// The principal type of the requester of the token.
    pub token_requester_principal_type: Str,
    /// The principal type of the requester of the token.
    pub token_requester_principal_name: Str,
    /// When this token was generated.
    pub issue_timestamp_ms: i64,
    /// When this token expires.
    pub expiry_timestamp_ms: i64,
    /// The maximum lifetime of this token.
    pub max_timestamp_ms: i64,
    /// The token UUID.
    pub token_id: Str,
    /// HMAC of the delegation token.
    pub hmac: Bytes,
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for CreateDelegationTokenResponse {
    fn default() -> CreateDelegationTokenResponse {
        CreateDelegationTokenResponse {
            error_code: 0,
            principal_type: Str::new(),
            principal_name: Str::new(),
            token_requester_principal_type: Str::new(),
            token_requester_principal_name: Str::new(),
            issue_timestamp_ms: 0,
            expiry_timestamp_ms: 0,
            max_timestamp_ms: 0,
            token_id: Str::new(),
            hmac: Bytes::new(),
            throttle_time_ms: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl CreateDelegationTokenResponse {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<CreateDelegationTokenResponse> {
        let flexible = version >= 2;
        let mut it = CreateDelegationTokenResponse::default();
        it.error_code = reader.i16()?;
        it.principal_type = reader.string(flexible)?;
        it.principal_name = reader.string(flexible)?;
        if version >= 3 {
            it.token_requester_principal_type = reader.string(flexible)?;
        }
        if version >= 3 {
            it.token_requester_principal_name = reader.string(flexible)?;
        }
        it.issue_timestamp_ms = reader.i64()?;
        it.expiry_timestamp_ms = reader.i64()?;
        it.max_timestamp_ms = reader.i64()?;
        it.token_id = reader.string(flexible)?;
        it.hmac = reader.bytes(flexible)?;
        it.throttle_time_ms = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        if !(version >= 3) && !self.token_requester_principal_type.is_empty() {
            return Err(EncodeError::Field {
                name: "CreateDelegationTokenResponse",
                field: "token_requester_principal_type",
                version,
            });
        }
        if !(version >= 3) && !self.token_requester_principal_name.is_empty() {
            return Err(EncodeError::Field {
                name: "CreateDelegationTokenResponse",
                field: "token_requester_principal_name",
                version,
            });
        }
        writer.i16(self.error_code);
        writer.string(Some(&self.principal_type), flexible)?;
        writer.string(Some(&self.principal_name), flexible)?;
        if version >= 3 {
            writer.string(Some(&self.token_requester_principal_type), flexible)?;
        }
        if version >= 3 {
            writer.string(Some(&self.token_requester_principal_name), flexible)?;
        }
        writer.i64(self.issue_timestamp_ms);
        writer.i64(self.expiry_timestamp_ms);
        writer.i64(self.max_timestamp_ms);
        writer.string(Some(&self.token_id), flexible)?;
        writer.bytes(Some(&self.hmac), flexible)?;
        writer.i32(self.throttle_time_ms);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for CreateDelegationTokenResponse {
    const NAME: &'static str = "CreateDelegationTokenResponse";
    const API_KEY: Option<i16> = Some(38);
    const VERSIONS: Versions = Versions { from: 1, to: 3 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        CreateDelegationTokenResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
