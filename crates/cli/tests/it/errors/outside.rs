//! Harm that comes from outside: workers that die or hang, a database that is gone or changed, a server that stops.

use executor_core::ErrorCode;
use serde_json::{Value, json};
use sqlx::{Connection, Executor};

use super::Case;
use super::told::Told;
use super::world::{TASKS, World};
use crate::support::{Server, folder, run};

/// Learns something, and then waits for long.
const LEARNS_AND_WAITS: &str =
    "await tools.odd.well({}); await new Promise((done) => setTimeout(done, 60_000))";

pub(super) const CASES: &[Case] = &[
    Case {
        code: ErrorCode::WorkerCrashed,
        provoke: |world| {
            let task = begin(world, "for (;;) {}");
            let ended = world.task_when(&task, |task| {
                busy(world).for_each(|worker| signal("KILL", worker));
                task["status"] == "failed"
            });
            assert_eq!(ended["attempts"], 3, "{ended}");
            Told::by_task(&ended)
        },
    },
    Case {
        code: ErrorCode::SandboxViolation,
        provoke: |world| {
            let task = begin(world, "for (;;) {}");
            Told::by_task(&world.task_when(&task, |task| {
                busy(world).for_each(|worker| signal("SYS", worker));
                task["status"] == "failed"
            }))
        },
    },
    // The worker that runs the program again is stopped, as on a machine that has something better to do.
    Case {
        code: ErrorCode::ReplayLimit,
        provoke: |_| {
            let world = World::new();
            let ready = world.server.workers();
            // The death of a worker that waits is noticed when there is something to tell it.
            let task = begin(&world, &LEARNS_AND_WAITS.replace("60_000", "4_000"));
            wait_until_learned(&world.server, &task);
            let (own, fresh): (Vec<u32>, Vec<u32>) =
                world.server.workers().into_iter().partition(|worker| ready.contains(worker));
            fresh.into_iter().for_each(|worker| signal("STOP", worker));
            own.into_iter().for_each(|worker| signal("KILL", worker));
            Told::by_task(&world.task_when(&task, |task| task["status"] == "failed"))
        },
    },
    // While nobody looks, somebody changes what the task's program is.
    Case {
        code: ErrorCode::ReplayDiverged,
        provoke: |_| {
            let World { server, folder, .. } = World::new();
            let (_, task) = server.post(TASKS, &json!({ "code": LEARNS_AND_WAITS }));
            let task = task["id"].as_str().unwrap();
            wait_until_learned(&server, task);
            server.kill();
            tamper(folder.path(), "UPDATE tasks SET program = NULL, code = 'await tools.odd.other({})'");
            let server = Server::start(folder.path());
            loop {
                let (_, task) = server.get(&format!("{TASKS}/{task}"));
                if task["status"] == "failed" {
                    return Told::by_task(&task);
                }
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        },
    },
    Case {
        code: ErrorCode::ShuttingDown,
        provoke: |_| {
            let world = World::new();
            begin(&world, "await new Promise((done) => setTimeout(done, 60_000))");
            signal("TERM", world.server.process());
            loop {
                let (status, answer) = world.server.post(TASKS, &json!({ "code": "return 1", "waitMs": 1 }));
                if status >= 300 {
                    return Told::by_problem((status, answer));
                }
            }
        },
    },
    // A folder stands where the database should, and a file where the folder of files should.
    Case {
        code: ErrorCode::StorageUnavailable,
        provoke: |_| {
            let folder = folder();
            std::fs::create_dir(folder.path().join("data.db")).unwrap();
            Told::by_command(&run(folder.path(), &["tasks", "list"]).stderr)
        },
    },
    Case {
        code: ErrorCode::Internal,
        provoke: |_| {
            let world = World::new();
            std::fs::write(world.folder().join("blobs"), "").unwrap();
            let code = json!({ "code": "return await tools.odd.file({})", "waitMs": 10_000 });
            Told::by_problem(world.server.post(TASKS, &code))
        },
    },
];

fn begin(world: &World, code: &str) -> String {
    let task = world.submit(json!({ "code": code, "waitMs": 0 }));
    task["id"].as_str().unwrap().to_owned()
}

fn wait_until_learned(server: &Server, task: &str) {
    let settled = |events: &Value| events.to_string().contains("call.settled");
    while !settled(&server.get(&format!("{TASKS}/{task}/events")).1) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// The workers that have been computing for a while, which none does that only stands ready.
fn busy(world: &World) -> impl Iterator<Item = u32> {
    const TICKS: u64 = 30;
    let ticks = |worker: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{worker}/stat")).unwrap_or_default();
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        after_name.split_whitespace().nth(11).and_then(|ticks| ticks.parse().ok()).unwrap_or(0)
    };
    world.server.workers().into_iter().filter(move |worker| ticks(worker) >= TICKS)
}

fn signal(name: &str, process: u32) {
    let _ = std::process::Command::new("kill").args(["-s", name, &process.to_string()]).status();
}

/// Changes a database behind the product's back.
fn tamper(folder: &std::path::Path, sql: &str) {
    let change = async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("data.db"));
        let mut database = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        database.execute(sqlx::AssertSqlSafe(sql.to_owned())).await.unwrap();
        database.close().await.unwrap();
    };
    tokio::runtime::Runtime::new().unwrap().block_on(change);
}
