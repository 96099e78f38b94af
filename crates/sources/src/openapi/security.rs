//! Ways to sign in.

use executor_core::tool::{CredentialSlot, Placement};

use super::dialect::Dialect;
use super::oauth;
use super::reference::References;
use crate::document::Node;
use crate::import::{Method, OAuth};

/// The security schemes of a document.
pub(super) struct Security<'d> {
    schemes: Vec<Scheme<'d>>,
    /// What holds where an operation says nothing.
    default: Vec<Vec<CredentialSlot>>,
}

struct Scheme<'d> {
    name: &'d str,
    description: &'d str,
    /// Where its credential goes, or why there is no such place.
    placement: Result<Placement, String>,
    oauth: Option<OAuth>,
}

impl<'d> Security<'d> {
    pub(super) fn read(references: &References<'d>, document_url: Option<&str>) -> Self {
        let root = references.root();
        let declared = match references.dialect() {
            Dialect::Swagger => root.get("securityDefinitions"),
            _ => root.get("components").and_then(|components| components.get("securitySchemes")),
        };
        let schemes = declared.into_iter().flat_map(Node::members).filter_map(|(name, node)| {
            let scheme = references.follow(node).ok()?;
            let description = scheme.text("description").unwrap_or_default();
            let oauth = oauth::read(references, scheme, document_url);
            Some(Scheme { name, description, placement: placement(scheme), oauth })
        });
        let mut schemes: Vec<_> = schemes.collect();
        if declared.is_none_or(|declared| declared.members().len() == 0) {
            schemes.push(Scheme {
                name: "token",
                description: "The document names no way to sign in; this sends a bearer token.",
                placement: Ok(Placement::Bearer),
                oauth: None,
            });
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

    /// The ways to sign in: those that hold for the whole document, then each scheme that is not among them, and in the
    /// end those that cannot be used.
    pub(super) fn methods(&self) -> Vec<Method> {
        let mut methods: Vec<Method> = Vec::new();
        for slots in self.default.iter().cloned().chain(self.each_alone()).filter(|slots| !slots.is_empty()) {
            let name = slots.iter().map(|slot| slot.name.as_str()).collect::<Vec<_>>().join("+");
            if methods.iter().any(|method| method.name == name) {
                continue;
            }
            let schemes = || slots.iter().filter_map(|slot| self.scheme(&slot.name));
            let about: Vec<_> =
                schemes().map(|scheme| scheme.description).filter(|text| !text.is_empty()).collect();
            let oauth = schemes().find_map(|scheme| scheme.oauth.clone());
            methods.push(Method { name, description: about.join("\n"), slots, oauth, unusable: None });
        }
        methods.extend(self.schemes.iter().filter_map(|scheme| {
            Some(Method {
                name: scheme.name.to_owned(),
                description: scheme.description.to_owned(),
                slots: Vec::new(),
                oauth: None,
                unusable: Some(scheme.placement.as_ref().err()?.clone()),
            })
        }));
        methods
    }

    fn scheme(&self, name: &str) -> Option<&Scheme<'d>> {
        self.schemes.iter().find(|scheme| scheme.name == name)
    }

    fn each_alone(&self) -> impl Iterator<Item = Vec<CredentialSlot>> {
        self.schemes.iter().filter_map(Scheme::slot).map(|slot| vec![slot])
    }

    /// The sets of a list, without those that want something that cannot be given.
    fn sets(&self, list: Node<'d>) -> Vec<Vec<CredentialSlot>> {
        let mut sets: Vec<Vec<CredentialSlot>> = Vec::new();
        for set in list.items() {
            let slots: Option<Vec<_>> = set.members().map(|(name, _)| self.scheme(name)?.slot()).collect();
            if let Some(slots) = slots.filter(|slots| !sets.contains(slots)) {
                sets.push(slots);
            }
        }
        sets
    }
}

impl Scheme<'_> {
    fn slot(&self) -> Option<CredentialSlot> {
        let placement = self.placement.as_ref().ok()?.clone();
        Some(CredentialSlot { name: self.name.to_owned(), placement })
    }
}

fn placement(scheme: Node<'_>) -> Result<Placement, String> {
    let text = |key: &str| scheme.text(key).unwrap_or_default();
    match text("type") {
        "oauth2" | "openIdConnect" => Ok(Placement::Bearer),
        "basic" => Ok(Placement::Basic),
        "http" => match text("scheme").to_ascii_lowercase().as_str() {
            "bearer" => Ok(Placement::Bearer),
            "basic" => Ok(Placement::Basic),
            other => Err(format!("The HTTP scheme `{other}` is not supported.")),
        },
        "apiKey" => {
            let name = scheme.text("name").ok_or("The document does not say what the key is called.")?;
            match text("in") {
                "header" => Ok(Placement::Header(name.to_owned())),
                "query" => Ok(Placement::Query(name.to_owned())),
                "cookie" => Ok(Placement::Cookie(name.to_owned())),
                place => Err(format!("A key cannot be sent in `{place}`.")),
            }
        }
        "mutualTLS" => Err("Certificates of clients are not supported.".to_owned()),
        other => Err(format!("The document says that it is `{other}`, which is not supported.")),
    }
}
