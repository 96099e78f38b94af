//! A task's journal: a page at a time, or live.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use executor_core::journal::Entry;
use executor_core::{Failure, TaskId, Timestamp};
use executor_engine::{EventFilter, Page};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Entered, Id, Query, invalid};
use crate::problem::{Answer, Problem};
use crate::sse;
use crate::state::Shared;

/// The events of a page if not said, and at most.
const EVENTS: (u32, u32) = (200, 1_000);

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(events))
}

/// Which part of a journal.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct EventQuery {
    /// Only events with a greater number: the `nextCursor` of the page before, or the last `seq` seen.
    after: Option<u64>,
    /// At most this many on a page: 200 if not said, 1,000 at most.
    limit: Option<u32>,
}

/// An event of a task's journal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventView {
    /// Its number: 1, 2, 3, …
    seq: u64,
    /// When it was recorded.
    at: Timestamp,
    /// What happened: `task.created`, `call.issued`, `call.settled`, `console`, `task.ended`, …
    #[serde(rename = "type")]
    kind: &'static str,
    /// What belongs to it; the form is that of its type.
    data: executor_core::Json,
}

impl From<&Entry> for EventView {
    fn from(entry: &Entry) -> Self {
        let data = entry.event.body().unwrap_or_else(|_| executor_core::Json::null());
        Self { seq: entry.seq, at: entry.at, kind: entry.event.kind(), data }
    }
}

/// A task's journal. With `Accept: text/event-stream` it is followed live until the task's end: each event has its
/// number as id, its type as name, and `Last-Event-ID` goes on after it. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{workspace}/tasks/{id}/events", tag = "tasks", operation_id = "listEvents",
    params(
        ("workspace" = String, Path, description = "an id or a slug"), ("id" = TaskId, Path, description = "the task"),
        EventQuery,
    ),
    responses(
        (status = 200, content((Page<EventView> = "application/json"), (String = "text/event-stream"))),
        (status = "default", body = Problem),
    ),
)]
pub(crate) async fn events(
    State(state): State<Shared>,
    Entered(workspace): Entered,
    Id(task): Id<TaskId>,
    Query(query): Query<EventQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    if sse::is_wanted(&headers) {
        let after = last_event_id(&headers)?.or(query.after).unwrap_or(0);
        let entries = workspace.follow(task, after).await?;
        return Ok(sse::answer(entries.map(live), state.shutdown.clone()));
    }
    let limit = query.limit.unwrap_or(EVENTS.0).clamp(1, EVENTS.1);
    let filter = EventFilter { after: query.after.unwrap_or(0), limit: Some(limit) };
    let entries = workspace.events(task, filter).await?;
    let is_full = entries.len() >= limit as usize;
    let next_cursor = entries.last().filter(|_| is_full).map(|last| last.seq.to_string());
    Ok(Json(Page { items: entries.iter().map(EventView::from).collect(), next_cursor }).into_response())
}

fn live(entry: Result<Entry, Failure>) -> axum::response::sse::Event {
    match entry {
        Ok(entry) => {
            let view = EventView::from(&entry);
            sse::event(view.kind, &view).id(view.seq.to_string())
        }
        Err(failure) => sse::event("error", &Problem::from(failure)),
    }
}

fn last_event_id(headers: &HeaderMap) -> Answer<Option<u64>> {
    let Some(id) = headers.get("last-event-id") else { return Ok(None) };
    let number = id.to_str().ok().and_then(|id| id.trim().parse().ok());
    number.map(Some).ok_or_else(|| invalid("`Last-Event-ID` has to be the number of an event."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_stream_goes_on_after_the_last_event_seen() {
        let given = |id: &'static str| {
            last_event_id(
                &[("last-event-id".parse().unwrap(), HeaderValue::from_static(id))].into_iter().collect(),
            )
        };
        assert_eq!(given("7").unwrap(), Some(7));
        assert!(given("seven").is_err() && given("-1").is_err());
        assert_eq!(last_event_id(&HeaderMap::new()).unwrap(), None);
    }
}
