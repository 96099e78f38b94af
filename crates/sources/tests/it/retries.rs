//! Requests that are sent again, and those that never are.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use executor_core::tool::SideEffect;
use executor_core::{ErrorCode, ToolError};
use executor_sources::{Files, Performed, Sending};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::{openapi, path, plan_at, tool};

/// Sends one request to a server that answers with these, one a connection, and closes without a word after the last.
/// Gives what came of it, how many requests there were, and whether all were the same.
async fn send(
    answers: &[&str],
    side_effect: SideEffect,
    timeout_ms: u64,
) -> (Performed, Vec<String>, Duration) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let mut answers: VecDeque<String> = answers.iter().map(|answer| (*answer).to_owned()).collect();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen_there = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = vec![0; 8192];
            let length = socket.read(&mut request).await.unwrap_or_default();
            seen_there.lock().unwrap().push(String::from_utf8_lossy(&request[..length]).into_owned());
            let head = answers.pop_front().unwrap_or_default();
            if !head.is_empty() {
                let answer = format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{{}}");
                let _ = socket.write_all(answer.as_bytes()).await;
            }
        }
    });
    let body = json!({"content": {"application/json": {"schema": {"properties": {"x": {}}}}}});
    let tool = tool("/a", "post", json!({"requestBody": body, "responses": {}}));
    let plan = plan_at(&base, &tool, json!({"x": 1})).unwrap();
    let (path, timeout, start) = (path(), Duration::from_millis(timeout_ms), Instant::now());
    let sending = Sending {
        path: &path,
        plan,
        side_effect,
        kept_for: None,
        injection: None,
        timeout,
        files: Files::new(),
        answers: None,
        attendant: &executor_sources::Unattended,
    };
    let performed = openapi().perform(sending).await;
    let seen = seen.lock().unwrap().clone();
    (performed, seen, start.elapsed())
}

fn failed(performed: Performed) -> ToolError {
    match performed {
        Performed::Failed(error) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_may_be_repeated_is_sent_again_until_it_is_answered() {
    let answers = ["429 Slow Down", "502 Bad", "503 Busy", "504 Late", ""];
    for side_effect in [SideEffect::None, SideEffect::Idempotent] {
        for answer in answers {
            let (performed, seen, _) = send(&[answer, "200 OK"], side_effect, 10_000).await;
            assert!(matches!(performed, Performed::Completed(_)), "{answer}: {performed:?}");
            assert_eq!((seen.len(), &seen[0]), (2, &seen[1]), "{answer}");
        }
    }
    let (performed, seen, _) = send(&["503 A", "", "503 C", "200 OK"], SideEffect::None, 10_000).await;
    assert_eq!((failed(performed).status, seen.len()), (Some(503), 3));
}

#[tokio::test]
async fn what_is_no_passing_failure_is_sent_once() {
    for answer in ["400 Bad", "404 Gone", "500 Broken", "501 Never"] {
        let (performed, seen, _) = send(&[answer, "200 OK"], SideEffect::None, 10_000).await;
        assert!(!failed(performed).retryable);
        assert_eq!(seen.len(), 1, "{answer}");
    }
}

#[tokio::test]
async fn a_write_is_sent_once_whatever_comes() {
    for (answer, retryable) in
        [("429 Slow Down", true), ("503 Busy", true), ("502 Bad", false), ("504 Late", false)]
    {
        let (performed, seen, _) = send(&[answer, "200 OK"], SideEffect::Write, 10_000).await;
        let error = failed(performed);
        assert_eq!((error.code, error.retryable), (ErrorCode::UpstreamError, retryable), "{answer}");
        assert_eq!(seen.len(), 1, "{answer}");
    }
    let (performed, seen, _) = send(&["", "200 OK"], SideEffect::Write, 10_000).await;
    assert!(matches!(performed, Performed::Unknown(_)), "{performed:?}");
    assert_eq!(seen.len(), 1);
}

#[tokio::test]
async fn the_api_says_how_long_to_wait() {
    let soon = "503 Busy\r\nretry-after: 1";
    let (performed, _, took) = send(&[soon, "200 OK"], SideEffect::None, 10_000).await;
    assert!(matches!(performed, Performed::Completed(_)) && took >= Duration::from_secs(1), "{took:?}");
    let date =
        "429 Wait\r\ndate: Fri, 01 May 2026 12:00:00 GMT\r\nretry-after: Fri, 01 May 2026 12:00:01 GMT";
    let (performed, _, took) = send(&[date, "200 OK"], SideEffect::None, 10_000).await;
    assert!(matches!(performed, Performed::Completed(_)) && took >= Duration::from_secs(1), "{took:?}");
    for (side_effect, wait) in
        [(SideEffect::None, "3600"), (SideEffect::None, "18446744073709551615"), (SideEffect::Write, "3600")]
    {
        let late = format!("429 Wait\r\nretry-after: {wait}");
        let (performed, seen, took) = send(&[&late, "200 OK"], side_effect, 10_000).await;
        let error = failed(performed);
        assert!(error.retryable && took < Duration::from_secs(1), "{took:?}");
        assert!(error.hint.unwrap().contains(&format!("wait {wait} s")));
        assert_eq!(seen.len(), 1);
    }
}

#[tokio::test]
async fn waiting_ends_with_the_time_of_the_call() {
    let (performed, seen, took) = send(&["503 A", "503 B", "503 C"], SideEffect::None, 120).await;
    assert_eq!((failed(performed).status, seen.len()), (Some(503), 1));
    assert!(took < Duration::from_millis(1_000), "{took:?}");
}
