//! Ways to sign in, and where the API is.

use executor_core::ErrorCode;
use executor_core::tool::{CredentialSlot, Placement};
use executor_sources::{Document, FlowKind, ImportOptions};
use serde_json::{Value, json};

use crate::support::{document, import, openapi, options, plan, try_import};

fn with(schemes: Value, security: Option<Value>, own: Option<Value>) -> executor_sources::Import {
    let mut operation = json!({"responses": {}});
    if let Some(own) = own {
        operation["security"] = own;
    }
    let mut document = document(json!({"/a": {"get": operation}}));
    document["components"] = json!({ "securitySchemes": schemes });
    if let Some(security) = security {
        document["security"] = security;
    }
    import(&document)
}

fn slot(name: &str, placement: Placement) -> CredentialSlot {
    CredentialSlot { name: name.to_owned(), placement }
}

#[test]
fn credentials_are_any_of_sets() {
    let schemes = json!({
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"}, "app": {"type": "apiKey", "in": "query", "name": "app"},
        "jar": {"type": "apiKey", "in": "cookie", "name": "sid"}, "basic": {"type": "http", "scheme": "Basic"},
        "oauth": {"type": "oauth2", "flows": {}}, "mtls": {"type": "mutualTLS"},
    });
    let import = with(
        schemes,
        Some(json!([{"oauth": []}])),
        Some(json!([{"key": [], "app": []}, {"mtls": []}, {"jar": []}, {"basic": []}, {"oauth": ["x"]}, {}])),
    );
    let plan = plan(&import.tools[0], json!({})).unwrap();
    let expected = vec![
        vec![
            slot("key", Placement::Header("X-Key".to_owned())),
            slot("app", Placement::Query("app".to_owned())),
        ],
        vec![slot("jar", Placement::Cookie("sid".to_owned()))],
        vec![slot("basic", Placement::Basic)],
        vec![slot("oauth", Placement::Bearer)],
        vec![],
    ];
    assert_eq!(plan.credentials, expected);
    let names: Vec<_> = import.methods.iter().map(|method| method.name.as_str()).collect();
    assert_eq!(names, ["oauth", "key", "app", "jar", "basic", "mtls"]);
}

#[test]
fn what_cannot_be_used_is_listed_with_its_reason() {
    let schemes = json!({
        "digest": {"type": "http", "scheme": "digest"}, "hoba": {"type": "http", "scheme": "HOBA"}, "mtls": {"type": "mutualTLS"},
        "nameless": {"type": "apiKey", "in": "header"}, "odd": {"type": "apiKey", "in": "body", "name": "x"}, "x": {"type": "saml"},
        "works": {"type": "http", "scheme": "bearer"},
    });
    let import = with(schemes, None, Some(json!([{"digest": []}, {"works": [], "mtls": []}, {"gone": []}])));
    let (usable, unusable): (Vec<_>, Vec<_>) =
        import.methods.iter().partition(|method| method.unusable.is_none());
    assert_eq!(usable.iter().map(|method| method.name.as_str()).collect::<Vec<_>>(), ["works"]);
    assert_eq!(import.methods[0].name, "works");
    assert_eq!(unusable.len(), 6);
    for method in unusable {
        assert!(method.slots.is_empty() && method.unusable.as_ref().unwrap().ends_with('.'), "{method:?}");
    }
    assert!(plan(&import.tools[0], json!({})).unwrap().credentials.is_empty());
}

#[test]
fn flows_say_where_tokens_come_from() {
    let mut document = document(json!({"/a": {"get": {"responses": {}}}}));
    document["components"] = json!({"securitySchemes": {
        "oauth": {"type": "oauth2", "flows": {
            "implicit": {"authorizationUrl": "/authorize", "scopes": {}},
            "clientCredentials": {"tokenUrl": "https://id.test/token", "scopes": {"read": "Reads.", "odd": 1}},
            "authorizationCode": {"authorizationUrl": "/authorize", "tokenUrl": "token", "refreshUrl": " ", "scopes": {"read": "Reads."}},
            "x-own": {}, "dance": {},
        }},
        "openid": {"type": "openIdConnect", "openIdConnectUrl": "/.well-known/openid-configuration"},
    }});
    let document = Document::read(document.to_string().as_bytes()).unwrap();
    let here = Some("https://docs.test/api/openapi.json");
    let import = openapi().import(&document, &ImportOptions { document_url: here, ..options() }).unwrap();
    let oauth = import.methods[0].oauth.as_ref().unwrap();
    let kinds: Vec<_> = oauth.flows.iter().map(|flow| flow.kind).collect();
    assert_eq!(kinds, [FlowKind::AuthorizationCode, FlowKind::ClientCredentials, FlowKind::Implicit]);
    let code = &oauth.flows[0];
    assert_eq!(code.authorization_url.as_deref(), Some("https://docs.test/authorize"));
    assert_eq!(code.token_url.as_deref(), Some("https://docs.test/api/token"));
    assert_eq!((code.refresh_url.as_deref(), code.scopes["read"].as_str()), (None, "Reads."));
    assert_eq!(oauth.flows[1].scopes["odd"], "");
    let openid = import.methods[1].oauth.as_ref().unwrap();
    let discovery = "https://docs.test/.well-known/openid-configuration";
    assert_eq!(openid.discovery_url.as_deref(), Some(discovery));
    assert!(import.methods.iter().all(|method| method.slots[0].placement == Placement::Bearer));
}

#[test]
fn an_operation_may_want_none_and_a_document_may_not_say() {
    let key = || json!({"key": {"type": "http", "scheme": "bearer"}});
    let bearer = |name| vec![slot(name, Placement::Bearer)];
    let credentials =
        |import: executor_sources::Import| plan(&import.tools[0], json!({})).unwrap().credentials;
    assert_eq!(credentials(with(key(), Some(json!([{"key": []}])), None)), [bearer("key")]);
    assert!(credentials(with(key(), Some(json!([{"key": []}])), Some(json!([])))).is_empty());
    assert_eq!(credentials(with(key(), None, None)), [bearer("key"), vec![]]);
    assert_eq!(credentials(with(json!({}), None, None)), [bearer("token"), vec![]]);
}

#[test]
fn the_base_url_comes_from_the_servers_or_is_given() {
    let base = |servers: Value, document_url: Option<&str>, base_url: Option<&str>| {
        let mut document = document(json!({"/a": {"get": {"responses": {}}}}));
        document["servers"] = servers;
        let document = Document::read(document.to_string().as_bytes()).unwrap();
        let options = ImportOptions { document_url, base_url, ..options() };
        openapi().import(&document, &options).map(|import| import.base_url)
    };
    let url = |text: &str| Ok(text.to_owned());
    assert_eq!(base(json!([{"url": "https://a.test/v1/"}]), None, None), url("https://a.test/v1"));
    let variables = json!([{"url": "https://{host}/{v}", "variables": {"host": {"default": "b.test"}, "v": {"default": 2}}}]);
    assert_eq!(base(variables, None, None), url("https://b.test/2"));
    assert_eq!(
        base(json!([{"url": "../v2"}]), Some("https://c.test/docs/openapi.json"), None),
        url("https://c.test/v2")
    );
    assert_eq!(base(json!([{"url": "/"}]), None, Some("http://d.test/x?y#z")), url("http://d.test/x"));
    for servers in [json!([]), json!([{"url": "/v1"}]), json!([{"url": "https://{host}/"}]), json!("x")] {
        assert_eq!(base(servers, None, None).unwrap_err().code, ErrorCode::BaseUrlRequired);
    }
    assert_eq!(base(json!([]), None, Some("ftp://x")).unwrap_err().code, ErrorCode::BaseUrlRequired);
}

#[test]
fn other_documents_are_told_apart() {
    for (document, code) in [
        (json!({"swagger": "1.2", "paths": {"/a": {"get": {}}}}), ErrorCode::DocumentUnsupported),
        (json!({"openapi": "4.0.0"}), ErrorCode::DocumentUnsupported),
        (json!({"hello": "world"}), ErrorCode::DocumentUnsupported),
        (json!({"openapi": "3.1.0", "paths": {}}), ErrorCode::NoOperations),
    ] {
        assert_eq!(try_import(&document).unwrap_err().code, code, "{document}");
    }
    let mut document = document(json!({"/a": {"get": {}}}));
    document["info"]["title"] = json!("GitHub v3 REST API");
    let detection = openapi().detect(&Document::read(document.to_string().as_bytes()).unwrap()).unwrap();
    assert_eq!((detection.suggested_name.as_str(), detection.operations), ("github", 1));
    assert_eq!(detection.base_url.as_deref(), Some("https://api.test/v1"));
}
