//! Connections: add, look, rotate, remove. Secrets go straight to the vault and never come back.

use std::collections::BTreeMap;

use executor_core::{AuditAction, ConnectionId, ErrorCode, Failure, Scope, SourceId};
use executor_store::{Connection, Source};
use secrecy::SecretString;

use super::Workspace;
use crate::failure::StoreResult;
use crate::injection::secret_scope;
use crate::view::{AuthenticationMethod, ConnectionOwner, ConnectionView, NewConnection};

impl Workspace {
    /// The connections that the caller may use (scope `read`).
    pub async fn connections(&self) -> Result<Vec<ConnectionView>, Failure> {
        self.principal.require(Scope::Read)?;
        let snapshot = self.snapshot().await?;
        let usable =
            |connection: &&Connection| connection.account.is_none_or(|own| own == self.principal.account);
        let view = |connection: &Connection| {
            let source = snapshot.source_by_id(connection.source)?;
            Some(view(connection, source))
        };
        Ok(snapshot.connections.iter().filter(usable).filter_map(view).collect())
    }

    /// Adds a connection (scope `manage`; scope `run` for one of the caller's own account).
    pub async fn add_connection(&self, wanted: NewConnection) -> Result<ConnectionView, Failure> {
        self.require_for(wanted.owner == ConnectionOwner::Account)?;
        let source = self.find_source(&wanted.source).await?;
        let methods: Vec<AuthenticationMethod> = source.methods.read().unwrap_or_default();
        let method = choose_method(&source, &methods, wanted.method.as_deref())?;
        let name = wanted.name.unwrap_or_else(|| "default".to_owned());
        let mut connection = self.new_connection(source.id, name, wanted.owner, wanted.provider)?;
        connection.method = method.map(|method| method.name.clone());
        self.give_secret(&mut connection, method, &wanted.values, wanted.reference)?;
        let shown = view(&connection, &source);
        let audit = self.audit(AuditAction::ConnectionAdded).on(connection.id).with(&shown);
        match self.engine.store.add_connection(connection, audit).await {
            Err(executor_store::Error::NameTaken) => Err(Failure::new(
                ErrorCode::NameTaken,
                format!("There is a connection `{}` to `{}` already.", shown.name, source.name),
            )
            .with_hint("Choose another name, or replace its secret with `executor connections rotate`.")),
            stored => {
                stored.shown()?;
                self.engine.directory.changed();
                Ok(shown)
            }
        }
    }

    /// A connection without a secret, by no method.
    pub(super) fn new_connection(
        &self,
        source: SourceId,
        name: String,
        owner: ConnectionOwner,
        provider: Option<String>,
    ) -> Result<Connection, Failure> {
        let now = self.engine.clock.now();
        Ok(Connection {
            id: ConnectionId::new(self.engine.ids.as_ref(), now),
            organization: self.principal.organization,
            workspace: (owner != ConnectionOwner::Organization).then_some(self.id),
            account: (owner == ConnectionOwner::Account).then_some(self.principal.account),
            source,
            name: check_name(name)?,
            method: None,
            provider: provider.unwrap_or_else(|| "managed".to_owned()),
            reference: None,
            secret: None,
            created_at: now,
            rotated_at: None,
        })
    }

    /// Seals the values, or notes where another provider finds them.
    pub(super) fn give_secret(
        &self,
        connection: &mut Connection,
        method: Option<&AuthenticationMethod>,
        values: &BTreeMap<String, SecretString>,
        reference: Option<String>,
    ) -> Result<(), Failure> {
        if connection.provider == "managed" {
            check_values(method, values)?;
            connection.secret = Some(self.seal(connection, values)?);
        } else {
            connection.reference = Some(self.references(&connection.provider, method, reference)?);
        }
        Ok(())
    }

    /// Replaces a connection's secret (as for adding one of the same owner).
    pub async fn rotate_connection(
        &self,
        connection: ConnectionId,
        values: BTreeMap<String, SecretString>,
    ) -> Result<ConnectionView, Failure> {
        let (connection, source) = self.own_connection(connection).await?;
        if connection.provider != "managed" {
            let message =
                format!("The secret of `{}` is kept by `{}`.", connection.name, connection.provider);
            return Err(Failure::new(ErrorCode::InvalidRequest, message).with_hint("Replace it there."));
        }
        let methods: Vec<AuthenticationMethod> = source.methods.read().unwrap_or_default();
        check_values(choose_method(&source, &methods, connection.method.as_deref())?, &values)?;
        let secret = self.seal(&connection, &values)?;
        let now = self.engine.clock.now();
        let (organization, id) = (self.principal.organization, connection.id);
        let shown = view(&connection, &source);
        let audit = self.audit(AuditAction::ConnectionRotated).on(id).with(&shown);
        self.engine.store.replace_secret(organization, id, secret, now, audit).await.shown()?;
        self.engine.directory.changed();
        Ok(shown)
    }

    /// Removes a connection (as for adding one of the same owner).
    pub async fn remove_connection(&self, connection: ConnectionId) -> Result<(), Failure> {
        let (connection, source) = self.own_connection(connection).await?;
        let (organization, id) = (self.principal.organization, connection.id);
        let audit = self.audit(AuditAction::ConnectionRemoved).on(id).with(&view(&connection, &source));
        self.engine.store.remove_connection(organization, id, audit).await.shown()?;
        self.engine.directory.changed();
        Ok(())
    }

    /// A connection that the caller may change, with its source.
    async fn own_connection(&self, id: ConnectionId) -> Result<(Connection, Source), Failure> {
        let snapshot = self.snapshot().await?;
        let visible = |found: &&Connection| {
            found.id == id && found.account.is_none_or(|own| own == self.principal.account)
        };
        let found = snapshot.connections.iter().find(visible);
        let found = found.and_then(|found| Some((found, snapshot.source_by_id(found.source)?)));
        let Some((connection, source)) = found else {
            return Err(Failure::new(
                ErrorCode::NotFound,
                format!("There is no connection {id} in this workspace."),
            ));
        };
        self.require_for(connection.account.is_some())?;
        Ok((connection.clone(), source.clone()))
    }

    fn seal(
        &self,
        connection: &Connection,
        values: &BTreeMap<String, SecretString>,
    ) -> Result<String, Failure> {
        let sealed = self.engine.vault.seal(values, &secret_scope(connection));
        let sealed = sealed.map_err(|error| Failure::new(ErrorCode::InvalidRequest, format!("{error}.")))?;
        let texts: BTreeMap<&String, String> =
            sealed.iter().map(|(field, secret)| (field, secret.to_string())).collect();
        serde_json::to_string(&texts).map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))
    }

    /// Where another provider finds each value: one reference for the only value, or a JSON object of them.
    fn references(
        &self,
        provider: &str,
        method: Option<&AuthenticationMethod>,
        reference: Option<String>,
    ) -> Result<String, Failure> {
        if !self.engine.vault.providers().any(|known| known == provider) {
            let known: Vec<_> = self.engine.vault.providers().collect();
            let message =
                format!("There is no credential provider `{provider}`; there is {}.", known.join(", "));
            return Err(Failure::new(ErrorCode::InvalidRequest, message));
        }
        let Some(reference) = reference else {
            let message = format!("The provider `{provider}` wants a `reference`.");
            return Err(Failure::new(ErrorCode::InvalidRequest, message));
        };
        if serde_json::from_str::<BTreeMap<String, String>>(&reference).is_ok() {
            return Ok(reference);
        }
        let field = match wanted_values(method).as_slice() {
            [only] => only.clone(),
            several => {
                let message =
                    format!("Give `reference` as JSON with a reference each for {}.", several.join(", "));
                return Err(Failure::new(ErrorCode::InvalidRequest, message));
            }
        };
        serde_json::to_string(&BTreeMap::from([(field, reference)]))
            .map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))
    }
}

fn choose_method<'a>(
    source: &Source,
    methods: &'a [AuthenticationMethod],
    wanted: Option<&str>,
) -> Result<Option<&'a AuthenticationMethod>, Failure> {
    let Some(wanted) = wanted else { return Ok(methods.first()) };
    methods.iter().find(|method| method.name == wanted).map(Some).ok_or_else(|| {
        let known: Vec<_> = methods.iter().map(|method| method.name.as_str()).collect();
        let message = format!("`{}` has no method `{wanted}`; it has {}.", source.name, known.join(", "));
        Failure::new(ErrorCode::InvalidRequest, message)
    })
}

/// The names of the values that a method wants.
fn wanted_values(method: Option<&AuthenticationMethod>) -> Vec<String> {
    use executor_core::tool::Placement;
    match method.map(|method| method.slots.as_slice()) {
        None | Some([]) => vec!["token".to_owned()],
        Some([slot]) if slot.placement == Placement::Basic => {
            vec!["username".to_owned(), "password".to_owned()]
        }
        Some([_]) => vec!["token".to_owned()],
        Some(several) => several.iter().map(|slot| slot.name.clone()).collect(),
    }
}

fn check_values(
    method: Option<&AuthenticationMethod>,
    values: &BTreeMap<String, SecretString>,
) -> Result<(), Failure> {
    let mut wanted = wanted_values(method);
    let by_slot = method.and_then(|method| method.slots.first()).map(|slot| slot.name.clone());
    if wanted.len() == 1 && by_slot.is_some_and(|slot| values.len() == 1 && values.contains_key(&slot)) {
        return Ok(());
    }
    wanted.retain(|name| !values.contains_key(name));
    if wanted.is_empty() {
        return Ok(());
    }
    let message = format!("`values` lacks {}.", wanted.join(" and "));
    Err(Failure::new(ErrorCode::InvalidRequest, message))
}

fn check_name(name: String) -> Result<String, Failure> {
    let fits = !name.is_empty()
        && name.len() <= 64
        && name
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.'));
    if fits {
        return Ok(name);
    }
    Err(Failure::new(ErrorCode::InvalidRequest, format!("`{name}` cannot be the name of a connection."))
        .with_hint("Use letters, digits, `-`, `_` and `.`, as in `work`."))
}

pub(super) fn view(connection: &Connection, source: &Source) -> ConnectionView {
    ConnectionView {
        id: connection.id,
        source: source.id,
        source_name: source.name.clone(),
        name: connection.name.clone(),
        owner: match (connection.account, connection.workspace) {
            (Some(_), _) => ConnectionOwner::Account,
            (None, Some(_)) => ConnectionOwner::Workspace,
            (None, None) => ConnectionOwner::Organization,
        },
        method: connection.method.clone(),
        provider: connection.provider.clone(),
        created_at: connection.created_at,
    }
}
