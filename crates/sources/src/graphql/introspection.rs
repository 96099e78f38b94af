//! What a server says of its own schema, as definitions.
//!
//! Parts that make no sense are left out one by one: a field whose type is cut off, a name that is none.

use apollo_compiler::ast::{
    self, Definition, Directive, DirectiveDefinition, DirectiveList, DirectiveLocation, EnumTypeDefinition,
    EnumValueDefinition, FieldDefinition, InputObjectTypeDefinition, InputValueDefinition,
    InterfaceTypeDefinition, ObjectTypeDefinition, OperationType, ScalarTypeDefinition, SchemaDefinition,
    Type, UnionTypeDefinition, Value,
};
use apollo_compiler::parser::Parser;
use apollo_compiler::{Name, Node, name};

use crate::document::{MAX_DEPTH, Node as Json};

/// The scalars that every schema has.
const BUILT_IN: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];

/// The schema in an introspection result, bare or as an answer has it.
pub(super) fn schema(root: Json<'_>) -> Option<Json<'_>> {
    let bare = root.get("__schema");
    bare.or_else(|| root.get("data")?.get("__schema")).filter(|schema| schema.get("types").is_some())
}

/// The definitions in an introspection result, if it is one.
pub(super) fn definitions(root: Json<'_>) -> Option<ast::Document> {
    let schema = schema(root)?;
    let mut document = ast::Document::new();
    document.definitions.push(roots(schema));
    document.definitions.extend(items(schema, "directives").filter_map(directive));
    document.definitions.extend(items(schema, "types").filter_map(definition));
    Some(document)
}

fn roots(schema: Json<'_>) -> Definition {
    let kinds = [
        (OperationType::Query, "queryType"),
        (OperationType::Mutation, "mutationType"),
        (OperationType::Subscription, "subscriptionType"),
    ];
    let root = |(kind, member): (OperationType, &str)| Some(Node::new((kind, name_of(schema.get(member)?)?)));
    Definition::from(SchemaDefinition {
        description: description(schema),
        directives: DirectiveList::new(),
        root_operations: kinds.into_iter().filter_map(root).collect(),
    })
}

fn definition(node: Json<'_>) -> Option<Definition> {
    let name = name_of(node).filter(|name| !name.starts_with("__"))?;
    let (description, directives) = (description(node), DirectiveList::new());
    let implements_interfaces = || items(node, "interfaces").filter_map(name_of).collect();
    Some(match node.text("kind")? {
        "SCALAR" if BUILT_IN.contains(&name.as_str()) => return None,
        "SCALAR" => {
            let url = node.text("specifiedByURL").or_else(|| node.text("specifiedByUrl"));
            let directives =
                url.map(|url| with(name!("specifiedBy"), name!("url"), url)).into_iter().collect();
            ScalarTypeDefinition { description, name, directives }.into()
        }
        "OBJECT" => ObjectTypeDefinition {
            description,
            name,
            implements_interfaces: implements_interfaces(),
            directives,
            fields: items(node, "fields").filter_map(field).collect(),
        }
        .into(),
        "INTERFACE" => InterfaceTypeDefinition {
            description,
            name,
            implements_interfaces: implements_interfaces(),
            directives,
            fields: items(node, "fields").filter_map(field).collect(),
        }
        .into(),
        "UNION" => {
            let members = items(node, "possibleTypes").filter_map(name_of).collect();
            UnionTypeDefinition { description, name, directives, members }.into()
        }
        "ENUM" => {
            let values = items(node, "enumValues").filter_map(value).collect();
            EnumTypeDefinition { description, name, directives, values }.into()
        }
        "INPUT_OBJECT" => {
            let is_one_of = node.flag("isOneOf");
            let directives = is_one_of.then(|| Directive::new(name!("oneOf"))).into_iter().collect();
            let fields = items(node, "inputFields").filter_map(input).collect();
            InputObjectTypeDefinition { description, name, directives, fields }.into()
        }
        _ => return None,
    })
}

fn directive(node: Json<'_>) -> Option<Definition> {
    let locations = items(node, "locations").filter_map(|location| location_named(location.as_str()?));
    Some(Definition::from(DirectiveDefinition {
        description: description(node),
        name: name_of(node)?,
        arguments: items(node, "args").filter_map(input).collect(),
        repeatable: node.flag("isRepeatable"),
        locations: locations.collect(),
    }))
}

/// The places in a document that asks for something: no others are of any use here.
fn location_named(text: &str) -> Option<DirectiveLocation> {
    Some(match text {
        "QUERY" => DirectiveLocation::Query,
        "MUTATION" => DirectiveLocation::Mutation,
        "SUBSCRIPTION" => DirectiveLocation::Subscription,
        "FIELD" => DirectiveLocation::Field,
        "FRAGMENT_DEFINITION" => DirectiveLocation::FragmentDefinition,
        "FRAGMENT_SPREAD" => DirectiveLocation::FragmentSpread,
        "INLINE_FRAGMENT" => DirectiveLocation::InlineFragment,
        "VARIABLE_DEFINITION" => DirectiveLocation::VariableDefinition,
        _ => return None,
    })
}

fn field(node: Json<'_>) -> Option<Node<FieldDefinition>> {
    Some(Node::new(FieldDefinition {
        description: description(node),
        name: name_of(node)?,
        arguments: items(node, "args").filter_map(input).collect(),
        ty: type_reference(node.get("type")?)?,
        directives: deprecation(node),
    }))
}

fn input(node: Json<'_>) -> Option<Node<InputValueDefinition>> {
    Some(Node::new(InputValueDefinition {
        description: description(node),
        name: name_of(node)?,
        ty: Node::new(type_reference(node.get("type")?)?),
        default_value: node.text("defaultValue").and_then(literal),
        directives: deprecation(node),
    }))
}

fn value(node: Json<'_>) -> Option<Node<EnumValueDefinition>> {
    let (description, directives) = (description(node), deprecation(node));
    Some(Node::new(EnumValueDefinition { description, value: name_of(node)?, directives }))
}

/// A document is nested no deeper than is safe, and so is what is read from it.
fn type_reference(node: Json<'_>) -> Option<Type> {
    match node.text("kind")? {
        "NON_NULL" => Some(type_reference(node.get("ofType")?)?.non_null()),
        "LIST" => Some(type_reference(node.get("ofType")?)?.list()),
        _ => Some(Type::Named(name_of(node)?)),
    }
}

/// A value that is written in GraphQL. One that cannot be read is taken for none.
fn literal(text: &str) -> Option<Node<Value>> {
    let parsed = Parser::new().recursion_limit(MAX_DEPTH).parse_ast(format!("{{f(a:{text}\n)}}"), "").ok()?;
    let [Definition::OperationDefinition(operation)] = parsed.definitions.as_slice() else { return None };
    let [ast::Selection::Field(field)] = operation.selection_set.as_slice() else { return None };
    let [argument] = field.arguments.as_slice() else { return None };
    Some(argument.value.clone())
}

fn deprecation(node: Json<'_>) -> DirectiveList {
    let reason = node.text("deprecationReason").unwrap_or("No longer supported");
    let directive = || with(name!("deprecated"), name!("reason"), reason);
    node.flag("isDeprecated").then(directive).into_iter().collect()
}

fn with(name: Name, argument: Name, value: &str) -> Directive {
    Directive { name, arguments: vec![(argument, value).into()] }
}

fn description(node: Json<'_>) -> Option<Node<str>> {
    node.text("description").filter(|text| !text.trim().is_empty()).map(Node::new_str)
}

fn name_of(node: Json<'_>) -> Option<Name> {
    Name::new(node.text("name")?).ok()
}

fn items<'d>(node: Json<'d>, member: &str) -> impl Iterator<Item = Json<'d>> + use<'d> {
    node.get(member).into_iter().flat_map(Json::items)
}
