//! What calls need of a schema: kept with the source as text, and as an [`Api`] for as long as it is used.

use std::sync::Arc;

use apollo_compiler::ast::{DirectiveList, DirectiveLocation, FieldDefinition, InputValueDefinition};
use apollo_compiler::collections::IndexMap;
use apollo_compiler::schema::{self, Component, ExtendedType};
use apollo_compiler::{Name, Node, Schema};
use executor_core::{Digest, Json};
use moka::sync::Cache;

use super::api::Api;

/// How much text the schemas that are kept may come to. In memory they take about twenty times as much.
const MAX_TEXT: u64 = 8 * 1024 * 1024;

/// The schema as it is kept: what documents are checked against, and nothing that only people read.
pub(super) fn write(api: &Api) -> String {
    let mut schema = Schema::clone(api.schema());
    let about = schema.schema_definition.make_mut();
    (about.description, about.directives) = (None, schema::DirectiveList::default());
    let is_for_documents = |location: &DirectiveLocation| {
        !matches!(
            location,
            DirectiveLocation::Schema
                | DirectiveLocation::Scalar
                | DirectiveLocation::Object
                | DirectiveLocation::FieldDefinition
                | DirectiveLocation::ArgumentDefinition
                | DirectiveLocation::Interface
                | DirectiveLocation::Union
                | DirectiveLocation::Enum
                | DirectiveLocation::EnumValue
                | DirectiveLocation::InputObject
                | DirectiveLocation::InputFieldDefinition
        )
    };
    schema.directive_definitions.retain(|_, directive| directive.locations.iter().any(is_for_documents));
    for directive in schema.directive_definitions.values_mut().filter(|directive| !directive.is_built_in()) {
        let directive = directive.make_mut();
        directive.description = None;
        directive.arguments.iter_mut().for_each(strip_input);
    }
    schema.types.values_mut().filter(|definition| !definition.is_built_in()).for_each(strip);
    schema.serialize().no_indent().to_string()
}

fn strip(definition: &mut ExtendedType) {
    let (description, directives) = match definition {
        ExtendedType::Scalar(scalar) => {
            let scalar = scalar.make_mut();
            (&mut scalar.description, &mut scalar.directives)
        }
        ExtendedType::Object(object) => {
            let object = object.make_mut();
            strip_fields(&mut object.fields);
            (&mut object.description, &mut object.directives)
        }
        ExtendedType::Interface(interface) => {
            let interface = interface.make_mut();
            strip_fields(&mut interface.fields);
            (&mut interface.description, &mut interface.directives)
        }
        ExtendedType::Union(union) => {
            let union = union.make_mut();
            (&mut union.description, &mut union.directives)
        }
        ExtendedType::Enum(definition) => {
            let definition = definition.make_mut();
            for value in definition.values.values_mut() {
                let value = value.make_mut();
                (value.description, value.directives) = (None, DirectiveList::new());
            }
            (&mut definition.description, &mut definition.directives)
        }
        ExtendedType::InputObject(object) => {
            let object = object.make_mut();
            object.fields.values_mut().for_each(|field| strip_input(&mut field.node));
            (&mut object.description, &mut object.directives)
        }
    };
    (*description, *directives) = (None, schema::DirectiveList::default());
}

fn strip_fields(fields: &mut IndexMap<Name, Component<FieldDefinition>>) {
    for field in fields.values_mut() {
        let field = field.make_mut();
        (field.description, field.directives) = (None, DirectiveList::new());
        field.arguments.iter_mut().for_each(strip_input);
    }
}

fn strip_input(input: &mut Node<InputValueDefinition>) {
    let input = input.make_mut();
    (input.description, input.directives) = (None, DirectiveList::new());
}

/// The schemas that were used last. Reading a large one takes too long to do it for each call.
pub(super) struct Schemas(Cache<Digest, (usize, Arc<Api>)>);

impl Schemas {
    pub(super) fn new() -> Self {
        let weigh = |_: &Digest, (text, _): &(usize, Arc<Api>)| u32::try_from(*text).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(MAX_TEXT).weigher(weigh).build())
    }

    /// The schema that was kept as that context. The error is a sentence.
    pub(super) fn read(&self, context: &Json) -> Result<Arc<Api>, String> {
        let digest = Digest::of(context.as_str().as_bytes());
        let parse = || {
            let sdl: String = context.read().map_err(|error| error.to_string())?;
            Ok((sdl.len(), Arc::new(Api::parse(&sdl)?)))
        };
        let read = self.0.try_get_with(digest, parse);
        read.map(|(_, api)| api)
            .map_err(|problem: Arc<String>| format!("The source's schema cannot be read: {problem}."))
    }
}
