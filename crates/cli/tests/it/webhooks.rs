//! Webhooks from outside: a real receiver that checks signatures by itself, from the specification.

use std::io::{BufRead, BufReader, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{Server, folder, run, start_api, succeed};

const WORKSPACE: &str = "/api/v1/workspaces/default";

/// A message as it came.
#[derive(Debug, Clone)]
struct Message {
    id: String,
    timestamp: String,
    signature: String,
    body: String,
    at: Instant,
}

impl Message {
    /// As a receiver checks it that knows the specification only.
    fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        assert_eq!(key.len(), 32);
        let mut code = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        code.update(format!("{}.{}.{}", self.id, self.timestamp, self.body).as_bytes());
        let expected = format!("v1,{}", STANDARD.encode(code.finalize().into_bytes()));
        self.signature.split(' ').any(|signature| signature == expected)
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A receiver that refuses the first message that comes.
struct Receiver {
    url: String,
    seen: Arc<Mutex<Vec<Message>>>,
}

impl Receiver {
    fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let seen = Arc::<Mutex<Vec<Message>>>::default();
        let kept = seen.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut stream = BufReader::new(stream);
                let message = read(&mut stream);
                let mut kept = kept.lock().unwrap();
                let status = if kept.is_empty() { "500 Internal Server Error" } else { "204 No Content" };
                kept.push(message);
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { url, seen }
    }

    /// Waits until that many messages have come.
    fn wait_for(&self, count: usize) -> Vec<Message> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let seen = self.seen.lock().unwrap().clone();
            if seen.len() >= count {
                return seen;
            }
            assert!(Instant::now() < deadline, "{seen:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn read(stream: &mut impl BufRead) -> Message {
    let mut headers = std::collections::HashMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        match line.trim().split_once(": ") {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.to_owned()),
            None if line.trim().is_empty() => break,
            None => continue,
        };
    }
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    assert_eq!(headers["content-type"], "application/json");
    let header = |name: &str| headers[name].clone();
    Message {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body: String::from_utf8(body).unwrap(),
        at: Instant::now(),
    }
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_message_is_signed_and_comes_again_as_it_was_until_it_is_taken() {
    let (folder, receiver) = (folder(), Receiver::start());
    let server = Server::start(folder.path());
    let command = |arguments: &[&str]| succeed(folder.path(), arguments);
    let document = start_api(folder.path());
    command(&["sources", "add", document.to_str().unwrap(), "--name", "items"]);
    let events = "approval.requested,approval.decided";
    let added = json_of(&command(&["webhooks", "add", &receiver.url, "--events", events, "--json"]));
    let (webhook, secret) = (added["id"].as_str().unwrap(), added["secret"].as_str().unwrap());

    let code = "return await tools.items.items.create({ name: 'a-private-lamp' })";
    let (_, task) = server.post(&format!("{WORKSPACE}/tasks"), &json!({ "code": code, "waitMs": 20_000 }));
    let approval = task["approvals"][0]["id"].as_str().unwrap();
    let seen = receiver.wait_for(2);
    let [first, again] = seen.as_slice() else { panic!("{seen:?}") };
    assert!(first.is_signed_with(secret) && again.is_signed_with(secret), "{seen:?}");
    assert!(!first.is_signed_with(&format!("whsec_{}", STANDARD.encode([7; 32]))));
    assert_eq!((&first.id, &first.body), (&again.id, &again.body));
    let apart = again.at.duration_since(first.at);
    assert!((Duration::from_secs(4)..Duration::from_secs(9)).contains(&apart), "{apart:?}");
    let told = first.json();
    assert_eq!(told["type"], "approval.requested");
    assert_eq!((&told["data"]["task"], &told["data"]["path"]), (&task["id"], &json!("items.items.create")));
    let port = server.url.rsplit(':').next().unwrap();
    assert_eq!(told["data"]["url"], format!("http://localhost:{port}/approvals/{approval}"));
    assert!(!first.body.contains("lamp"), "{}", first.body);

    command(&["approvals", "approve", approval]);
    let decided = receiver.wait_for(3)[2].clone();
    assert!(decided.is_signed_with(secret) && decided.id != first.id);
    assert_eq!(
        (&decided.json()["type"], &decided.json()["data"]["status"]),
        (&json!("approval.decided"), &json!("approved"))
    );

    assert!(command(&["webhooks", "test", webhook]).contains("204"));
    let deliveries = json_of(&command(&["webhooks", "deliveries", webhook, "--json"]));
    let shown: Vec<_> = deliveries["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["event"].as_str().unwrap(),
                one["status"].as_str().unwrap(),
                one["attempts"].as_u64().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("webhook.test", "delivered", 1),
        ("approval.decided", "delivered", 1),
        ("approval.requested", "delivered", 2),
    ];
    assert_eq!(shown, expected, "{deliveries:#}");

    let listed = command(&["webhooks", "list", "--json"]);
    assert!(listed.contains(&receiver.url) && !listed.contains("whsec_"), "{listed}");
    command(&["webhooks", "remove", webhook, "--yes"]);
    assert_eq!(json_of(&command(&["webhooks", "list", "--json"]))["items"], json!([]));
    let audit = command(&["audit", "list"]);
    for action in ["webhook.added", "webhook.removed"] {
        assert!(audit.contains(action), "{audit}");
    }
    assert!(!command(&["audit", "list", "--json"]).contains("/hook"), "an address's path can be a secret");
}

#[test]
fn an_address_that_is_not_public_is_refused_in_the_words_of_the_guard() {
    let (folder, receiver) = (folder(), Receiver::start());
    let _server = Server::start_with(folder.path(), &[("EXECUTOR_ALLOW_LOCAL_NETWORK", "false")]);
    let refused = run(folder.path(), &["webhooks", "add", &receiver.url]);
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && message.contains("is not on the public internet"), "{message}");

    // A name is judged by where it leads, when it is dialled.
    let by_name = receiver.url.replace("127.0.0.1", "localhost");
    let added = json_of(&succeed(folder.path(), &["webhooks", "add", &by_name, "--json"]));
    let webhook = added["id"].as_str().unwrap();
    let tried = run(folder.path(), &["webhooks", "test", webhook]);
    let message = String::from_utf8(tried.stderr).unwrap();
    assert!(
        !tried.status.success() && message.contains("localhost is not on the public internet"),
        "{message}"
    );
    let deliveries = json_of(&succeed(folder.path(), &["webhooks", "deliveries", webhook, "--json"]));
    let one = &deliveries["items"][0];
    assert_eq!((&one["status"], &one["attempts"]), (&json!("pending"), &json!(1)));
    assert!(one["error"].as_str().unwrap().starts_with("localhost is not on the public internet"), "{one}");
    assert!(receiver.seen.lock().unwrap().is_empty());
}
