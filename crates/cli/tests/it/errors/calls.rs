//! Calls that fail, as the code sees them.

use executor_core::ErrorCode;
use serde_json::json;

use super::Case;
use super::told::Told;
use super::world::{CONNECTIONS, World};
use crate::deciding::stateless;
use crate::support::run;

pub(super) const CASES: &[Case] = &[
    Case { code: ErrorCode::ToolNotFound, provoke: |world| caught(world, "odd.wel({})") },
    Case { code: ErrorCode::InvalidArguments, provoke: |world| caught(world, "odd.well({ color: 'red' })") },
    Case { code: ErrorCode::ConnectionRequired, provoke: |world| caught(world, "odd.secured({})") },
    Case {
        code: ErrorCode::ConnectionNotFound,
        provoke: |world| caught(world, "odd.secured({}, { connection: 'third' })"),
    },
    Case {
        code: ErrorCode::CredentialUnavailable,
        provoke: |world| {
            connect(world, json!({ "name": "first", "provider": "env", "reference": "KEPT_NOWHERE" }));
            caught(world, "odd.secured({})")
        },
    },
    Case {
        code: ErrorCode::ConnectionAmbiguous,
        provoke: |world| {
            connect(world, json!({ "name": "second", "values": { "token": "t" } }));
            caught(world, "odd.secured({})")
        },
    },
    Case {
        code: ErrorCode::ApprovalDenied,
        provoke: |world| {
            let (task, approval) = held(world);
            world.command(&["approvals", "deny", &approval, "--reason", "not today"]);
            Told::by_task(&world.task_when(&task, |task| task["status"] == "denied"))
        },
    },
    Case {
        code: ErrorCode::ApprovalClosed,
        provoke: |world| {
            let (task, approval) = held(world);
            world.command(&["tasks", "cancel", &task]);
            Told::by_command(&run(world.folder(), &["approvals", "approve", &approval]).stderr)
        },
    },
    Case {
        code: ErrorCode::RequestStateInvalid,
        provoke: |world| {
            let params = json!({
                "name": "execute", "arguments": { "code": "return 1" }, "requestState": "made.up",
            });
            let answer = stateless(&world.server, &world.server.token, "tools/call", params, &json!({}));
            Told::by_task(&answer["structuredContent"])
        },
    },
    Case {
        code: ErrorCode::CallNotUnknown,
        provoke: |world| {
            let (task, _) = held(world);
            let call = format!("{task}.1");
            let resolve = ["approvals", "resolve-call", &call, "completed"];
            Told::by_command(&run(world.folder(), &resolve).stderr)
        },
    },
    Case {
        code: ErrorCode::OutcomeUnknown,
        provoke: |world| {
            world.command(&["policies", "add", "odd.write", "allow"]);
            plain(world, "write({})")
        },
    },
    Case {
        code: ErrorCode::PolicyDenied,
        provoke: |world| {
            world.command(&["policies", "add", "odd.file", "deny"]);
            plain(world, "file({})")
        },
    },
    Case { code: ErrorCode::UpstreamError, provoke: |world| plain(world, "broken({})") },
    Case { code: ErrorCode::UpstreamInvalid, provoke: |world| plain(world, "garbage({})") },
    Case { code: ErrorCode::ResultTooLarge, provoke: |world| plain(world, "megabytes({ count: 17 })") },
    Case {
        code: ErrorCode::UpstreamUnreachable,
        provoke: |world| {
            world.add_source("gone", "http://127.0.0.1:1");
            caught(world, "gone.well({})")
        },
    },
];

/// A task that waits for an approval, and that approval.
fn held(world: &World) -> (String, String) {
    let task = world.run("return await tools.odd.write({}, { connection: 'second' })");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    assert_eq!(task["status"], "waiting", "{task}");
    (text(&task["id"]), text(&task["approvals"][0]["id"]))
}

fn caught(world: &World, call: &str) -> Told {
    Told::by_code(&world.catch(call))
}

/// A call through the connection whose secret can be read.
fn plain(world: &World, call: &str) -> Told {
    caught(world, &format!("odd.{}, {{ connection: 'second' }})", call.strip_suffix(')').unwrap()))
}

fn connect(world: &World, mut connection: serde_json::Value) {
    connection["source"] = json!("odd");
    let (status, answer) = world.server.post(CONNECTIONS, &connection);
    assert_eq!(status, 201, "{answer}");
}
