//! GraphQL types as JSON Schemas.

use apollo_compiler::ast::{DirectiveList, InputValueDefinition, Type, Value as Literal};
use apollo_compiler::collections::IndexSet;
use apollo_compiler::executable::{Selection, SelectionSet};
use apollo_compiler::schema::{EnumType, ExtendedType, InputObjectType, ScalarType};
use apollo_compiler::{Name, Node};
use executor_core::Json;
use executor_core::tool::SharedSchema;
use serde_json::{Map, Value, json};

use super::api::Api;
use crate::openapi::text;

/// The most bytes that the values of an enum may add to its description.
const MAX_VALUES_TEXT: usize = 4 * 1024;

/// Makes schemas. Enums, input objects and scalars that the API defines are shared: each is written once, under its own
/// name.
pub(super) struct Types<'a> {
    api: &'a Api,
    shared: IndexSet<Name>,
}

impl<'a> Types<'a> {
    pub(super) fn new(api: &'a Api) -> Self {
        Self { api, shared: IndexSet::default() }
    }

    /// The shared schemas that have been referred to, and those that they refer to, sorted by name.
    pub(super) fn finish(mut self) -> Vec<SharedSchema> {
        let mut schemas = Vec::new();
        while let Some(name) = self.shared.get_index(schemas.len()).cloned() {
            let schema = match self.api.definition(&name) {
                Some(ExtendedType::Enum(definition)) => enumeration(definition),
                Some(ExtendedType::InputObject(object)) => self.input_object(object),
                Some(ExtendedType::Scalar(scalar)) => self::scalar(scalar),
                _ => json!({}),
            };
            schemas.push(SharedSchema { name: name.to_string(), schema: Json::from(&schema) });
        }
        schemas.sort_by(|one, other| one.name.cmp(&other.name));
        schemas
    }

    /// The schema of an argument, or of a field of an input object.
    pub(super) fn input(&mut self, input: &InputValueDefinition) -> Value {
        let mut schema = self.input_type(&input.ty);
        if let Value::Object(members) = &mut schema {
            describe(members, input.description.as_deref(), &input.directives);
            if let Some(default) = input.default_value.as_ref().and_then(|value| literal(value)) {
                members.insert("default".to_owned(), default);
            }
        }
        schema
    }

    fn input_type(&mut self, ty: &Type) -> Value {
        self.wrapped(ty, &mut |types, name| match name.as_str() {
            "ID" => json!({"type": ["string", "integer"]}),
            _ => types.leaf(name),
        })
    }

    fn input_object(&mut self, object: &InputObjectType) -> Value {
        let is_one_of = object.directives.has("oneOf");
        let mut properties = Map::new();
        for field in object.fields.values() {
            // Exactly one of them is given, and that one is not null.
            let ty = if is_one_of { field.ty.as_ref().clone().non_null() } else { field.ty.as_ref().clone() };
            let field = InputValueDefinition { ty: ty.into(), ..field.node.as_ref().clone() };
            properties.insert(field.name.to_string(), self.input(&field));
        }
        let required: Vec<_> = object
            .fields
            .values()
            .filter(|field| field.is_required())
            .map(|field| field.name.as_str())
            .collect();
        let mut schema = json!({"type": "object", "properties": properties});
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema["additionalProperties"] = json!(false);
        if is_one_of {
            (schema["minProperties"], schema["maxProperties"]) = (json!(1), json!(1));
        }
        if let Value::Object(members) = &mut schema {
            describe(members, object.description.as_deref(), &DirectiveList::new());
        }
        schema
    }

    /// The schema of a value of which that is asked.
    pub(super) fn output(&mut self, ty: &Type, selection: Option<&SelectionSet>) -> Value {
        self.wrapped(ty, &mut |types, name| match selection {
            Some(selection) => types.selected(selection),
            None if name == "ID" => json!({"type": "string"}),
            None => types.leaf(name),
        })
    }

    fn selected(&mut self, selection: &SelectionSet) -> Value {
        let mut common = (Map::new(), Vec::new());
        let mut kinds = Vec::new();
        for part in &selection.selections {
            match part {
                Selection::Field(_) => self.field(part, &mut common),
                Selection::InlineFragment(fragment) => {
                    let mut own = common.clone();
                    if let Some(kind) = &fragment.type_condition {
                        own.0.insert("__typename".to_owned(), json!({ "const": kind.as_str() }));
                    }
                    fragment.selection_set.selections.iter().for_each(|part| self.field(part, &mut own));
                    kinds.push((fragment.type_condition.clone(), object(own)));
                }
                Selection::FragmentSpread(_) => {}
            }
        }
        if kinds.is_empty() {
            return object(common);
        }
        let possible = self.api.possible_types(&selection.ty);
        let is_covered =
            possible.iter().all(|kind| kinds.iter().any(|(known, _)| known.as_ref() == Some(kind)));
        let others = (!is_covered).then(|| object(common));
        let all: Vec<_> = kinds.into_iter().map(|(_, schema)| schema).chain(others).collect();
        json!({ "anyOf": all })
    }

    fn field(&mut self, part: &Selection, into: &mut (Map<String, Value>, Vec<String>)) {
        let Selection::Field(field) = part else { return };
        let within = Some(&field.selection_set).filter(|within| !within.is_empty());
        let mut schema = self.output(&field.definition.ty, within);
        if let Value::Object(members) = &mut schema {
            describe(members, field.definition.description.as_deref(), &DirectiveList::new());
        }
        let key = field.response_key().to_string();
        if field.definition.ty.is_non_null() {
            into.1.push(key.clone());
        }
        into.0.insert(key, schema);
    }

    fn wrapped(&mut self, ty: &Type, inner: &mut dyn FnMut(&mut Self, &Name) -> Value) -> Value {
        match ty {
            Type::NonNullNamed(name) => inner(self, name),
            Type::Named(name) => nullable(inner(self, name)),
            Type::NonNullList(item) => json!({"type": "array", "items": self.wrapped(item, inner)}),
            Type::List(item) => nullable(json!({"type": "array", "items": self.wrapped(item, inner)})),
        }
    }

    fn leaf(&mut self, name: &Name) -> Value {
        match name.as_str() {
            "String" | "ID" => json!({"type": "string"}),
            "Int" => json!({"type": "integer"}),
            "Float" => json!({"type": "number"}),
            "Boolean" => json!({"type": "boolean"}),
            _ => {
                self.shared.insert(name.clone());
                json!({"$ref": format!("#/$defs/{name}")})
            }
        }
    }
}

fn object((properties, required): (Map<String, Value>, Vec<String>)) -> Value {
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// The schema, or null.
fn nullable(mut schema: Value) -> Value {
    match schema.get_mut("type") {
        Some(Value::Array(types)) => types.push(json!("null")),
        Some(one) => *one = json!([one.take(), "null"]),
        None => return json!({"anyOf": [schema, {"type": "null"}]}),
    }
    schema
}

fn describe(schema: &mut Map<String, Value>, description: Option<&str>, directives: &DirectiveList) {
    let deprecation = deprecation(directives);
    let parts =
        [description.map(text::bounded), deprecation.as_deref().map(|why| format!("Deprecated: {why}"))];
    let text = parts.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n");
    if !text.is_empty() {
        schema.insert("description".to_owned(), Value::from(text));
    }
    if deprecation.is_some() {
        schema.insert("deprecated".to_owned(), Value::from(true));
    }
}

/// Why something is to be used no more, if it is.
pub(super) fn deprecation(directives: &DirectiveList) -> Option<String> {
    let directive = directives.get("deprecated")?;
    let reason = directive.specified_argument_by_name("reason").and_then(|reason| reason.as_str());
    Some(text::bounded(reason.unwrap_or("No longer supported")))
}

fn enumeration(definition: &EnumType) -> Value {
    let mut description = definition.description.as_deref().map(text::bounded).unwrap_or_default();
    let most = description.len() + MAX_VALUES_TEXT;
    for value in definition.values.values() {
        let Some(about) = &value.description else { continue };
        let line =
            format!("\n- `{}`: {}", value.value, about.split_whitespace().collect::<Vec<_>>().join(" "));
        if description.len() + line.len() <= most {
            description.push_str(&line);
        }
    }
    let values: Vec<_> = definition.values.keys().map(Name::as_str).collect();
    let mut schema = json!({"type": "string", "enum": values});
    if !description.is_empty() {
        schema["description"] = json!(description.trim_start());
    }
    schema
}

/// What a scalar looks like is known to nobody but the API.
fn scalar(scalar: &ScalarType) -> Value {
    let specified = scalar
        .directives
        .get("specifiedBy")
        .and_then(|directive| directive.specified_argument_by_name("url"));
    let specified = specified.and_then(|url| url.as_str()).map(|url| format!("As specified by {url}"));
    let parts = [scalar.description.as_deref().map(text::bounded), specified];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    if text.is_empty() { json!({}) } else { json!({ "description": text }) }
}

/// A literal as JSON, if it has a form in it.
fn literal(value: &Literal) -> Option<Value> {
    Some(match value {
        Literal::Null => Value::Null,
        Literal::Enum(name) => Value::from(name.as_str()),
        Literal::Variable(_) => return None,
        Literal::String(text) => Value::from(text.as_str()),
        Literal::Float(number) => Value::from(number.try_to_f64().ok()?),
        Literal::Int(number) => serde_json::from_str(number.as_str()).ok()?,
        Literal::Boolean(flag) => Value::from(*flag),
        Literal::List(items) => Value::Array(items.iter().map(|item| literal(item)).collect::<Option<_>>()?),
        Literal::Object(members) => {
            let member = |(name, value): &(Name, Node<Literal>)| Some((name.to_string(), literal(value)?));
            Value::Object(members.iter().map(member).collect::<Option<_>>()?)
        }
    })
}
