//! What goes wrong between us and a server, and whether what was asked may have happened.

use executor_core::Json;
use executor_egress::{Error, Kind};
use rmcp::service::{ClientInitializeError, ServiceError};
use rmcp::transport::DynamicTransportError;
use rmcp::transport::streamable_http_client::{HttpStatusError, StreamableHttpError};
use serde_json::Value;

use super::transport::TOO_LARGE;

/// The most characters of a text of the server's.
const MAX_TEXT: usize = 500;
/// The most bytes of an answer that go into an error.
const MAX_DETAILS: usize = 64 * 1024;

/// A request without a result.
#[derive(Debug, Clone)]
pub(super) enum Trouble {
    /// The server says that it failed.
    Answered { code: i32, message: String, data: Option<Value> },
    /// The server says so with a status and no more.
    Status(u16),
    /// The server knows the session no more. Nothing happened.
    SessionLost,
    /// The answer is larger than is taken.
    TooLarge,
    /// The address may not be dialled.
    Blocked(String),
    /// The server has failed too often of late to be tried again so soon.
    Resting { detail: String, seconds: u64 },
    /// Local programs are not run here.
    Off,
    /// No answer, or none that can be understood.
    Broken { detail: String, may_have_left: bool },
}

impl Trouble {
    pub(super) fn of_egress(error: &Error) -> Self {
        match error.kind() {
            Kind::Blocked(blocked) => Self::Blocked(blocked.to_string()),
            Kind::TooLarge { .. } => Self::TooLarge,
            _ => Self::Broken { detail: error.to_string(), may_have_left: error.may_have_left() },
        }
    }

    /// What became of a request in a session.
    pub(super) fn of_request(error: ServiceError) -> Self {
        match error {
            ServiceError::McpError(error) if error.code.0 == TOO_LARGE => Self::TooLarge,
            ServiceError::McpError(error) => {
                Self::Answered { code: error.code.0, message: short(&error.message), data: error.data }
            }
            ServiceError::TransportSend(error) => Self::of_transport(&error),
            ServiceError::TransportClosed => broken("the server went away before it answered"),
            other => broken(&other.to_string()),
        }
    }

    /// Why no session came about. The request is the handshake: no call has left.
    pub(super) fn of_opening(error: &ClientInitializeError) -> Self {
        match error {
            ClientInitializeError::TransportError { error, .. } => Self::of_transport(error),
            ClientInitializeError::JsonRpcError(error) => Self::Answered {
                code: error.code.0,
                message: short(&error.message),
                data: error.data.clone(),
            },
            ClientInitializeError::LegacyFallbackFailed { fallback, .. } => Self::of_opening(fallback),
            ClientInitializeError::ConnectionClosed(_) => broken("it went away during the handshake"),
            ClientInitializeError::ExpectedInitResult(_) | ClientInitializeError::ExpectedInitResponse(_) => {
                broken("its answer to the handshake is none")
            }
            other => broken(&other.to_string()),
        }
    }

    /// Whether the server is not as it should be. One that refuses works, and may do otherwise the next time.
    pub(super) fn is_a_fault(&self) -> bool {
        match self {
            Self::Status(status) => *status >= 500,
            Self::Broken { .. } | Self::SessionLost | Self::TooLarge => true,
            Self::Answered { .. } | Self::Blocked(_) | Self::Resting { .. } | Self::Off => false,
        }
    }

    fn of_transport(error: &DynamicTransportError) -> Self {
        let error = error.error.as_ref();
        match error.downcast_ref::<StreamableHttpError<Error>>() {
            Some(StreamableHttpError::Client(error)) => Self::of_egress(error),
            Some(StreamableHttpError::HttpStatus(HttpStatusError { status, .. })) => Self::Status(*status),
            Some(StreamableHttpError::SessionExpired) => Self::SessionLost,
            Some(StreamableHttpError::UnexpectedServerResponse(what)) => broken(what),
            Some(StreamableHttpError::UnexpectedContentType(what)) => {
                let what = what.as_deref().filter(|what| !what.is_empty()).unwrap_or("no content type");
                broken(&format!("it does not speak MCP; it answered with {what}"))
            }
            _ => broken(&error.to_string()),
        }
    }
}

fn broken(detail: &str) -> Trouble {
    Trouble::Broken { detail: short(detail), may_have_left: true }
}

/// As much of a text as is kept.
pub(super) fn short(text: &str) -> String {
    text.trim().chars().take(MAX_TEXT).collect()
}

/// As much of a value of the server's as goes into an error: all of it, or the beginning of its text.
pub(super) fn bounded(value: &Value) -> Json {
    let json = Json::from(value);
    match json.as_str().len() <= MAX_DETAILS {
        true => json,
        false => {
            let text = json.as_str();
            Json::from(&Value::from(&text[..text.floor_char_boundary(MAX_DETAILS)]))
        }
    }
}
