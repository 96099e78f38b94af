//! What the command line says about itself, and how it takes mistakes.

use crate::support::{executor, folder, run};

const COMMANDS: [&[&str]; 42] = [
    &[],
    &["serve"],
    &["run"],
    &["call"],
    &["tools"],
    &["tools", "search"],
    &["tools", "types"],
    &["sources"],
    &["sources", "add"],
    &["sources", "detect"],
    &["sources", "presets"],
    &["sources", "accept"],
    &["connections"],
    &["connections", "add"],
    &["policies"],
    &["policies", "add"],
    &["policies", "explain"],
    &["policies", "test"],
    &["policies", "move"],
    &["webhooks"],
    &["webhooks", "add"],
    &["webhooks", "deliveries"],
    &["limits"],
    &["limits", "show"],
    &["limits", "set"],
    &["sensitive"],
    &["sensitive", "add"],
    &["toolkits"],
    &["toolkits", "add"],
    &["tasks"],
    &["tasks", "events"],
    &["tasks", "replay"],
    &["members"],
    &["keys"],
    &["keys", "create"],
    &["audit"],
    &["audit", "list"],
    &["audit", "hold"],
    &["audit", "retention"],
    &["mcp"],
    &["doctor"],
    &["config"],
];

#[test]
fn help_texts() {
    let folder = folder();
    let mut all = String::new();
    for command in COMMANDS {
        let output = executor(folder.path()).args(command).arg("--help").output().unwrap();
        assert!(output.status.success(), "{command:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        all.push_str(&format!("$ executor {}\n{text}\n", [command, &["--help"]].concat().join(" ")));
    }
    assert!(!all.contains("__worker"));
    insta::assert_snapshot!("help", all);
}

#[test]
fn mistakes_of_the_command_line_exit_with_two_and_touch_nothing() {
    let folder = folder();
    let table: [&[&str]; 12] = [
        &[],
        &["frobnicate"],
        &["run"],
        &["run", "-", "--wait=soon"],
        &["run", "-", "--wait", "--detach"],
        &["policies", "add", "a.*", "maybe"],
        &["policies", "add", "a.*", "deny", "--caller", "member"],
        &["policies", "test", "--tools", "a.*"],
        &["policies", "move", "rul_1"],
        &["webhooks", "add", "https://example.com", "--events", "task.began"],
        &["keys"],
        &["completions", "tcl"],
    ];
    for arguments in table {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn config_check_lists_every_problem_at_once() {
    let folder = folder();
    let mut command = executor(folder.path());
    command.args(["config", "check"]);
    command.env("EXECUTOR_TASK_TIMEOUT_MS", "soon").env("EXECUTOR_HOST", "nowhere").env("PORT", "high");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    for name in ["EXECUTOR_TASK_TIMEOUT_MS", "EXECUTOR_HOST", "PORT"] {
        assert!(message.contains(&format!("- {name} has to be")), "{message}");
    }
    assert_eq!(run(folder.path(), &["config", "check"]).status.code(), Some(0));
}

#[test]
fn a_command_that_nobody_can_confirm_does_nothing() {
    let folder = folder();
    let output = run(folder.path(), &["members", "remove", "acc_1"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--yes"));
}

#[test]
fn doctor_looks_at_everything() {
    let folder = folder();
    let output = run(folder.path(), &["doctor", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<_> =
        report["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    for name in ["configuration", "data directory", "port", "database", "sandbox seccomp"] {
        assert!(names.contains(&name), "{report:#}");
    }
    assert_eq!(output.status.success(), report["ok"] == true);
}
