// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DescribeDelegationTokenResponse`, versions 1 to 3.

use crate::codec::*;

/// `DescribeDelegationTokenResponse`, versions 1 to 3.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeDelegationTokenResponse {
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The tokens.
    pub tokens: Vec<DescribedDelegationToken>,
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DescribeDelegationTokenResponse {
    fn default() -> DescribeDelegationTokenResponse {
        DescribeDelegationTokenResponse {
            error_code: 0,
            tokens: Vec::new(),
            throttle_time_ms: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DescribeDelegationTokenResponse {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<DescribeDelegationTokenResponse> {
        let flexible = version >= 2;
        let mut it = DescribeDelegationTokenResponse::default();
        it.error_code = reader.i16()?;
        it.tokens = reader.array(flexible, 30, |reader| {
            DescribedDelegationToken::read(reader, version)
        })?;
        it.throttle_time_ms = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.i16(self.error_code);
        writer.array(Some(&self.tokens), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.i32(self.throttle_time_ms);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DescribeDelegationTokenResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedDelegationToken {
    /// The token principal type.
    pub principal_type: Str,
    /// The token principal name.
    pub principal_name: Str,
    /// The principal type of the requester of the token.
    pub token_requester_principal_type: Str,
    /// The principal type of the requester of the token.
    pub token_requester_principal_name: Str,
    /// The token issue timestamp in milliseconds.
    pub issue_timestamp: i64,
    /// The token expiry timestamp in milliseconds.
    pub expiry_timestamp: i64,
    /// The token maximum timestamp length in milliseconds.
    pub max_timestamp: i64,
    /// The token ID.
    pub token_id: Str,
    /// The token HMAC.
    pub hmac: Bytes,
    /// Those who are able to renew this token before it expires.
    pub renewers: Vec<DescribedDelegationTokenRenewer>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DescribedDelegationToken {
    fn default() -> DescribedDelegationToken {
        DescribedDelegationToken {
            principal_type: Str::new(),
            principal_name: Str::new(),
            token_requester_principal_type: Str::new(),
            token_requester_principal_name: Str::new(),
            issue_timestamp: 0,
            expiry_timestamp: 0,
            max_timestamp: 0,
            token_id: Str::new(),
            hmac: Bytes::new(),
            renewers: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DescribedDelegationToken {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DescribedDelegationToken> {
        let flexible = version >= 2;
        let mut it = DescribedDelegationToken::default();
        it.principal_type = reader.string(flexible)?;
        it.principal_name = reader.string(flexible)?;
        if version >= 3 {
            it.token_requester_principal_type = reader.string(flexible)?;
        }
        if version >= 3 {
            it.token_requester_principal_name = reader.string(flexible)?;
        }
        it.issue_timestamp = reader.i64()?;
        it.expiry_timestamp = reader.i64()?;
        it.max_timestamp = reader.i64()?;
        it.token_id = reader.string(flexible)?;
        it.hmac = reader.bytes(flexible)?;
        it.renewers = reader.array(flexible, 3, |reader| {
            DescribedDelegationTokenRenewer::read(reader, version)
        })?;
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
                name: "DescribedDelegationToken",
                field: "token_requester_principal_type",
                version,
            });
        }
        if !(version >= 3) && !self.token_requester_principal_name.is_empty() {
            return Err(EncodeError::Field {
                name: "DescribedDelegationToken",
                field: "token_requester_principal_name",
                version,
            });
        }
        writer.string(Some(&self.principal_type), flexible)?;
        writer.string(Some(&self.principal_name), flexible)?;
        if version >= 3 {
            writer.string(Some(&self.token_requester_principal_type), flexible)?;
        }
        if version >= 3 {
            writer.string(Some(&self.token_requester_principal_name), flexible)?;
        }
        writer.i64(self.issue_timestamp);
        writer.i64(self.expiry_timestamp);
        writer.i64(self.max_timestamp);
        writer.string(Some(&self.token_id), flexible)?;
        writer.bytes(Some(&self.hmac), flexible)?;
        writer.array(Some(&self.renewers), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DescribeDelegationTokenResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedDelegationTokenRenewer {
    /// The renewer principal type.
    pub principal_type: Str,
    /// The renewer principal name.
    pub principal_name: Str,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DescribedDelegationTokenRenewer {
    fn default() -> DescribedDelegationTokenRenewer {
        DescribedDelegationTokenRenewer {
            principal_type: Str::new(),
            principal_name: Str::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DescribedDelegationTokenRenewer {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<DescribedDelegationTokenRenewer> {
        let flexible = version >= 2;
        let mut it = DescribedDelegationTokenRenewer::default();
        it.principal_type = reader.string(flexible)?;
        it.principal_name = reader.string(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.string(Some(&self.principal_type), flexible)?;
        writer.string(Some(&self.principal_name), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DescribeDelegationTokenResponse {
    const NAME: &'static str = "DescribeDelegationTokenResponse";
    const API_KEY: Option<i16> = Some(41);
    const VERSIONS: Versions = Versions { from: 1, to: 3 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DescribeDelegationTokenResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
