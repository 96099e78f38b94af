//! How arguments are written into a request.

use executor_core::ErrorCode;
use serde_json::{Value, json};

use crate::support::{plan, tool};

fn parameter(place: &str, more: Value) -> Value {
    let mut parameter = json!({"name": "p", "in": place, "required": place == "path", "schema": {}});
    parameter.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    parameter
}

fn planned(
    place: &str,
    more: Value,
    value: &Value,
) -> Result<executor_sources::Plan, executor_core::ToolError> {
    let path = if place == "path" { "/a/{p}/b" } else { "/a" };
    let tool = tool(path, "get", json!({"parameters": [parameter(place, more)], "responses": {}}));
    plan(&tool, json!({ "p": value }))
}

#[test]
fn queries_are_written_by_style() {
    let list = json!(["a b", "c,d", 1]);
    let object = json!({"x": "1&2", "y": true});
    let table = [
        (json!({}), json!("a b&c=d/é+#"), "p=a%20b%26c%3Dd%2F%C3%A9%2B%23"),
        (json!({}), json!(1.5), "p=1.5"),
        (json!({}), json!(""), "p="),
        (json!({}), json!(null), ""),
        (json!({}), list.clone(), "p=a%20b&p=c%2Cd&p=1"),
        (json!({"explode": false}), list.clone(), "p=a%20b,c%2Cd,1"),
        (json!({"style": "spaceDelimited"}), list.clone(), "p=a%20b%20c%2Cd%201"),
        (json!({"style": "pipeDelimited"}), list, "p=a%20b%7Cc%2Cd%7C1"),
        (json!({}), object.clone(), "x=1%262&y=true"),
        (json!({"explode": false}), object.clone(), "p=x,1%262,y,true"),
        (json!({"style": "deepObject"}), object.clone(), "p%5Bx%5D=1%262&p%5By%5D=true"),
        (
            json!({"style": "deepObject"}),
            json!({"a": {"b": [1, 2]}}),
            "p%5Ba%5D%5Bb%5D%5B%5D=1&p%5Ba%5D%5Bb%5D%5B%5D=2",
        ),
        (
            json!({"content": {"application/json": {}}}),
            object,
            "p=%7B%22x%22%3A%221%262%22%2C%22y%22%3Atrue%7D",
        ),
        (json!({"allowReserved": true}), json!("a/b:c&d=e#f"), "p=a/b:c%26d%3De%23f"),
        (json!({}), json!([]), ""),
    ];
    for (more, value, expected) in table {
        let plan = planned("query", more.clone(), &value).unwrap();
        assert_eq!(plan.url.query().unwrap_or_default(), expected, "{more} {value}");
        assert_eq!(plan.url.path(), "/v1/a");
    }
}

#[test]
fn a_path_argument_never_changes_the_route() {
    let table = [
        (json!("plain"), "plain"),
        (json!("a/b"), "a%2Fb"),
        (json!("../x"), "..%2Fx"),
        (json!("%2e%2e"), "%252e%252e"),
        (json!("a?b#c"), "a%3Fb%23c"),
        (json!("a\\b"), "a%5Cb"),
        (json!("..."), "..."),
        (json!("\r\n\t x"), "%0D%0A%09%20x"),
        (json!(7), "7"),
        (json!(["a", "b/c"]), "a,b%2Fc"),
        (json!({"k": "v"}), "k,v"),
    ];
    for (value, expected) in table {
        let plan = planned("path", json!({}), &value).unwrap();
        assert_eq!(plan.url.as_str(), format!("https://api.test/v1/a/{expected}/b"));
        assert_eq!(plan.route, "GET /a/{p}/b");
        assert_eq!(plan.origin(), "https://api.test");
    }
    for value in [json!(""), json!("."), json!(".."), json!(null), json!([]), json!([".."])] {
        let error = planned("path", json!({}), &value).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArguments, "{value}");
    }
}

#[test]
fn labels_and_matrices_are_written_as_rfc_6570_has_them() {
    let (list, object) = (json!(["red", "b/g"]), json!({"R": 100, "G": 200}));
    let table = [
        ("label", false, json!("blue"), ".blue"),
        ("label", false, list.clone(), ".red,b%2Fg"),
        ("label", true, list.clone(), ".red.b%2Fg"),
        ("label", false, object.clone(), ".R,100,G,200"),
        ("label", true, object.clone(), ".R=100.G=200"),
        ("matrix", false, json!("blue"), ";p=blue"),
        ("matrix", false, list.clone(), ";p=red,b%2Fg"),
        ("matrix", true, list, ";p=red;p=b%2Fg"),
        ("matrix", false, object.clone(), ";p=R,100,G,200"),
        ("matrix", true, object, ";R=100;G=200"),
    ];
    for (style, explode, value, expected) in table {
        let plan = planned("path", json!({"style": style, "explode": explode}), &value).unwrap();
        assert_eq!(plan.url.path(), format!("/v1/a/{expected}/b"), "{style} {explode} {value}");
    }
    for value in [json!(""), json!("."), json!(["", ""]), json!([])] {
        let planned = planned("path", json!({"style": "label", "explode": true}), &value);
        assert_eq!(planned.unwrap_err().code, ErrorCode::InvalidArguments, "{value}");
    }
}

#[test]
fn dots_cannot_be_put_together_from_several_arguments() {
    let tool = tool("/a/{x}{y}/b", "get", json!({"responses": {}}));
    assert!(plan(&tool, json!({"x": ".", "y": "."})).is_err());
    let tool = self::tool("/a/.{x}/b", "get", json!({"responses": {}}));
    assert!(plan(&tool, json!({"x": "."})).is_err());
    assert_eq!(plan(&tool, json!({"x": "git"})).unwrap().url.path(), "/v1/a/.git/b");
}

#[test]
fn headers_and_cookies_cannot_break_out() {
    let header = |value: Value| planned("header", json!({"name": "X-P"}), &value);
    let tool = tool(
        "/a",
        "get",
        json!({"parameters": [
        {"name": "X-List", "in": "header", "schema": {}}, {"name": "session", "in": "cookie", "schema": {}},
        {"name": "Authorization", "in": "header", "schema": {}}, {"name": "Host", "in": "header", "schema": {}},
    ], "responses": {"200": {"description": "", "content": {"application/vnd.x+json": {}}}}}),
    );
    let plan = plan(&tool, json!({"X-List": ["a", "b"], "session": "x; y=z", "Host": "evil"})).unwrap();
    let expected =
        [("accept", "application/vnd.x+json"), ("x-list", "a,b"), ("cookie", "session=x%3B%20y%3Dz")];
    assert_eq!(plan.headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(header(json!("fine")).is_ok());
    for bad in ["a\r\nX: y", "a\nb", "a\0b"] {
        let error = crate::support::plan(&tool, json!({"X-List": bad})).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArguments);
    }
}

#[test]
fn the_digest_sees_each_part() {
    let tool = tool(
        "/a",
        "post",
        json!({"requestBody": {"content": {"application/json": {"schema": {}}}}, "responses": {},
        "parameters": [{"name": "q", "in": "query", "schema": {}}]}),
    );
    let digest = |arguments| plan(&tool, arguments).unwrap().digest();
    let base = digest(json!({"q": 1, "body": 2}));
    assert_eq!(base, digest(json!({"body": 2, "q": 1})));
    assert_ne!(base, digest(json!({"q": 1, "body": 3})));
    assert_ne!(base, digest(json!({"q": 2, "body": 2})));
    assert_ne!(base, digest(json!({"q": 1})));
}

proptest::proptest! {
    #[test]
    fn any_argument_fills_one_segment_or_is_refused(value in ".*") {
        if let Ok(plan) = planned("path", json!({}), &json!(value)) {
            let segments: Vec<_> = plan.url.path_segments().unwrap().collect();
            proptest::prop_assert_eq!(segments.len(), 4);
            proptest::prop_assert_eq!((segments[0], segments[1], segments[3]), ("v1", "a", "b"));
            proptest::prop_assert_eq!(plan.url.query(), None);
            proptest::prop_assert_eq!(plan.url.fragment(), None);
        }
    }
}
