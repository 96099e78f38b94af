//! A schema with what is asked of it: its root fields by the names of their tools, and the types behind its abstract ones.

use std::collections::HashMap;

use apollo_compiler::ast::{self, FieldDefinition, OperationType, Type};
use apollo_compiler::parser::Parser;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Node, Schema};

use super::introspection;
use super::operation::Kind;
use crate::document::{Document, MAX_DEPTH};
use crate::openapi::naming::{segment, shorten, unique};

/// A schema that is ready to be worked with.
///
/// Schemas of others break a rule here and there, GitHub's own among them, and their servers answer all the same. So
/// nothing is refused that can be made sense of; what cannot is left out, and a root field that needs it becomes no tool.
pub(super) struct Api {
    schema: Valid<Schema>,
    tools: Vec<Root>,
    skipped: Vec<(String, String)>,
    possible: HashMap<Name, Vec<Name>>,
}

/// A root field that is a tool.
pub(super) struct Root {
    /// Query or mutation.
    pub(super) kind: Kind,
    /// The root type that has the field.
    pub(super) parent: Name,
    /// The field.
    pub(super) field: Node<FieldDefinition>,
    /// The tool's name.
    pub(super) name: String,
}

impl Api {
    /// What a document describes, if it is a GraphQL schema.
    pub(super) fn of(document: &Document) -> Option<Self> {
        match document.sdl() {
            Some(definitions) => Some(Self::from(definitions)),
            None => Some(Self::from(&introspection::definitions(document.root())?)),
        }
    }

    /// What a schema in GraphQL SDL describes.
    pub(super) fn parse(sdl: &str) -> Result<Self, String> {
        let parsed = Parser::new().recursion_limit(MAX_DEPTH).parse_ast(sdl, "schema.graphql");
        let definitions = parsed.map_err(|invalid| {
            let first = invalid.errors.iter().next().map(|first| first.error.to_string());
            first.unwrap_or_default()
        })?;
        Ok(Self::from(&definitions))
    }

    fn new(schema: Schema) -> Self {
        let mut possible: HashMap<Name, Vec<Name>> = HashMap::new();
        for (name, definition) in &schema.types {
            match definition {
                ExtendedType::Object(object) => {
                    for interface in &object.implements_interfaces {
                        possible.entry(interface.name.clone()).or_default().push(name.clone());
                    }
                }
                ExtendedType::Union(union) => {
                    let members = union.members.iter().map(|member| member.name.clone());
                    possible.entry(name.clone()).or_default().extend(members);
                }
                _ => {}
            }
        }
        let mut api = Self { schema: Valid::assume_valid(schema), tools: vec![], skipped: vec![], possible };
        api.find_roots();
        api
    }

    /// The schema.
    pub(super) fn schema(&self) -> &Valid<Schema> {
        &self.schema
    }

    /// The root fields that are tools.
    pub(super) fn tools(&self) -> &[Root] {
        &self.tools
    }

    /// The root fields that are not, and why.
    pub(super) fn skipped(&self) -> &[(String, String)] {
        &self.skipped
    }

    /// A root field, if it is a tool.
    pub(super) fn tool(&self, kind: Kind, field: &str) -> Option<&Root> {
        self.tools.iter().find(|root| root.kind == kind && root.field.name == *field)
    }

    /// Whether there are operations of that kind.
    pub(super) fn has(&self, kind: Kind) -> bool {
        self.tools.iter().any(|root| root.kind == kind)
    }

    /// The definition of a type.
    pub(super) fn definition(&self, name: &str) -> Option<&ExtendedType> {
        self.schema.types.get(name)
    }

    /// The object types that a value of an interface or union may be.
    pub(super) fn possible_types(&self, name: &str) -> &[Name] {
        self.possible.get(name).map_or(&[], Vec::as_slice)
    }

    /// The kinds of operation whose root type is that type, or a value of that interface.
    pub(super) fn roots_behind(&self, name: &Name) -> impl Iterator<Item = Kind> {
        let is_behind = move |kind: &Kind| {
            self.schema.root_operation((*kind).into()).is_some_and(|root| {
                root == name
                    || self
                        .schema
                        .get_object(root)
                        .is_some_and(|root| root.implements_interfaces.contains(name))
            })
        };
        [Kind::Query, Kind::Mutation].into_iter().filter(is_behind)
    }

    fn find_roots(&mut self) {
        let mut named = Vec::new();
        let mut kept = Vec::new();
        for kind in [Kind::Query, Kind::Mutation] {
            let (parent, fields) = self.root_fields(kind.into());
            for field in fields {
                match self.name(kind, &field) {
                    // The field comes first, so that both of one name stay together when they are compared.
                    Ok(name) => {
                        named.push((name, format!("{} {}", field.name, kind.as_str())));
                        kept.push((kind, parent.clone(), field));
                    }
                    Err(reason) => {
                        self.skipped.push((format!("{} {}", kind.as_str(), field.name), reason));
                    }
                }
            }
        }
        let tools = kept.into_iter().zip(unique(&named));
        self.tools = tools.map(|((kind, parent, field), name)| Root { kind, parent, field, name }).collect();
        let (_, subscriptions) = self.root_fields(OperationType::Subscription);
        let reason = "A subscription sends one answer after another; a call of a tool has one.";
        let skipped = subscriptions.iter().map(|field| format!("subscription {}", field.name));
        self.skipped.extend(skipped.map(|field| (field, reason.to_owned())));
    }

    /// The root type of a kind of operation, and its fields.
    fn root_fields(&self, kind: OperationType) -> (Name, Vec<Node<FieldDefinition>>) {
        let object = self.schema.root_operation(kind).and_then(|name| self.schema.get_object(name));
        let Some(object) = object else { return (kind.default_type_name(), Vec::new()) };
        let fields = object.fields.values().filter(|field| !field.name.starts_with("__"));
        (object.name.clone(), fields.map(|field| field.node.clone()).collect())
    }

    /// The name that a root field's tool would have; the error is why it cannot be one.
    fn name(&self, kind: Kind, field: &FieldDefinition) -> Result<String, String> {
        self.check(&field.ty, ExtendedType::is_output_type)?;
        field
            .arguments
            .iter()
            .try_for_each(|argument| self.check(&argument.ty, ExtendedType::is_input_type))?;
        let segment = segment(&field.name).ok_or("Its name has no letter and no digit.")?;
        Ok(shorten(format!("{}.{segment}", kind.as_str())))
    }

    fn check(&self, ty: &Type, is_usable: fn(&ExtendedType) -> bool) -> Result<(), String> {
        let name = ty.inner_named_type();
        match self.definition(name) {
            Some(definition) if is_usable(definition) => Ok(()),
            Some(_) => Err(format!("Its type `{name}` cannot be used there.")),
            None => Err(format!("Its type `{name}` is not in the schema.")),
        }
    }
}

impl From<&ast::Document> for Api {
    fn from(definitions: &ast::Document) -> Self {
        let builder = Schema::builder().adopt_orphan_extensions().ignore_builtin_redefinitions();
        let schema = builder.add_ast(definitions).build();
        Self::new(schema.unwrap_or_else(|invalid| invalid.partial))
    }
}
