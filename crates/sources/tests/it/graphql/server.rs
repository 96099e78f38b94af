//! A server that tells its own schema as real ones do: it checks the question against what it knows, and answers.

use apollo_compiler::introspection;
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A schema that can be asked for.
pub(crate) struct Server(Valid<Schema>);

impl Server {
    pub(crate) fn new(sdl: &str) -> Self {
        let builder = Schema::builder().parse(sdl, "schema.graphql");
        // GitHub's own has two fields of one name.
        let schema = builder.parse("directive @oneOf on INPUT_OBJECT", "one_of.graphql").build();
        Self(Valid::assume_valid(schema.unwrap_or_else(|invalid| invalid.partial)))
    }

    /// The answer to a question.
    pub(crate) fn answer(&self, query: &str) -> Value {
        let schema = &self.0;
        let document = match ExecutableDocument::parse_and_validate(schema, query, "query") {
            Ok(document) => document,
            Err(invalid) => {
                let first = invalid.errors.iter().next().unwrap().to_json();
                return json!({"errors": [first]});
            }
        };
        let operation = document.operations.get(None).unwrap();
        let variables = coerce_variable_values(schema, operation, &Default::default()).unwrap();
        let implementers = schema.implementers_map();
        let answer = introspection::partial_execute(schema, &implementers, &document, operation, &variables);
        serde_json::to_value(answer.unwrap()).unwrap()
    }

    /// The answer to the usual question.
    pub(crate) fn introspect(&self) -> Value {
        const QUERY: &str = "{ __schema {
            description queryType { name } mutationType { name } subscriptionType { name }
            types { kind name description specifiedByURL
              fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...Input } type { ...Ref } isDeprecated deprecationReason }
              inputFields(includeDeprecated: true) { ...Input } interfaces { name } possibleTypes { name }
              enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } }
            directives { name description isRepeatable locations args { ...Input } } } }
          fragment Input on __InputValue { name description type { ...Ref } defaultValue isDeprecated deprecationReason }
          fragment Ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }";
        self.answer(QUERY)
    }
}

/// A request as it came.
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Asked {
    pub(crate) fn query(&self) -> &str {
        self.body["query"].as_str().unwrap_or_default()
    }
}

/// Serves on loopback what the function says; `None` is never answered.
pub(crate) async fn serve<F>(answer: F) -> String
where
    F: Fn(Asked) -> Option<(u16, &'static str, String)> + Clone + Send + Sync + 'static,
{
    let handler = async move |method: axum::http::Method, headers: HeaderMap, body: Bytes| -> Response {
        let body = serde_json::from_slice(&body).unwrap_or_default();
        match answer(Asked { method: method.to_string(), headers, body }) {
            Some((status, content_type, body)) => {
                let status = StatusCode::from_u16(status).unwrap();
                (status, [("content-type", content_type)], body).into_response()
            }
            None => std::future::pending().await,
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/graphql", listener.local_addr().unwrap());
    let router = Router::new().route("/graphql", any(handler));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

pub(crate) const JSON: &str = "application/json";
pub(crate) const GRAPHQL_JSON: &str = "application/graphql-response+json; charset=utf-8";
