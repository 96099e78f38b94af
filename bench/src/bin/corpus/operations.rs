//! What a document offers, found by a walk over the raw JSON that shares nothing with the import.

use std::borrow::Cow;

use serde_json::Value;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The languages of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Discovery,
    Swagger,
    OpenApi30,
    OpenApi31,
}

/// One operation as its document writes it.
#[derive(Debug, Clone)]
pub(crate) struct Operation<'d> {
    pub(crate) dialect: Dialect,
    pub(crate) document: &'d Value,
    /// In upper case.
    pub(crate) method: String,
    pub(crate) path: &'d str,
    /// What all operations of the path have in common.
    pub(crate) item: Option<&'d Value>,
    pub(crate) node: &'d Value,
}

/// The language of a document.
pub(crate) fn dialect(document: &Value) -> Option<Dialect> {
    let text = |key: &str| document.get(key).and_then(Value::as_str).unwrap_or_default();
    if text("kind") == "discovery#restDescription" {
        Some(Dialect::Discovery)
    } else if text("swagger").starts_with('2') {
        Some(Dialect::Swagger)
    } else if text("openapi").starts_with("3.0") {
        Some(Dialect::OpenApi30)
    } else {
        text("openapi").starts_with("3.").then_some(Dialect::OpenApi31)
    }
}

/// Every operation of a document.
pub(crate) fn all(document: &Value) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    match dialect(document) {
        Some(Dialect::Discovery) => below(document, document, &mut operations),
        Some(dialect) => {
            let paths = document.get("paths").and_then(Value::as_object);
            for (path, item) in paths.into_iter().flatten().filter(|(path, _)| !path.starts_with("x-")) {
                let item = follow(document, item);
                for method in METHODS {
                    if let Some(node) = item.get(method).filter(|node| node.is_object()) {
                        let method = method.to_ascii_uppercase();
                        operations.push(Operation {
                            dialect,
                            document,
                            method,
                            path,
                            item: Some(item),
                            node,
                        });
                    }
                }
            }
        }
        None => {}
    }
    operations
}

fn below<'d>(document: &'d Value, owner: &'d Value, operations: &mut Vec<Operation<'d>>) {
    let members = |key: &str| owner.get(key).and_then(Value::as_object).into_iter().flatten();
    for (_, node) in members("methods") {
        let text = |key: &str| node.get(key).and_then(Value::as_str).unwrap_or_default();
        operations.push(Operation {
            dialect: Dialect::Discovery,
            document,
            method: text("httpMethod").to_owned(),
            path: text("path"),
            item: None,
            node,
        });
    }
    for (_, resource) in members("resources") {
        below(document, resource, operations);
    }
}

/// The node, or what its reference leads to in the end.
pub(crate) fn follow<'d>(document: &'d Value, node: &'d Value) -> &'d Value {
    let mut node = node;
    for _ in 0..16 {
        let Some(target) = node.get("$ref").and_then(Value::as_str).and_then(|to| target(document, to))
        else {
            break;
        };
        node = target;
    }
    node
}

/// What a reference leads to: a place in the document, or one of Discovery's schemas by its name.
pub(crate) fn target<'d>(document: &'d Value, reference: &str) -> Option<&'d Value> {
    match reference.strip_prefix('#') {
        Some(pointer) => {
            let decoded = percent_encoding::percent_decode_str(pointer)
                .decode_utf8()
                .map_or(pointer.into(), Cow::into_owned);
            document.pointer(&decoded).or_else(|| document.pointer(pointer))
        }
        None => {
            document.get("schemas").filter(|_| dialect(document) == Some(Dialect::Discovery))?.get(reference)
        }
    }
}

impl<'d> Operation<'d> {
    /// Whether a tool with this route, `GET /pets/{id}`, and of this name can be it.
    pub(crate) fn is(&self, route: &str, name: &str) -> bool {
        if self.dialect != Dialect::Discovery {
            return route.split_once(' ') == Some((self.method.as_str(), self.path));
        }
        let id = self.node.get("id").and_then(Value::as_str).unwrap_or_default();
        let service = self.document.get("name").and_then(Value::as_str).unwrap_or_default();
        let own = id.strip_prefix(service).and_then(|own| own.strip_prefix('.')).unwrap_or(id);
        let fold = |text: &str| text.to_ascii_lowercase().replace(['_', '-'], "");
        fold(own) == fold(name)
    }

    /// The parameters that it declares, each once; its own come before those of its path.
    pub(crate) fn parameters(&self) -> Vec<Cow<'d, Value>> {
        if self.dialect == Dialect::Discovery {
            let of =
                |node: &'d Value| node.get("parameters").and_then(Value::as_object).into_iter().flatten();
            let is_own = |name: &str| self.node.get("parameters").is_some_and(|own| own.get(name).is_some());
            let common = of(self.document).filter(|(name, _)| !is_own(name));
            let all = of(self.node).chain(common).map(|(name, node)| {
                let mut node = node.clone();
                node["name"] = Value::from(name.as_str());
                node["in"] = node.get("location").cloned().unwrap_or_default();
                Cow::Owned(node)
            });
            return all.collect();
        }
        let owners = [Some(self.node), self.item].into_iter().flatten();
        let lists = owners.filter_map(|owner| owner.get("parameters")?.as_array());
        let mut all: Vec<&'d Value> = Vec::new();
        for parameter in lists.flatten().map(|parameter| follow(self.document, parameter)) {
            let same = |other: &&Value| {
                other.get("name") == parameter.get("name") && other.get("in") == parameter.get("in")
            };
            if !all.iter().any(same) {
                all.push(parameter);
            }
        }
        all.into_iter().map(Cow::Borrowed).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn operations_are_found_wherever_they_stand() {
        let openapi = json!({"openapi": "3.0.1", "x": {"get": {}}, "paths": {
            "/a": {"get": {}, "summary": "", "x-y": {}}, "/b": {"$ref": "#/x"}, "x-c": {"get": {}},
        }});
        let routes = |document: &Value| -> Vec<String> {
            all(document).iter().map(|one| format!("{} {}", one.method, one.path)).collect()
        };
        assert_eq!(routes(&openapi), ["GET /a", "GET /b"]);
        let method = |path: &str| json!({"id": "s.x", "httpMethod": "GET", "path": path});
        let discovery = json!({"kind": "discovery#restDescription", "methods": {"x": method("a")},
            "resources": {"r": {"methods": {"x": method("b")}, "resources": {"s": {"methods": {"x": method("c")}}}}}});
        assert_eq!(routes(&discovery), ["GET a", "GET b", "GET c"]);
    }
}
