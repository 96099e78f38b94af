//! How a conversation begins: with each generation in its own way, and the newest first.

use std::sync::Arc;

use executor_core::Digest;
use executor_egress::process::{Ended, Invocation, Launcher};
use executor_egress::{Client, Injection};
use rmcp::RoleClient;
use rmcp::model::ProtocolVersion;
use rmcp::service::{ClientLifecycleMode, RunningService, serve_client_with_lifecycle};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{IntoTransport, StreamableHttpClientTransport, common};
use tokio::sync::watch;
use url::Url;

use super::endpoint::Command;
use super::listener::Listener;
use super::pool::Key;
use super::session::Session;
use super::transport::Line;
use super::transport::event_stream::EventStream;
use super::transport::program::Pipes;
use super::trouble::Trouble;

/// How often a stream that broke off is resumed.
const MAX_RESUMPTIONS: usize = 3;

/// How the conversation begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Generation {
    /// Not known yet: the newest is tried first.
    Any,
    /// With a handshake, up to 2025-11-25.
    Handshake,
    /// Over HTTP with server-sent events, as of 2024-11-05.
    EventStream,
}

/// Starts a program and opens a session with it. Each connection has a folder of its own.
pub(super) async fn with_program(
    launcher: &Launcher,
    command: &Command,
    (address, kept_for): &Key,
    listener: &Listener,
    injection: Option<Injection>,
    known: Generation,
) -> Result<Session, Trouble> {
    let broken = |ended: &Ended| Trouble::Broken { detail: ended.to_string(), may_have_left: false };
    let owner = kept_for.map(|kept_for| kept_for.to_string()).unwrap_or_default();
    let folder = Digest::of(format!("{owner} {address}").as_bytes()).to_string();
    let mut refusal = None;
    for generation in [Generation::Any, Generation::Handshake] {
        if generation < known {
            continue;
        }
        let program = launcher.start(Invocation {
            folder: &folder,
            program: &command.program,
            arguments: &command.arguments,
            variables: &command.variables,
            injection: injection.as_ref(),
        });
        let end = Arc::new(watch::Sender::new(None));
        let pipes = Pipes::new(program.map_err(|ended| broken(&ended))?, Arc::clone(&end));
        match serve(listener, pipes, generation).await {
            Ok(service) => {
                let credential = watch::Sender::new(injection);
                return Ok(Session::new(service, credential, generation, Some(end)));
            }
            Err(trouble) => {
                let trouble = end.borrow().as_ref().map_or(trouble, broken);
                // A program that ends at a question that it does not know may do better without it.
                refusal.get_or_insert(trouble);
            }
        }
    }
    Err(refusal.unwrap_or(Trouble::Off))
}

/// Opens a session over HTTP. A server that does not know the newest generation is asked in the way of the earlier
/// ones.
pub(super) async fn over_http(
    client: &Client,
    url: &Url,
    listener: &Listener,
    injection: Option<Injection>,
    known: Generation,
) -> Result<Session, Trouble> {
    let (credential, current) = watch::channel(injection);
    let line = Line::new(client.clone(), url.clone(), current, Arc::clone(listener.inboxes()));
    let mut refusal = None;
    for generation in [Generation::Any, Generation::Handshake, Generation::EventStream] {
        if generation < known {
            continue;
        }
        let served = match generation {
            Generation::EventStream => match EventStream::open(&line).await {
                Ok(transport) => serve(listener, transport, generation).await,
                Err(trouble) => Err(trouble),
            },
            _ => {
                let transport = StreamableHttpClientTransport::with_client(line.clone(), settings(url));
                serve(listener, transport, generation).await
            }
        };
        match served {
            Ok(service) => return Ok(Session::new(service, credential, generation, None)),
            Err(trouble) => {
                let goes_on = may_be_earlier(&trouble);
                // What the first way came to says most; the others are not meant for this server, mostly.
                let first = refusal.get_or_insert(trouble);
                if !goes_on {
                    return Err(first.clone());
                }
            }
        }
    }
    Err(refusal.unwrap_or(Trouble::Status(405)))
}

fn settings(url: &Url) -> StreamableHttpClientTransportConfig {
    let mut settings = StreamableHttpClientTransportConfig::with_uri(url.as_str());
    settings.allow_stateless = true;
    // A lost session is opened anew by the pool, so that all who share it do so once and with a pause between.
    settings.reinit_on_expired_session = false;
    settings.max_concurrent_requests = 64;
    let mut pause = common::client_side_sse::ExponentialBackoff::default();
    pause.max_times = Some(MAX_RESUMPTIONS);
    settings.retry_config = Arc::new(pause);
    settings
}

async fn serve<T, E, A>(
    listener: &Listener,
    transport: T,
    generation: Generation,
) -> Result<RunningService<RoleClient, Listener>, Trouble>
where
    T: IntoTransport<RoleClient, E, A>,
    E: std::error::Error + Send + Sync + 'static,
{
    let lifecycle = match generation {
        Generation::Any => ClientLifecycleMode::Auto {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
            legacy_version: Some(ProtocolVersion::LATEST_WITH_INITIALIZE),
        },
        Generation::Handshake | Generation::EventStream => ClientLifecycleMode::Initialize,
    };
    let served = serve_client_with_lifecycle(listener.clone(), transport, lifecycle).await;
    served.map_err(|error| Trouble::of_opening(&error))
}

/// Whether what a server answered may mean that it is of an earlier generation.
fn may_be_earlier(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::Status(status) => !matches!(status, 401 | 403 | 429),
        Trouble::Broken { may_have_left, .. } => *may_have_left,
        _ => false,
    }
}
