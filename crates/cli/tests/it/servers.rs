//! An API of several servers, from the command line: what is there, what is chosen, and what is called.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::{Server, folder, run, start_upstream, succeed};

fn document() -> String {
    let operation = |id: &str| json!({ "operationId": id, "responses": {} });
    let mut order = operation("order");
    order["callbacks"] = json!({ "shipped": { "{$request.body#/url}": { "post": operation("shipped") } } });
    json!({
        "openapi": "3.1.0", "info": { "title": "Shop", "version": "1" },
        "servers": [
            { "url": "/", "description": "Production" },
            { "url": "/{region}/{stage}", "variables": {
                "region": { "default": "us", "enum": ["us", "eu"] }, "stage": { "default": "live" } } },
        ],
        "paths": { "/ping": { "get": operation("ping") }, "/orders": { "post": order } },
        "webhooks": { "restocked": { "post": operation("restocked") } },
    })
    .to_string()
}

#[test]
fn a_server_is_chosen_and_what_the_api_calls_is_listed() {
    let folder = folder();
    let at = folder.path();
    let _server = Server::start(at);
    let called = Arc::new(Mutex::new(Vec::new()));
    let seen = called.clone();
    let upstream = start_upstream(move |target, _| match target {
        "/openapi.json" => document(),
        target => {
            seen.lock().unwrap().push(target.to_owned());
            "{}".to_owned()
        }
    });
    let url = format!("{upstream}/openapi.json");
    let found = succeed(at, &["sources", "detect", &url]);
    for line in ["server 0    /  Production", "server 1    /{region}/{stage}", "region  us | eu (default us)"]
    {
        assert!(found.contains(line), "{line}: {found}");
    }
    let add = |name: &str, more: &[&str]| {
        let arguments = [&["sources", "add", &url, "--kind", "openapi", "--name", name], more].concat();
        run(at, &arguments)
    };
    let table: [(&[&str], &[&str]); 4] = [
        (&["--server", "2"], &["no server `2`", "0 (`/`), 1 (`/{region}/{stage}`)"]),
        (&["--server", "1", "--server-variable", "region=asia"], &["cannot be `asia`", "us, eu"]),
        (&["--server", "1", "--base-url", "https://a.test"], &["cannot be used with"]),
        (&["--server-variable", "region"], &["region=eu"]),
    ];
    for (more, said) in table {
        let output = add("bad", more);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && said.iter().all(|part| error.contains(part)),
            "{more:?}: {error}"
        );
    }
    let added = add("shop", &["--server", "1", "--server-variable", "region=eu", "--call-timeout", "5"]);
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    succeed(at, &["sources", "refresh", "shop"]);
    std::fs::write(at.join("ping.ts"), "return await tools.shop.ping()").unwrap();
    succeed(at, &["run", "ping.ts", "--wait"]);
    assert_eq!(called.lock().unwrap().as_slice(), ["/eu/live/ping"]);

    let shown: Value = serde_json::from_str(&succeed(at, &["sources", "show", "shop"])).unwrap();
    assert_eq!(
        (&shown["server"], &shown["serverVariables"]),
        (&json!("/{region}/{stage}"), &json!({ "region": "eu" }))
    );
    assert_eq!((shown["servers"].as_array().unwrap().len(), &shown["callTimeoutMs"]), (2, &json!(5_000)));
    let skipped = shown["skipped"].as_array().unwrap();
    let named: Vec<_> = skipped.iter().map(|one| one["operation"].as_str().unwrap()).collect();
    assert_eq!(named, ["webhook restocked", "callback shipped of POST /orders"]);
    assert!(skipped.iter().all(|one| one["reason"] == "It is called by the API, not by us."), "{skipped:?}");
}
