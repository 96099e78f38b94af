//! What several tests need.

use std::sync::Arc;

use executor_core::tool::{SourceKind, Tool};
use executor_core::{Json, ToolError};
use executor_sources::{Call, Document, Import, ImportOptions, Kind, Plan};
use serde_json::{Value, json};

use crate::support::{arguments, body_bytes, kinds, options, path};

pub(crate) const ENDPOINT: &str = "https://api.test/graphql";

/// A small API with one of everything.
pub(crate) const SDL: &str = r#"
"A shop."
schema { query: Root, mutation: Changes, subscription: Events }

"An exact time."
scalar DateTime @specifiedBy(url: "https://time.test")
"How far it is."
enum State { "Not paid." OPEN PAID @deprecated(reason: "Use SETTLED.") SETTLED }
interface Named { name: String! }
type User implements Named { id: ID!, name: String!, email: String, age: Int, orders(first: Int): OrderPage, best: User, pay(to: String!): Int, old: String @deprecated }
type Robot implements Named { id: ID!, name: String!, email: Int, model: String! }
union Owner = User | Robot
type Order { id: ID!, state: State!, total: Float, owner: Owner, buyer: User!, at: DateTime }
type OrderEdge { cursor: String!, node: Order }
type PageInfo { hasNextPage: Boolean!, endCursor: String }
type OrderPage { edges: [OrderEdge!]!, pageInfo: PageInfo!, totalCount: Int! }
type OrderList { nodes: [Order]!, pageInfo: PageInfo! }
type Paid { order: Order, problems: [Problem!]! }
type Problem { message: String! }
type Wanting { of(id: ID!): Int }

input Filter { state: State = OPEN, and: [Filter!], since: DateTime, name: String! = "x", limit: Int! }
input By @oneOf { id: ID, name: String }

type Root {
  "One user. And more."
  user(id: ID!, "How." by: By): User
  me: User!
  named(name: String): Named
  owner: Owner!
  orders(filter: Filter!, first: Int = 10): OrderPage!
  list: OrderList
  version: String!
  states: [State!]
  search(select: String!, select_: Int): [User!]
  old: String @deprecated(reason: "Use version.")
  wanting: Wanting
  _: Int
}
type Changes { pay(id: ID!, filter: Filter): Paid!  user(id: ID!): User }
type Events { paid: Order }
"#;

pub(crate) fn graphql() -> Arc<dyn Kind> {
    kinds().get(SourceKind::Graphql).unwrap().clone()
}

pub(crate) fn import_of(text: &str) -> Import {
    let document = Document::read(text.as_bytes()).unwrap();
    let options = ImportOptions { base_url: Some(ENDPOINT), ..options() };
    graphql().import(&document, &options).unwrap()
}

/// The small API, imported.
pub(crate) struct Shop {
    pub(crate) kind: Arc<dyn Kind>,
    pub(crate) import: Import,
}

impl Shop {
    pub(crate) fn new() -> Self {
        Self::of(SDL)
    }

    pub(crate) fn of(text: &str) -> Self {
        Self { kind: graphql(), import: import_of(text) }
    }

    pub(crate) fn tool(&self, name: &str) -> &Tool {
        self.import.tools.iter().find(|tool| tool.name == name).unwrap()
    }

    pub(crate) fn input(&self, name: &str) -> Value {
        self.tool(name).input.read().unwrap()
    }

    pub(crate) fn output(&self, name: &str) -> Value {
        self.tool(name).output.as_ref().unwrap().read().unwrap()
    }

    pub(crate) fn shared(&self, name: &str) -> Value {
        self.import.schemas.iter().find(|schema| schema.name == name).unwrap().schema.read().unwrap()
    }

    pub(crate) fn plan(&self, name: &str, given: Value) -> Result<Plan, ToolError> {
        self.plan_with(name, given, self.import.context.as_ref())
    }

    pub(crate) fn plan_with(
        &self,
        name: &str,
        given: Value,
        context: Option<&Json>,
    ) -> Result<Plan, ToolError> {
        let (path, arguments) = (path(), arguments(given));
        let (operation, base_url) = (&self.tool(name).operation, self.import.base_url.as_str());
        self.kind.plan(&Call {
            path: &path,
            operation,
            base_url,
            context,
            arguments: &arguments,
            cursor: None,
        })
    }

    /// The document that a call sends.
    pub(crate) fn query(&self, name: &str, given: Value) -> String {
        body(&self.plan(name, given).unwrap())["query"].as_str().unwrap().to_owned()
    }

    /// Why a call is refused.
    pub(crate) fn refusal(&self, name: &str, given: Value) -> String {
        let error = self.plan(name, given).unwrap_err();
        assert_eq!(error.code, executor_core::ErrorCode::InvalidArguments, "{error:?}");
        error.message
    }

    /// Sends the query of each tool as a whole document, which is checked against the schema.
    pub(crate) fn check_every_query(&self) {
        for tool in self.import.tools.iter().filter(|tool| !tool.name.starts_with("raw")) {
            let schema: Value = tool.input.read().unwrap();
            let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
            let given =
                required.iter().map(|name| (name.as_str().unwrap().to_owned(), Value::Null)).collect();
            let query = self.query(&tool.name, Value::Object(given));
            let raw = if tool.name.starts_with("query.") { "rawQuery" } else { "rawMutation" };
            let plan = self.plan(raw, json!({ "query": query }));
            let plan = plan.unwrap_or_else(|error| panic!("{}: {}\n{query}", tool.name, error.message));
            assert_eq!(plan.also, [tool.name.as_str()]);
        }
    }
}

pub(crate) fn body(plan: &Plan) -> Value {
    serde_json::from_slice(&body_bytes(plan.body.as_ref().unwrap())).unwrap()
}
