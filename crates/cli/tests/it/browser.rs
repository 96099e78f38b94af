//! The pages, as a browser uses them: pairing, signing in, deciding; and what other pages must not be able to do.

use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Server, folder, run, start_api, succeed};

const WORKSPACE: &str = "/api/v1/workspaces/default";
const CODE: &str = "const name = 'x'\nreturn await tools.items.items.create({ name })";

/// A browser that keeps no more than one cookie and follows no redirect.
struct Browser<'a> {
    server: &'a Server,
    http: Client,
    cookie: Option<String>,
}

impl<'a> Browser<'a> {
    fn new(server: &'a Server) -> Self {
        let http = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { server, http, cookie: None }
    }

    fn get(&self, path: &str) -> (u16, String) {
        let request = self.http.get(format!("{}{path}", self.server.url));
        let response = match &self.cookie {
            Some(cookie) => request.header("cookie", cookie).send().unwrap(),
            None => request.send().unwrap(),
        };
        (response.status().as_u16(), response.text().unwrap())
    }

    /// Sends a form as a page of that origin does; as a program does if there is none.
    fn send(&self, path: &str, origin: Option<&str>, fields: &[(&str, &str)]) -> Response {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = self
            .http
            .post(format!("{}{path}", self.server.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        request.send().unwrap()
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        self.send(path, Some(&self.server.url), fields)
    }

    /// Sends a form that begins a session, and keeps its cookie.
    fn enter(&mut self, path: &str, fields: &[(&str, &str)]) {
        let response = self.post(path, fields);
        assert_eq!(response.status().as_u16(), 303);
        let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Strict"), "{cookie}");
        self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
    }
}

/// A call that waits: its approval's id and its task's.
fn waiting(folder: &TempDir, server: &Server, key: Option<&str>) -> (String, String) {
    let document = start_api(folder.path());
    succeed(folder.path(), &["sources", "add", document.to_str().unwrap(), "--name", "items"]);
    let request = server.request().post(format!("{}{WORKSPACE}/tasks", server.url));
    let request = key.map_or(request.try_clone().unwrap(), |key| request.bearer_auth(key));
    let task: Value =
        request.json(&json!({ "code": CODE, "waitMs": 20_000 })).send().unwrap().json().unwrap();
    assert_eq!(task["status"], "waiting", "{task}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&task["approvals"][0]["id"]), text(&task["id"]))
}

fn code_of(link: &str) -> &str {
    link.trim().split_once("/pair?code=").unwrap().1
}

/// The digest of what an approval's page shows, which its form sends along.
fn shown(page: &str) -> &str {
    page.split_once("name=\"shown\" value=\"").unwrap().1.split('"').next().unwrap()
}

#[test]
fn a_paired_browser_decides() {
    let folder = folder();
    let server = Server::start(folder.path());
    let greeting = server.greeting();
    let (approval, task) = waiting(&folder, &server, None);
    let path = format!("/approvals/{approval}");
    let mut browser = Browser::new(&server);

    // Whoever has only a terminal is told where the page is.
    let port = server.url.rsplit(':').next().unwrap();
    let listed = run(folder.path(), &["tasks", "show", &task]);
    let told = String::from_utf8(listed.stderr).unwrap();
    assert_eq!(listed.status.code(), Some(3), "{told}");
    assert!(told.contains(&format!("http://localhost:{port}{path}\n")), "{told}");
    assert!(told.contains(&format!("executor approvals show {approval}")), "{told}");

    let (status, page) = browser.get("/");
    assert!(status == 200 && page.contains("1 call waits") && page.contains(&path), "{page}");
    let (_, page) = browser.get("/approvals");
    assert!(page.contains(&path) && page.contains("items.items.create"), "{page}");

    let link = greeting.lines().find_map(|line| line.trim().strip_prefix("Approve ")).expect(&greeting);
    assert!(link.trim().starts_with(&format!("http://localhost:{port}/pair?code=")), "{link}");
    for _ in 0..2 {
        let (status, page) = browser.get(&format!("/pair?code={}", code_of(link)));
        assert!(status == 200 && page.contains(code_of(link)), "{page}");
    }
    browser.enter("/pair", &[("code", code_of(link))]);
    let again = browser.post("/pair", &[("code", code_of(link))]);
    assert_eq!(again.status().as_u16(), 401);
    assert!(again.text().unwrap().contains("executor approvals link"));

    let (status, page) = browser.get(&path);
    assert_eq!(status, 200);
    for part in [
        "<dd><code>POST</code></dd>",
        "<dd><code>/items</code></dd>",
        "class=\"asks\">▸<b>   2</b>  return await tools.items.items.create",
        "any owner or any admin",
        "items.items.create</code></label>",
        "Owner",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("<script"));

    let approve = |arguments: &str| {
        let fields = [
            ("shown", shown(&page)),
            ("decision", "approve"),
            ("reason", "looks <right>"),
            ("remember", ""),
            ("arguments", arguments),
        ];
        browser.post(&path, &fields)
    };
    let refused = approve("{name: 1}");
    assert_eq!(refused.status().as_u16(), 400);
    let refused = refused.text().unwrap();
    assert!(refused.contains("not JSON") && refused.contains("{name: 1}"), "{refused}");
    let refused = approve(r#"{"name": 1}"#);
    assert_eq!(refused.status().as_u16(), 400);
    let stale = browser.post(&path, &[("decision", "approve"), ("shown", "0")]).text().unwrap();
    assert!(stale.contains("has changed since you looked"), "{stale}");

    let approved = approve(r#"{"name": "edited"}"#);
    assert_eq!((approved.status().as_u16(), &approved.headers()["location"]), (303, &path.parse().unwrap()));
    let (_, page) = browser.get(&path);
    assert!(page.contains("Approved: the call") && page.contains("looks &lt;right&gt;"), "{page}");
    let ended = ended(&server, &task);
    assert_eq!(ended["result"], json!({ "name": "edited" }), "{ended}");
    assert!(approve("").text().unwrap().contains("is approved already"));
    let (_, page) = browser.get("/approvals");
    assert!(page.contains("Nothing waits for you"), "{page}");

    let (_, told) = server.get("/api/v1/organization/audit?action=signed_in");
    assert_eq!(told["items"].as_array().map(Vec::len), Some(1), "{told}");
    assert!(told.to_string().contains("pairing") && !told.to_string().contains(code_of(link)), "{told}");
    // What was refused is told of as well, once for many.
    assert_eq!(browser.post("/pair", &[("code", "exp_guessed")]).status().as_u16(), 401);
    assert_eq!(browser.post("/sign-in", &[("key", "exk_guessed")]).status().as_u16(), 401);
    let (_, told) = server.get("/api/v1/organization/audit?action=signed_in.refused");
    assert_eq!(told["items"].as_array().map(Vec::len), Some(1), "{told}");
    let text = told.to_string();
    assert!(text.contains("pairing") && text.contains("127.0.0.1") && !text.contains("guessed"), "{told}");

    assert_eq!(browser.post("/sign-out", &[]).status().as_u16(), 303);
    let (_, page) = browser.get("/approvals");
    assert!(!page.contains("Sign out"), "{page}");
}

#[test]
fn nobody_else_decides() {
    let folder = folder();
    let server = Server::start(folder.path());
    let (approval, _) = waiting(&folder, &server, None);
    let path = format!("/approvals/{approval}");
    let mut browser = Browser::new(&server);

    let (status, page) = browser.get(&path);
    assert!(
        status == 200 && page.contains("You may not decide") && !page.contains("value=\"deny\""),
        "{page}"
    );
    assert!(page.contains("executor approvals link"), "{page}");
    let deny = [("decision", "deny")];
    assert_eq!(browser.post(&path, &deny).status().as_u16(), 403);

    let link = succeed(folder.path(), &["approvals", "link"]);
    let code = [("code", code_of(&link))];
    for origin in [None, Some("https://evil.example"), Some("http://localhost:3000"), Some("null")] {
        assert_eq!(browser.send("/pair", origin, &code).status().as_u16(), 403, "{origin:?}");
    }
    assert_eq!(browser.post("/pair", &[("code", "exp_guess")]).status().as_u16(), 401);
    browser.enter("/pair", &code);
    let resolve = format!("{WORKSPACE}/approvals/{approval}/resolve");
    for origin in [None, Some("https://evil.example"), Some("http://localhost:3000"), Some("null")] {
        assert_eq!(browser.send(&path, origin, &deny).status().as_u16(), 403, "{origin:?}");
        assert_eq!(browser.send("/sign-out", origin, &[]).status().as_u16(), 403, "{origin:?}");
        assert_eq!(browser.send(&resolve, origin, &[]).status().as_u16(), 403, "{origin:?}");
    }
    let (_, still) = server.get(&format!("{WORKSPACE}/approvals/{approval}"));
    assert_eq!(still["status"], "open", "{still}");
    assert_eq!(browser.post(&path, &deny).status().as_u16(), 303);
    let (_, denied) = server.get(&format!("{WORKSPACE}/approvals/{approval}"));
    assert_eq!(denied["status"], "denied", "{denied}");

    let (status, problem) = server.post("/api/v1/pairing", &json!({}));
    assert_eq!((status, &problem["code"]), (403, &json!("forbidden")));
}

#[test]
fn where_a_key_is_required_a_browser_signs_in_with_one_and_is_no_more_than_that() {
    let folder = folder();
    let key = "a-long-key-of-the-operator-0123456789";
    let variables = [("EXECUTOR_HOST", "0.0.0.0"), ("EXECUTOR_API_KEY", key)];
    let server = Server::start_with(folder.path(), &variables);
    let (approval, _) = waiting(&folder, &server, Some(key));
    let path = format!("/approvals/{approval}");

    let mut owner = Browser::new(&server);
    let (status, page) = owner.get(&path);
    assert!(status == 401 && page.contains("action=\"/sign-in\"") && !page.contains("items.items"), "{page}");
    assert_eq!(owner.post("/sign-in", &[("key", "wrong")]).status().as_u16(), 401);
    owner.enter("/sign-in", &[("key", key)]);
    let (_, page) = owner.get(&path);
    assert!(page.contains("value=\"approve\"") && page.contains("Sign out"), "{page}");

    let keys = format!("{}/api/v1/organization/keys", server.url);
    let wanted = json!({ "name": "looks", "scopes": ["read", "run"] });
    let made: Value =
        server.request().post(&keys).bearer_auth(key).json(&wanted).send().unwrap().json().unwrap();
    let mut reader = Browser::new(&server);
    reader.enter("/sign-in", &[("key", made["secret"].as_str().expect("a secret"))]);
    let (status, page) = reader.get(&path);
    assert!(status == 200 && page.contains("You may not decide") && page.contains("/sign-in"), "{page}");
    assert_eq!(reader.post(&path, &[("decision", "deny")]).status().as_u16(), 403);

    let id = made["id"].as_str().or_else(|| made["key"]["id"].as_str()).expect("an id");
    server.request().delete(format!("{keys}/{id}")).bearer_auth(key).send().unwrap();
    assert_eq!(reader.get(&path).0, 401);
    assert_eq!(owner.post(&path, &[("decision", "deny")]).status().as_u16(), 303);
}

#[test]
fn a_call_of_which_nobody_can_tell_is_shown_and_asked_about() {
    let folder = folder();
    let api = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", api.local_addr().unwrap());
    let document: Value = serde_json::from_slice(&std::fs::read(start_api(folder.path())).unwrap()).unwrap();
    let path = folder.path().join("silent.json");
    let document = json!({ "openapi": document["openapi"], "info": document["info"], "paths": document["paths"],
        "servers": [{ "url": silent }] });
    std::fs::write(&path, document.to_string()).unwrap();

    let server = Server::start(folder.path());
    succeed(folder.path(), &["sources", "add", path.to_str().unwrap(), "--name", "items"]);
    succeed(folder.path(), &["policies", "add", "items.*", "allow"]);
    let (status, task) = server.post(&format!("{WORKSPACE}/tasks"), &json!({ "code": CODE }));
    assert_eq!(status, 202, "{task}");
    let _request = api.accept().unwrap();
    server.kill();

    let server = Server::start(folder.path());
    let call = format!("/calls/{}.1", task["id"].as_str().unwrap());
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let mut browser = Browser::new(&server);
    while !browser.get("/approvals").1.contains(&call) {
        assert!(std::time::Instant::now() < deadline, "{}", browser.get("/approvals").1);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let (status, page) = browser.get(&call);
    assert!(
        status == 200 && page.contains("Did it take effect?") && !page.contains("value=\"retry\""),
        "{page}"
    );
    let failed = [("outcome", "failed"), ("reason", "it is not there")];
    assert_eq!(browser.post(&call, &failed).status().as_u16(), 403);

    let link = succeed(folder.path(), &["approvals", "link"]);
    browser.enter("/pair", &[("code", code_of(&link))]);
    assert!(browser.get(&call).1.contains("value=\"retry\""));
    assert_eq!(browser.send(&call, None, &failed).status().as_u16(), 403);
    // The request may still be under way for as long as a call may take, which is not waited for here.
    let refused = browser.post(&call, &failed);
    assert_eq!(refused.status().as_u16(), 409);
    let refused = refused.text().unwrap();
    assert!(refused.contains("may still be under way") && refused.contains("it is not there"), "{refused}");
}

fn ended(server: &Server, task: &str) -> Value {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let (_, view) = server.get(&format!("{WORKSPACE}/tasks/{task}"));
        if view["endedAt"].is_number() {
            return view;
        }
        assert!(std::time::Instant::now() < deadline, "{view}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
