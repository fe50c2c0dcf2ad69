// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `AlterUserScramCredentialsResponse`, version 0.

use crate::codec::*;

/// `AlterUserScramCredentialsResponse`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterUserScramCredentialsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The results for deletions and alterations, one per affected user.
    pub results: Vec<AlterUserScramCredentialsResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AlterUserScramCredentialsResponse {
    fn default() -> AlterUserScramCredentialsResponse {
        AlterUserScramCredentialsResponse {
            throttle_time_ms: 0,
            results: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AlterUserScramCredentialsResponse {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<AlterUserScramCredentialsResponse> {
        let flexible = true;
        let mut it = AlterUserScramCredentialsResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.results = reader.array(flexible, 5, |reader| {
            AlterUserScramCredentialsResult::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.throttle_time_ms);
        writer.array(Some(&self.results), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AlterUserScramCredentialsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct AlterUserScramCredentialsResult {
    /// The user name.
    pub user: Str,
    /// The error code.
    pub error_code: i16,
    /// The error message, if any.
    pub error_message: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AlterUserScramCredentialsResult {
    fn default() -> AlterUserScramCredentialsResult {
        AlterUserScramCredentialsResult {
            user: Str::new(),
            error_code: 0,
            error_message: Some(Str::new()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AlterUserScramCredentialsResult {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<AlterUserScramCredentialsResult> {
        let flexible = true;
        let mut it = AlterUserScramCredentialsResult::default();
        it.user = reader.string(flexible)?;
        it.error_code = reader.i16()?;
        it.error_message = reader.nullable_string(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.user), flexible)?;
        writer.i16(self.error_code);
        writer.string(self.error_message.as_deref(), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for AlterUserScramCredentialsResponse {
    const NAME: &'static str = "AlterUserScramCredentialsResponse";
    const API_KEY: Option<i16> = Some(51);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        AlterUserScramCredentialsResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
