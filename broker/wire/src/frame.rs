//! Requests and responses as they lie in a connection: a header, a body, and the length before them.
//!
//! In: a frame's bytes without the length. Out: header and body; and the other way round, with the
//! holes of a fetch response. Never here: sockets, or what is served.

use broker_types::ErrorCode;
use bytes::{Bytes, BytesMut};

use crate::codec::*;
use crate::messages::{ApiVersionsResponse, RequestHeader, ResponseHeader};
use crate::reader::{MEMORY_PER_BYTE_MAX, MEMORY_START};
use crate::writer::Hole;
use crate::{ApiKey, Request, Response};

/// Bytes of the length before a frame.
pub const LENGTH_BYTES: usize = 4;
/// Version of the only response header without tagged fields.
const RESPONSE_HEADER_V0: i16 = 0;

/// A request's header and where its body begins.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestFrame {
    /// The API that is asked.
    pub api_key: ApiKey,
    /// Version of the body; one that the descriptors know.
    pub api_version: i16,
    /// What the response must repeat.
    pub correlation_id: i32,
    /// The name that the client gives itself.
    pub client_id: Option<Str>,
    /// The bytes after the header.
    pub body: Bytes,
}

/// What a frame is.
#[derive(Clone, Debug, PartialEq)]
pub enum Parsed {
    /// A request whose body can be read.
    Request(RequestFrame),
    /// An `ApiVersions` request of a version that nobody knows: it is answered in version 0
    /// (KIP-511).
    UnknownApiVersions {
        /// What the response must repeat.
        correlation_id: i32,
    },
}

/// Why a frame cannot be answered: the connection is closed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("no API has the key {0}")]
    ApiKey(i16),
    #[error("{api} has no version {version}")]
    ApiVersion { api: &'static str, version: i16 },
    #[error("failed to read the header of a request")]
    Header(#[from] DecodeError),
}

/// Key and version, which every header begins with; `None` when there are not even these.
pub fn peek(frame: &[u8]) -> Option<(i16, i16)> {
    let (key, rest) = frame.split_first_chunk::<2>()?;
    let version = rest.first_chunk::<2>()?;
    Some((i16::from_be_bytes(*key), i16::from_be_bytes(*version)))
}

/// Reads a request's header.
///
/// # Errors
/// When there is no such API or version, or the header is not one.
pub fn parse_request(frame: Bytes) -> Result<Parsed, FrameError> {
    let mut reader = Reader::new(frame.clone());
    let (number, api_version) = (reader.i16()?, reader.i16()?);
    let api_key = ApiKey::from_wire(number).ok_or(FrameError::ApiKey(number))?;
    if !api_key.versions().contains(api_version) {
        if api_key == ApiKey::ApiVersions {
            return Ok(Parsed::UnknownApiVersions {
                correlation_id: reader.i32()?,
            });
        }
        return Err(FrameError::ApiVersion {
            api: api_key.name(),
            version: api_version,
        });
    }
    let mut reader = Reader::new(frame);
    let header_version = api_key.request_header_version(api_version);
    let header = RequestHeader::read_from(&mut reader, header_version)?;
    Ok(Parsed::Request(RequestFrame {
        api_key,
        api_version,
        correlation_id: header.correlation_id,
        client_id: header.client_id,
        body: reader.rest().clone(),
    }))
}

/// Memory that reading a produce request may take for each of its bytes: almost all of them are
/// records, which are not looked into.
const PRODUCE_MEMORY_PER_BYTE_MAX: usize = 4;
/// Most memory that reading any request may take beyond its own bytes.
const REQUEST_MEMORY_MAX: usize = 64 << 20;

/// Most memory that reading a request of this frame takes beyond the frame itself.
pub fn request_memory_max(frame: &[u8]) -> usize {
    let key = peek(frame).and_then(|(key, _)| ApiKey::from_wire(key));
    memory_max(key, frame.len())
}

fn memory_max(key: Option<ApiKey>, bytes: usize) -> usize {
    let per_byte = if key == Some(ApiKey::Produce) {
        PRODUCE_MEMORY_PER_BYTE_MAX
    } else {
        MEMORY_PER_BYTE_MAX
    };
    (bytes * per_byte + MEMORY_START).min(REQUEST_MEMORY_MAX)
}

impl RequestFrame {
    /// Reads the body. Returns the request and the memory that it takes beyond the frame, at most
    /// [`request_memory_max`].
    ///
    /// Bytes behind the request are left alone, as Kafka leaves them: librdkafka 2.12 sends three when it
    /// asks for the metadata of all topics.
    ///
    /// # Errors
    /// When it is not what the header says.
    pub fn decode(&self) -> Decoded<(Request, usize)> {
        let memory = memory_max(Some(self.api_key), self.body.len());
        let mut reader = Reader::within(self.body.clone(), memory);
        let request = Request::read_from(self.api_key, self.api_version, &mut reader)?;
        Ok((request, memory - reader.memory_left()))
    }
}

/// Header and body of a request, without the length.
///
/// # Errors
/// When the version cannot carry a value.
pub fn encode_request(
    request: &Request,
    version: i16,
    correlation_id: i32,
    client_id: &str,
) -> Result<Bytes, EncodeError> {
    let api_key = request.api_key();
    let header = RequestHeader {
        request_api_key: api_key.to_wire(),
        request_api_version: version,
        correlation_id,
        client_id: Some(client_id.into()),
        ..RequestHeader::default()
    };
    let mut writer = Writer::new();
    header.write_to(&mut writer, api_key.request_header_version(version))?;
    request.write_to(&mut writer, version)?;
    Ok(writer.into_bytes())
}

/// Length, header and body of a response, and the holes that file ranges will fill.
///
/// # Errors
/// When the version cannot carry a value.
pub fn encode_response(
    response: &Response,
    version: i16,
    correlation_id: i32,
) -> Result<(Bytes, Vec<Hole>), EncodeError> {
    let header_version = response.api_key().response_header_version(version);
    finish_response(header_version, correlation_id, |writer| {
        response.write_to(writer, version)
    })
}

/// The answer to an `ApiVersions` request of an unknown version, with its length.
///
/// # Errors
/// Never in practice: version 0 can carry every such answer.
pub fn encode_unknown_api_versions(
    served: &ApiVersionsResponse,
    correlation_id: i32,
) -> Result<Bytes, EncodeError> {
    let api_versions = ApiKey::ApiVersions.to_wire();
    let answer = ApiVersionsResponse {
        error_code: ErrorCode::UnsupportedVersion.to_wire(),
        api_keys: served
            .api_keys
            .iter()
            .filter(|it| it.api_key == api_versions)
            .cloned()
            .collect(),
        ..ApiVersionsResponse::default()
    };
    let write = |writer: &mut Writer| answer.write_to(writer, 0);
    finish_response(RESPONSE_HEADER_V0, correlation_id, write).map(|(bytes, _)| bytes)
}

fn finish_response(
    header_version: i16,
    correlation_id: i32,
    write_body: impl FnOnce(&mut Writer) -> Encoded,
) -> Result<(Bytes, Vec<Hole>), EncodeError> {
    let mut writer = Writer::new();
    writer.i32(0);
    let header = ResponseHeader {
        correlation_id,
        ..ResponseHeader::default()
    };
    header.write_to(&mut writer, header_version)?;
    write_body(&mut writer)?;
    let (mut bytes, holes) = writer.into_parts();
    let deferred: usize = holes.iter().map(|it| it.length as usize).sum();
    set_length(&mut bytes, deferred)?;
    Ok((bytes.freeze(), holes))
}

/// Fills in the length at the front: of what follows it, and of what fills the holes.
fn set_length(bytes: &mut BytesMut, deferred: usize) -> Encoded {
    let length = bytes.len() - LENGTH_BYTES + deferred;
    let wire = i32::try_from(length).map_err(|_| EncodeError::Length { length })?;
    bytes
        .iter_mut()
        .zip(wire.to_be_bytes())
        .for_each(|(place, byte)| *place = byte);
    Ok(())
}

/// Reads a response's header and body, without the length.
///
/// # Errors
/// When the bytes are not such a response, or answer another request.
pub fn decode_response(
    api_key: ApiKey,
    version: i16,
    correlation_id: i32,
    frame: Bytes,
) -> Decoded<Response> {
    let mut reader = Reader::new(frame);
    let header_version = api_key.response_header_version(version);
    let header = ResponseHeader::read_from(&mut reader, header_version)?;
    if header.correlation_id != correlation_id {
        let number = header.correlation_id.into();
        return Err(DecodeError::Unknown {
            kind: "request waiting for an answer",
            number,
        });
    }
    Response::decode(api_key, version, reader.rest().clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Records;
    use crate::messages::MetadataRequest;
    use crate::messages::fetch_response::{FetchResponse, FetchableTopicResponse, PartitionData};

    #[test]
    fn a_request_round_trips() {
        let request = Request::from(MetadataRequest::default());
        let frame = encode_request(&request, 12, 7, "test").unwrap();
        let Parsed::Request(parsed) = parse_request(frame.clone()).unwrap() else {
            panic!("no request")
        };
        assert_eq!((parsed.api_key, parsed.api_version), (ApiKey::Metadata, 12));
        assert_eq!(
            (parsed.correlation_id, parsed.client_id.as_deref()),
            (7, Some("test"))
        );
        let (decoded, memory) = parsed.decode().unwrap();
        assert_eq!(decoded, request);
        assert!(memory <= request_memory_max(&frame));
    }

    #[test]
    fn bytes_behind_a_request_are_left_alone() {
        // All topics, as librdkafka 2.12.1 asks for them in version 13.
        let sent = b"\0\x03\0\x0d\0\0\0\x03\0\x07rdkafka\0\0\0\0\0\0\0\0";
        let Parsed::Request(parsed) = parse_request(Bytes::from_static(sent)).unwrap() else {
            panic!("no request")
        };
        assert_eq!(parsed.api_version, 13);
        let (decoded, _) = parsed.decode().unwrap();
        assert_eq!(
            decoded,
            Request::from(MetadataRequest {
                topics: None,
                allow_auto_topic_creation: false,
                ..MetadataRequest::default()
            })
        );
    }

    #[test]
    fn unknown_apis_and_versions_are_told_apart() {
        let frame = |key: i16, version: i16| {
            let mut writer = Writer::new();
            writer.i16(key);
            writer.i16(version);
            writer.i32(9);
            writer.string(None, false).unwrap();
            writer.into_bytes()
        };
        assert_eq!(parse_request(frame(4, 0)), Err(FrameError::ApiKey(4)));
        assert!(matches!(
            parse_request(frame(3, 99)),
            Err(FrameError::ApiVersion { .. })
        ));
        let unknown = Parsed::UnknownApiVersions { correlation_id: 9 };
        assert_eq!(parse_request(frame(18, 99)), Ok(unknown));
        assert!(parse_request(Bytes::from_static(&[0])).is_err());
    }

    #[test]
    fn the_length_of_a_response_counts_its_holes() {
        let partition = PartitionData {
            records: Some(Records::Deferred {
                token: 1,
                length: 500,
            }),
            ..PartitionData::default()
        };
        let topic = FetchableTopicResponse {
            partitions: vec![partition],
            ..FetchableTopicResponse::default()
        };
        let response = FetchResponse {
            responses: vec![topic],
            ..FetchResponse::default()
        };
        let (bytes, holes) = encode_response(&response.into(), 4, 3).unwrap();
        let length = i32::from_be_bytes(*bytes.first_chunk().unwrap());
        assert_eq!(
            usize::try_from(length).unwrap(),
            bytes.len() - LENGTH_BYTES + 500
        );
        assert_eq!(holes.len(), 1);
    }

    #[test]
    fn a_response_answers_its_own_request_only() {
        let response = Response::from(ApiVersionsResponse::default());
        let (bytes, _) = encode_response(&response, 3, 5).unwrap();
        let frame = bytes.slice(LENGTH_BYTES..);
        assert!(decode_response(ApiKey::ApiVersions, 3, 6, frame.clone()).is_err());
        assert_eq!(
            decode_response(ApiKey::ApiVersions, 3, 5, frame),
            Ok(response)
        );
    }
}
