//! MCP on standard input and output, message by message.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::support::{Server, executor, folder};

struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Client {
    fn start(folder: &Path) -> Self {
        let mut command = executor(folder);
        command.arg("mcp").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take(), child.stdout.take().unwrap());
        Self { child, input, output: BufReader::new(output) }
    }

    fn initialized(folder: &Path) -> Self {
        let mut client = Self::start(folder);
        let parameters = json!({
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" },
        });
        let answer = client.ask(0, "initialize", &parameters);
        assert_eq!(answer["result"]["protocolVersion"], "2025-06-18", "{answer}");
        client.tell(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string());
        client
    }

    fn tell(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    fn ask(&mut self, id: u32, method: &str, parameters: &Value) -> Value {
        self.tell(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters }).to_string());
        let answer = self.next();
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    fn call(&mut self, id: u32, code: &str) -> Value {
        self.ask(id, "tools/call", &json!({ "name": "execute", "arguments": { "code": code } }))
    }

    fn next(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.input.take();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_client_does_not_notice_that_its_server_goes_away() {
    let folder = folder();
    let server = Server::start(folder.path());
    let mut client = Client::initialized(folder.path());
    let answer = client.call(1, "return 20 + 1");
    assert_eq!(answer["result"]["structuredContent"]["result"], 21, "{answer}");

    // Killed: nobody listens any more, and the client's process becomes the host.
    server.kill();
    let answer = client.call(2, "return 20 + 2");
    assert_eq!(answer["result"]["structuredContent"]["result"], 22, "{answer}");

    // It hosts: others find it.
    let mut other = Client::initialized(folder.path());
    let answer = other.call(1, "return 20 + 3");
    assert_eq!(answer["result"]["structuredContent"]["result"], 23, "{answer}");
    drop(client);
    let answer = other.call(2, "return 20 + 4");
    assert_eq!(answer["result"]["structuredContent"]["result"], 24, "{answer}");
}

#[test]
fn two_clients_and_a_run_share_a_folder_and_outlive_its_host() {
    let folder = folder();
    let mut host = Client::initialized(folder.path());
    let mut other = Client::initialized(folder.path());
    assert_eq!(other.call(1, "return 1")["result"]["structuredContent"]["result"], 1);
    let script = folder.path().join("slow.ts");
    std::fs::write(&script, "await new Promise((done) => setTimeout(done, 3_000)); return 'done'").unwrap();
    let mut run = executor(folder.path());
    let run =
        run.args(["run", script.to_str().unwrap()]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let tasks = || crate::support::succeed(folder.path(), &["tasks", "list", "--json"]);
    while !tasks().contains("setTimeout") {}
    host.child.kill().unwrap();
    host.child.wait().unwrap();
    assert_eq!(other.call(2, "return 2")["result"]["structuredContent"]["result"], 2);
    let output = run.unwrap().wait_with_output().unwrap();
    assert_eq!(output.stdout, b"done\n", "{output:?}");
    assert_eq!(tasks().matches("setTimeout").count(), 1, "it ran once");
}

#[test]
fn the_console_is_heard_while_the_program_runs() {
    let folder = folder();
    let _server = Server::start(folder.path());
    let mut client = Client::initialized(folder.path());
    let code = "console.log('one'); await new Promise((done) => setTimeout(done, 2_000)); return 1";
    let parameters =
        json!({ "name": "execute", "arguments": { "code": code }, "_meta": { "progressToken": "t" } });
    let asked = std::time::Instant::now();
    client.tell(
        &json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": parameters }).to_string(),
    );
    let heard = client.next();
    assert_eq!(heard["params"]["message"], "one", "{heard}");
    assert!(asked.elapsed().as_millis() < 1_500, "only at the end");
    assert_eq!(client.next()["result"]["structuredContent"]["result"], 1);
}

#[test]
fn what_is_no_json_is_answered_and_the_next_message_counts() {
    let folder = folder();
    let _server = Server::start(folder.path());
    let mut client = Client::start(folder.path());
    client.tell("{nonsense");
    assert_eq!(client.next()["error"]["code"], -32700);
    client.tell("");
    let parameters = json!({
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" },
    });
    assert!(client.ask(7, "initialize", &parameters)["result"]["serverInfo"].is_object());
}

#[test]
fn the_process_ends_when_its_client_closes_its_end() {
    let folder = folder();
    let mut client = Client::initialized(folder.path());
    assert!(folder.path().join("server.json").exists());
    client.input.take();
    assert!(client.child.wait().unwrap().success());
    assert!(!folder.path().join("server.json").exists());
}
