//! Requests that are refused before anything runs.

use executor_core::ErrorCode;
use serde_json::{Value, json};

use super::told::Told;
use super::world::{SOURCES, TASKS, World};
use super::{Case, upstream};

pub(super) const CASES: &[Case] = &[
    Case {
        code: ErrorCode::InvalidRequest,
        provoke: |world| Told::by_problem(world.server.post(TASKS, &json!({ "code": "" }))),
    },
    Case {
        code: ErrorCode::Unauthorized,
        provoke: |world| with_header(world, "authorization", "Bearer nonsense"),
    },
    Case {
        code: ErrorCode::OriginRefused,
        provoke: |world| with_header(world, "origin", "https://evil.example"),
    },
    Case {
        code: ErrorCode::Forbidden,
        provoke: |world| {
            let key = world.command(&["keys", "create", "reader", "--scope", "read", "--json"]);
            let key: Value = serde_json::from_str(&key).unwrap();
            with_header(world, "x-api-key", key["secret"].as_str().unwrap())
        },
    },
    Case {
        code: ErrorCode::NotFound,
        provoke: |world| {
            Told::by_problem(world.server.get(&format!("{TASKS}/tsk_00000000000000000000000000000000")))
        },
    },
    Case {
        code: ErrorCode::InvalidCondition,
        provoke: |world| {
            let rule = json!({ "tools": "*", "effect": "deny", "condition": "args.amount >" });
            Told::by_problem(world.server.post("/api/v1/workspaces/default/policies", &rule))
        },
    },
    Case {
        code: ErrorCode::TypeError,
        provoke: |_| {
            let checked = World::with(&crate::type_check::STRICT);
            Told::by_problem(checked.server.post(TASKS, &json!({ "code": "const n: number = 'a'" })))
        },
    },
    Case {
        code: ErrorCode::NameTaken,
        provoke: |world| {
            let again = json!({ "name": "Odd", "document": upstream::document(&world.upstream).to_string() });
            Told::by_problem(world.server.post(SOURCES, &again))
        },
    },
    Case {
        code: ErrorCode::IdempotencyConflict,
        provoke: |world| {
            world.submit(json!({ "code": "return 1", "idempotencyKey": "once" }));
            let other = json!({ "code": "return 2", "idempotencyKey": "once" });
            Told::by_problem(world.server.post(TASKS, &other))
        },
    },
    Case {
        code: ErrorCode::AlreadyEnded,
        provoke: |world| {
            let task = world.run("return 1");
            Told::by_problem(world.server.post(&cancel(&task), &json!({})))
        },
    },
    Case {
        code: ErrorCode::Cancelled,
        provoke: |world| {
            let sleeping = "await new Promise((done) => setTimeout(done, 60_000))";
            let task = world.submit(json!({ "code": sleeping, "waitMs": 0 }));
            Told::by_task(&world.server.post(&cancel(&task), &json!({ "reason": "enough" })).1)
        },
    },
    Case {
        code: ErrorCode::PayloadTooLarge,
        provoke: |world| Told::by_problem(world.server.post(TASKS, &json!({ "code": "x".repeat(9 << 20) }))),
    },
    Case {
        code: ErrorCode::CodeTooLarge,
        provoke: |world| Told::by_problem(world.server.post(TASKS, &json!({ "code": "x".repeat(2 << 20) }))),
    },
];

fn with_header(world: &World, name: &str, value: &str) -> Told {
    let request = world.server.request().post(format!("{}{TASKS}", world.server.url));
    let response = request.header(name, value).json(&json!({ "code": "return 1" })).send().unwrap();
    Told::by_problem((response.status().as_u16(), response.json().unwrap()))
}

fn cancel(task: &Value) -> String {
    format!("{TASKS}/{}/cancel", task["id"].as_str().unwrap())
}
