//! The API keys, and the requests and responses they stand for.
//!
//! In: a key, a version and bytes. Out: the message, and the other way round.
//! Never here: which keys a broker serves, and on which listener.

use crate::codec::*;
use crate::generated::*;

macro_rules! api_keys {
    ($($key:ident = $number:literal: $request:ident, $response:ident,
       broker $broker:literal, controller $controller:literal, unstable $unstable:literal;)*) => {
        /// A key of the protocol.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i16)]
        pub enum ApiKey {
            $($key = $number,)*
        }

        impl ApiKey {
            /// All keys, in the order of their numbers.
            pub const ALL: &[ApiKey] = &[$(ApiKey::$key,)*];

            /// The key of this number; `None` when Kafka 4.3 has no such API.
            pub fn from_wire(number: i16) -> Option<ApiKey> {
                match number {
                    $($number => Some(ApiKey::$key),)*
                    _ => None,
                }
            }

            /// Kafka's name for the key.
            pub fn name(self) -> &'static str {
                match self {
                    $(ApiKey::$key => stringify!($key),)*
                }
            }

            /// The versions that the descriptors know, unstable ones included.
            pub fn versions(self) -> Versions {
                match self {
                    $(ApiKey::$key => <$request as Message>::VERSIONS,)*
                }
            }

            /// Whether the newest version is not yet stable: never advertise it.
            pub fn is_latest_unstable(self) -> bool {
                match self {
                    $(ApiKey::$key => $unstable,)*
                }
            }

            /// Whether Kafka serves the key on a broker's listeners.
            pub fn is_on_broker(self) -> bool {
                match self {
                    $(ApiKey::$key => $broker,)*
                }
            }

            /// Whether Kafka serves the key on a controller's listener.
            pub fn is_on_controller(self) -> bool {
                match self {
                    $(ApiKey::$key => $controller,)*
                }
            }

            fn flexible_from(self) -> Option<i16> {
                match self {
                    $(ApiKey::$key => <$request as Message>::FLEXIBLE_FROM,)*
                }
            }

            fn response_flexible_from(self) -> Option<i16> {
                match self {
                    $(ApiKey::$key => <$response as Message>::FLEXIBLE_FROM,)*
                }
            }
        }

        /// A request of any key.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Request {
            $($key($request),)*
        }

        impl Request {
            /// The key that the request is sent under.
            pub fn api_key(&self) -> ApiKey {
                match self {
                    $(Request::$key(_) => ApiKey::$key,)*
                }
            }

            /// Reads the request that takes all of `bytes`.
            ///
            /// # Errors
            /// When the bytes are not such a request.
            pub fn decode(key: ApiKey, version: i16, bytes: Bytes) -> Decoded<Request> {
                let mut reader = Reader::new(bytes);
                let request = Request::read_from(key, version, &mut reader)?;
                reader.finish(key.name())?;
                Ok(request)
            }

            /// Reads a request off the front of `reader`.
            ///
            /// # Errors
            /// When the bytes are not such a request, or take more memory than the reader may.
            pub fn read_from(key: ApiKey, version: i16, reader: &mut Reader) -> Decoded<Request> {
                Ok(match key {
                    $(ApiKey::$key => Request::$key(<$request as Message>::read_from(reader, version)?),)*
                })
            }

            /// Appends the request to what `writer` holds.
            ///
            /// # Errors
            /// When the version cannot carry a value.
            pub fn write_to(&self, writer: &mut Writer, version: i16) -> Encoded {
                match self {
                    $(Request::$key(it) => it.write_to(writer, version),)*
                }
            }
        }

        /// A response of any key.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Response {
            $($key($response),)*
        }

        impl Response {
            /// The key of the request that this answers.
            pub fn api_key(&self) -> ApiKey {
                match self {
                    $(Response::$key(_) => ApiKey::$key,)*
                }
            }

            /// Reads the response that takes all of `bytes`.
            ///
            /// # Errors
            /// When the bytes are not such a response.
            pub fn decode(key: ApiKey, version: i16, bytes: Bytes) -> Decoded<Response> {
                Ok(match key {
                    $(ApiKey::$key => Response::$key(<$response as Message>::decode(bytes, version)?),)*
                })
            }

            /// Appends the response to what `writer` holds.
            ///
            /// # Errors
            /// When the version cannot carry a value.
            pub fn write_to(&self, writer: &mut Writer, version: i16) -> Encoded {
                match self {
                    $(Response::$key(it) => it.write_to(writer, version),)*
                }
            }
        }

        $(
            impl From<$request> for Request {
                fn from(request: $request) -> Request {
                    Request::$key(request)
                }
            }

            impl From<$response> for Response {
                fn from(response: $response) -> Response {
                    Response::$key(response)
                }
            }

            impl TryFrom<Response> for $response {
                type Error = ApiKey;

                /// Fails with the key of the other response that it is.
                #[allow(clippy::wildcard_enum_match_arm, reason = "every other key is the error")]
                fn try_from(response: Response) -> Result<$response, ApiKey> {
                    match response {
                        Response::$key(it) => Ok(it),
                        other => Err(other.api_key()),
                    }
                }
            }
        )*
    };
}

include!("generated/api_keys.rs");

impl ApiKey {
    /// The key's number.
    pub const fn to_wire(self) -> i16 {
        self as i16
    }

    /// Version of the request header that a request of `version` has.
    pub fn request_header_version(self, version: i16) -> i16 {
        if self.flexible_from().is_some_and(|it| version >= it) {
            2
        } else {
            1
        }
    }

    /// Version of the response header. That of `ApiVersions` is always 0, so that a client can read
    /// the answer to a version that the broker does not know (KIP-511).
    pub fn response_header_version(self, version: i16) -> i16 {
        let is_flexible = self
            .response_flexible_from()
            .is_some_and(|it| version >= it);
        i16::from(is_flexible && self != ApiKey::ApiVersions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_versions_follow_the_flexible_versions() {
        assert_eq!(ApiKey::Produce.request_header_version(8), 1);
        assert_eq!(ApiKey::Produce.request_header_version(9), 2);
        assert_eq!(ApiKey::Produce.response_header_version(9), 1);
        assert_eq!(ApiKey::ApiVersions.request_header_version(3), 2);
        assert_eq!(ApiKey::ApiVersions.response_header_version(4), 0);
        assert_eq!(ApiKey::SaslHandshake.request_header_version(1), 1);
    }

    #[test]
    fn keys_and_versions_are_kafka_4_3s() {
        let versions = |it: ApiKey| (it.versions().from, it.versions().to);
        assert_eq!(ApiKey::ALL.len(), 89);
        assert_eq!(versions(ApiKey::Produce), (3, 13));
        assert_eq!(versions(ApiKey::Fetch), (4, 18));
        assert_eq!(versions(ApiKey::ListOffsets), (1, 11));
        assert_eq!(versions(ApiKey::OffsetFetch), (1, 10));
        assert!(ApiKey::InitProducerId.is_latest_unstable());
        assert!(!ApiKey::Vote.is_on_broker() && ApiKey::Vote.is_on_controller());
    }
}
