//! Ways to sign in.

use executor_core::tool::{CredentialSlot, Placement};

use super::reference::References;
use crate::document::Node;
use crate::import::Method;

/// The security schemes of a document.
pub(super) struct Security<'d> {
    schemes: Vec<(&'d str, &'d str, Placement)>,
    /// What holds where an operation says nothing.
    default: Vec<Vec<CredentialSlot>>,
}

impl<'d> Security<'d> {
    pub(super) fn read(references: &References<'d>, root: Node<'d>) -> Self {
        let declared = root.get("components").and_then(|components| components.get("securitySchemes"));
        let schemes = declared.into_iter().flat_map(Node::members).filter_map(|(name, node)| {
            let scheme = references.follow(node).ok()?;
            Some((name, scheme.text("description").unwrap_or_default(), placement(scheme)?))
        });
        let mut schemes: Vec<_> = schemes.collect();
        if declared.is_none_or(|declared| declared.members().len() == 0) {
            schemes.push((
                "token",
                "The document names no way to sign in; this sends a bearer token.",
                Placement::Bearer,
            ));
        }
        let mut security = Self { schemes, default: Vec::new() };
        security.default = match root.get("security").filter(|list| list.is_list()) {
            Some(list) => security.sets(list),
            // The document says what there is and not where it is wanted: whoever can sign in does.
            None => security.each_alone().chain([Vec::new()]).collect(),
        };
        security
    }

    /// The credentials that an operation wants: any one of the sets.
    pub(super) fn of(&self, operation: Node<'d>) -> Vec<Vec<CredentialSlot>> {
        match operation.get("security").filter(|list| list.is_list()) {
            Some(list) => self.sets(list),
            None => self.default.clone(),
        }
    }

    /// The ways to sign in: those that hold for the whole document, then each scheme that is not among them.
    pub(super) fn methods(&self) -> Vec<Method> {
        let mut methods: Vec<Method> = Vec::new();
        for slots in self.default.iter().cloned().chain(self.each_alone()).filter(|slots| !slots.is_empty()) {
            let name = slots.iter().map(|slot| slot.name.as_str()).collect::<Vec<_>>().join("+");
            if methods.iter().any(|method| method.name == name) {
                continue;
            }
            let about =
                slots.iter().filter_map(|slot| self.schemes.iter().find(|scheme| scheme.0 == slot.name));
            let description =
                about.map(|scheme| scheme.1).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
            methods.push(Method { name, description, slots });
        }
        methods
    }

    fn each_alone(&self) -> impl Iterator<Item = Vec<CredentialSlot>> {
        self.schemes.iter().map(|(name, _, placement)| {
            vec![CredentialSlot { name: (*name).to_owned(), placement: placement.clone() }]
        })
    }

    /// The sets of a list, without those that want something that cannot be given.
    fn sets(&self, list: Node<'d>) -> Vec<Vec<CredentialSlot>> {
        let slot = |name: &str| {
            let scheme = self.schemes.iter().find(|scheme| scheme.0 == name)?;
            Some(CredentialSlot { name: name.to_owned(), placement: scheme.2.clone() })
        };
        let mut sets: Vec<Vec<CredentialSlot>> = Vec::new();
        for set in list.items() {
            let slots: Option<Vec<_>> = set.members().map(|(name, _)| slot(name)).collect();
            if let Some(slots) = slots.filter(|slots| !sets.contains(slots)) {
                sets.push(slots);
            }
        }
        sets
    }
}

fn placement(scheme: Node<'_>) -> Option<Placement> {
    match scheme.text("type")? {
        "oauth2" | "openIdConnect" => Some(Placement::Bearer),
        "http" => match scheme.text("scheme")?.to_ascii_lowercase().as_str() {
            "bearer" => Some(Placement::Bearer),
            "basic" => Some(Placement::Basic),
            _ => None,
        },
        "apiKey" => {
            let name = scheme.text("name")?.to_owned();
            match scheme.text("in")? {
                "header" => Some(Placement::Header(name)),
                "query" => Some(Placement::Query(name)),
                "cookie" => Some(Placement::Cookie(name)),
                _ => None,
            }
        }
        _ => None,
    }
}
