//! The judge itself: it lets the right request pass, and each wrong one is found out.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::judge;
use crate::mock::Arrived;
use crate::operations;
use crate::parameters::Given;

/// Names with values.
type Headers<'a> = &'a [(&'a str, &'a str)];

const JSON: &str = "application/json";

fn verdict(document: &Value, arguments: &Value, target: &str, headers: Headers<'_>, body: &str) -> String {
    let operations = operations::all(document);
    let arguments: Map<String, Value> = arguments.as_object().unwrap().clone();
    let places = [
        ("id", "path `id`"),
        ("name", "path `name`"),
        ("tags", "query `tags`"),
        ("q", "query `q`"),
        ("deep", "query `deep`"),
        ("x", "header `X-Trace`"),
    ];
    let places: BTreeMap<String, String> =
        places.into_iter().map(|(argument, place)| (argument.to_owned(), place.to_owned())).collect();
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let (method, target) = target.split_once(' ').unwrap();
    let body = body.as_bytes().to_vec();
    let arrived = Arrived { method: method.to_owned(), target: target.to_owned(), headers, body };
    let given = Given { arguments: &arguments, places: &places };
    match judge(&operations[0], "/base", &arrived, &given) {
        Ok(Ok(())) => "right".to_owned(),
        Ok(Err(reason)) | Err(reason) => reason,
    }
}

#[test]
fn wrong_requests_are_found_out() {
    let parameter = |name: &str, place: &str, more: Value| {
        let mut parameter = json!({"name": name, "in": place, "schema": {}});
        parameter.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        parameter
    };
    let thing = json!({"type": "object", "required": ["n", "id"], "properties": {
        "n": {"type": "integer"}, "id": {"readOnly": true}, "m": {"type": "string", "nullable": true}}});
    let document = json!({"openapi": "3.0.3", "components": {"schemas": {"Thing": thing}}, "paths": {"/a/{id}": {"post": {
        "parameters": [
            parameter("id", "path", json!({"required": true})),
            parameter("tags", "query", json!({"explode": false, "required": true})),
            parameter("q", "query", json!({})),
            parameter("deep", "query", json!({"style": "deepObject"})),
            parameter("X-Trace", "header", json!({})),
        ],
        "requestBody": {"required": true, "content": {JSON: {"schema": {"$ref": "#/components/schemas/Thing"}}}},
    }}}});
    let given = json!({"id": "x/y z", "tags": ["a,b", "c"], "q": "1&2", "deep": {"k": true}, "x": "t"});
    let head: Headers<'_> = &[("content-type", JSON), ("x-trace", "t")];
    let path = "POST /base/a/x%2Fy%20z";
    let query = "tags=a%2Cb,c&q=1%262&deep%5Bk%5D=true";
    let whole = format!("{path}?{query}");
    let of = |target: &str, headers, body| verdict(&document, &given, target, headers, body);
    assert_eq!(of(&whole, head, r#"{"n":1,"m":null}"#), "right");
    let table: &[(String, Headers<'_>, &str, &str)] = &[
        (whole.replace("POST", "PUT"), head, "{\"n\":1}", "The method is"),
        (whole.replace("%2F", "/"), head, "{\"n\":1}", "The path is"),
        (whole.replace("/base", "/else"), head, "{\"n\":1}", "leaves the base URL"),
        (whole.replace("%20z", "%20w"), head, "{\"n\":1}", "The path is"),
        (whole.replace("%2C", ","), head, "{\"n\":1}", "`tags` reads back"),
        (whole.replace("%26", "&"), head, "{\"n\":1}", "`q` reads back"),
        (whole.replace("=true", "=false"), head, "{\"n\":1}", "`deep` reads back"),
        (format!("{whole}&more=1"), head, "{\"n\":1}", "`more` is not accounted for"),
        (whole.clone(), &head[..1], "{\"n\":1}", "`X-Trace` is not sent"),
        (
            whole.clone(),
            &[("content-type", "text/plain"), ("x-trace", "t")],
            "{\"n\":1}",
            "The body is `text/plain`",
        ),
        (whole.clone(), head, "{\"n\":\"1\"}", "(type)"),
        (whole.clone(), head, "{}", "(required)"),
        (whole.clone(), head, "{", "is not JSON"),
        (whole.clone(), &[("x-trace", "t")], "", "The body is required"),
    ];
    for (target, headers, body, expected) in table {
        let reason = of(target, headers, body);
        assert!(reason.contains(expected), "{target} {body}: {reason}");
    }
    let without = verdict(&document, &json!({"id": "x/y z", "x": "t"}), path, head, "{\"n\":1}");
    assert_eq!(without, "The query lacks `tags`.");
}

#[test]
fn discovery_is_judged_by_its_own_rules() {
    let parameters = json!({"name": {"location": "path", "required": true}, "tags": {"location": "query", "repeated": true}});
    let properties =
        json!({"n": {"type": "string", "required": true}, "any": {"type": "any"}, "next": {"$ref": "Thing"}});
    let media = json!({"protocols": {"simple": {"path": "/upload/v1/{+name}"}}});
    let document = json!({"kind": "discovery#restDescription", "schemas": {"Thing": {"type": "object", "properties": properties}},
        "methods": {"m": {"httpMethod": "POST", "path": "v1/{+name}:go", "parameters": parameters,
            "request": {"$ref": "Thing"}, "mediaUpload": media}}});
    let given = json!({"name": "projects/p q", "tags": ["a", "b"]});
    let head: Headers<'_> = &[("content-type", JSON)];
    let of = |target: &str, body| verdict(&document, &given, target, head, body);
    let path = "POST /base/v1/projects/p%20q:go";
    assert_eq!(of(&format!("{path}?tags=a&tags=b"), r#"{"n":"x","any":1,"next":{"n":"y"}}"#), "right");
    assert!(of(&format!("{path}?tags=a,b"), r#"{"n":"x"}"#).contains("`tags` reads back"));
    assert!(of("POST /base/v1/projects%2Fp%20q:go?tags=a&tags=b", "{}").contains("The path is"));
    assert!(of(&format!("{path}?tags=a&tags=b"), r#"{"n":"x","next":{}}"#).contains("(required)"));

    let given = json!({"name": "p", "media": {"text": "hello"}});
    let related: Headers<'_> = &[("content-type", "multipart/related; boundary=b")];
    let body = "--b\r\nContent-Type: application/json\r\n\r\n{\"n\":\"x\"}\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n";
    let of = |target: &str, body: &str| verdict(&document, &given, target, related, body);
    assert_eq!(of("POST /upload/v1/p?uploadType=multipart", body), "right");
    assert!(of("POST /base/v1/p:go?uploadType=multipart", body).contains("The path is"));
    assert!(of("POST /upload/v1/p", body).contains("lacks `uploadType`"));
    assert!(
        of("POST /upload/v1/p?uploadType=multipart", &body.replace("hello", "other")).contains("another one")
    );
    assert!(
        of("POST /upload/v1/p?uploadType=multipart", &body.replace("\"n\"", "\"m\"")).contains("(required)")
    );
}
