//! What a workspace sees, in memory: its sources, connections, rules, toolkits and limits; and who is told what happens
//! in it.
//!
//! Read on the path of every call, so it is kept as one snapshot a workspace and read again when something changes. In
//! this process a change is known at once. Where several processes share a database, a snapshot also ages: what another
//! process changed counts here within [`MOST_AGE_MS`].

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use executor_core::limits::WorkspaceLimits;
use executor_core::path::fold;
use executor_core::policy::RuleSet;
use executor_core::toolkit::Toolkit;
use executor_core::{
    AccountId, Clock, KeyId, OrganizationId, Principal, Role, Scope, SourceId, Timestamp, ToolPath,
    ToolPattern, WorkspaceId,
};
use executor_store::{Authority, Connection, Engine, Error, Source, Store, StoredRule, Webhook, Workspace};

use crate::aliases;
use crate::gate;

/// How old a snapshot may be where another process can change what it shows.
const MOST_AGE_MS: u64 = 1_000;

/// What a workspace sees.
pub(crate) struct Snapshot {
    pub(crate) workspace: WorkspaceId,
    pub(crate) sources: Vec<Source>,
    pub(crate) connections: Vec<Connection>,
    pub(crate) rules: Vec<StoredRule>,
    pub(crate) toolkits: Vec<Toolkit>,
    pub(crate) limits: WorkspaceLimits,
    /// The marks of tools whose calls carry what is not for everybody.
    pub(crate) sensitive_marks: Vec<ToolPattern>,
    /// These tools, by all paths that lead to them.
    pub(crate) sensitive_tools: Vec<ToolPattern>,
    /// The rules, ready to be asked.
    pub(crate) rule_set: Arc<RuleSet>,
    generation: u64,
    read_at: Timestamp,
}

impl Snapshot {
    /// A source by its name, in any spelling. The workspace's own comes before its organization's.
    pub(crate) fn source(&self, name: &str) -> Option<&Source> {
        let folded = fold(name);
        let mut named = self.sources.iter().filter(|source| fold(&source.name) == folded);
        let first = named.next()?;
        Some(
            named
                .find(|other| other.workspace.is_some())
                .filter(|_| first.workspace.is_none())
                .unwrap_or(first),
        )
    }

    pub(crate) fn source_by_id(&self, id: SourceId) -> Option<&Source> {
        self.sources.iter().find(|source| source.id == id)
    }

    pub(crate) fn toolkit(&self, slug: &str) -> Option<&Toolkit> {
        self.toolkits.iter().find(|toolkit| toolkit.slug == slug)
    }

    /// Whether the toolkit that the caller came through, if any, has the tool today. One that is no more has none.
    pub(crate) fn admits(&self, caller: &Principal, path: &ToolPath) -> bool {
        let in_toolkit = |slug: &String| self.toolkit(slug).is_some_and(|toolkit| toolkit.admits(path));
        caller.toolkit.as_ref().is_none_or(in_toolkit)
    }

    /// Whether code names a tool, as far as its text tells, whose calls carry what is not for everybody. What it puts
    /// together as it runs is seen when it calls.
    pub(crate) fn names_sensitive(&self, code: &str) -> bool {
        !self.sensitive_tools.is_empty() && {
            let folded = fold(code);
            let names = |pattern: &ToolPattern| {
                fold(pattern.as_str()).split(['.', '*']).all(|part| folded.contains(part))
            };
            self.sensitive_tools.iter().any(names)
        }
    }

    /// Whether a call of this path, in any spelling, carries what is not for everybody.
    pub(crate) fn is_sensitive(&self, path: &str) -> bool {
        !self.sensitive_tools.is_empty() && {
            let folded = fold(path);
            self.sensitive_tools.iter().any(|pattern| pattern.matches_folded(&folded))
        }
    }

    /// The sources of which the caller may see a tool.
    pub(crate) fn sources_for(&self, caller: &Principal) -> impl Iterator<Item = &Source> {
        let toolkit = caller.toolkit.as_ref().map(|slug| self.toolkit(slug));
        self.sources.iter().filter(move |source| match toolkit {
            None => true,
            Some(toolkit) => toolkit.is_some_and(|toolkit| toolkit.reaches(&source.name)),
        })
    }

    /// The connections to a source that the caller may use: those of others are not, nor those that the toolkit which it
    /// came through leaves out.
    pub(crate) fn connections_to(
        &self,
        source: SourceId,
        caller: &Principal,
    ) -> impl Iterator<Item = &Connection> {
        let toolkit = caller.toolkit.as_ref().map(|slug| self.toolkit(slug));
        let in_toolkit = move |connection: &&Connection| match toolkit {
            None => true,
            Some(toolkit) => {
                toolkit.is_some_and(|toolkit| toolkit.admits_connection(&gate::bound(connection)))
            }
        };
        let account = caller.account;
        self.connections
            .iter()
            .filter(move |connection| connection.source == source)
            .filter(move |connection| connection.account.is_none_or(|owner| owner == account))
            .filter(in_toolkit)
    }
}

/// Snapshots by workspace, and today's rights by account and key.
pub(crate) struct Directory {
    store: Store,
    clock: Arc<dyn Clock>,
    /// Whether an account that is alone in its organization may loosen the tools' defaults for itself.
    account_rules_loosen: bool,
    generation: AtomicU64,
    snapshots: Mutex<HashMap<WorkspaceId, Arc<Snapshot>>>,
    rights: Mutex<HashMap<Holder, Rights>>,
    workspaces: Mutex<HashMap<OrganizationId, List<Workspace>>>,
    /// Apart from the snapshots, as a task without calls needs nothing else when it ends.
    webhooks: Mutex<HashMap<WorkspaceId, List<Webhook>>>,
}

/// The workspaces of an organization, or the webhooks of a workspace.
struct List<T> {
    all: Arc<[T]>,
    generation: u64,
    read_at: Timestamp,
}

/// An account, perhaps with the key that it came with.
type Holder = (OrganizationId, AccountId, Option<KeyId>);

/// What an account, perhaps with a key, may do today.
#[derive(Clone)]
struct Rights {
    principal: Option<Principal>,
    generation: u64,
    read_at: Timestamp,
}

impl Directory {
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>, account_rules_loosen: bool) -> Self {
        Self {
            store,
            clock,
            account_rules_loosen,
            generation: AtomicU64::new(0),
            snapshots: Mutex::default(),
            rights: Mutex::default(),
            workspaces: Mutex::default(),
            webhooks: Mutex::default(),
        }
    }

    /// Everything that was read counts no more.
    pub(crate) fn changed(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// What a workspace sees.
    pub(crate) async fn snapshot(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
    ) -> Result<Arc<Snapshot>, Error> {
        let known = lock(&self.snapshots).get(&workspace).cloned();
        if let Some(known) = &known
            && self.counts(known.generation, known.read_at)
        {
            return Ok(known.clone());
        }
        let (generation, read_at) = (self.generation.load(Ordering::SeqCst), self.clock.now());
        let rules = self.store.rules(organization, workspace).await?;
        let loosening = self.account_rules_loosen && self.store.members(organization).await?.len() == 1;
        // What was made of the same rules is good for them again: their conditions stay read.
        let unchanged = |known: &&Arc<Snapshot>| {
            known.rules == rules && known.rule_set.account_rules_loosen() == loosening
        };
        let rule_set = known.as_ref().filter(unchanged).map_or_else(
            || Arc::new(rule_set(&rules).with_loosening_account_rules(loosening)),
            |known| known.rule_set.clone(),
        );
        let sources = self.store.sources(organization, workspace).await?;
        let sensitive_marks = self.store.sensitive_tools(organization, workspace).await?;
        let mut sensitive_tools = sensitive_marks.clone();
        sensitive_tools.extend(aliases::sensitive(&self.store, &sources, &sensitive_marks, read_at).await?);
        let snapshot = Arc::new(Snapshot {
            workspace,
            sources,
            connections: self.store.connections(organization, workspace).await?,
            toolkits: self.store.toolkits(organization, workspace).await?,
            limits: self.store.limits(organization, workspace).await?,
            sensitive_marks,
            sensitive_tools,
            rules,
            rule_set,
            generation,
            read_at,
        });
        lock(&self.snapshots).insert(workspace, snapshot.clone());
        Ok(snapshot)
    }

    /// The workspaces of an organization.
    pub(crate) async fn workspaces(&self, organization: OrganizationId) -> Result<Arc<[Workspace]>, Error> {
        self.list(&self.workspaces, organization, self.store.workspaces(organization)).await
    }

    /// Who is told what happens in a workspace.
    pub(crate) async fn webhooks(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
    ) -> Result<Arc<[Webhook]>, Error> {
        self.list(&self.webhooks, workspace, self.store.webhooks(organization, workspace)).await
    }

    /// What was read under that key, if it still counts; else what is read now.
    async fn list<K: Eq + Hash, T>(
        &self,
        known: &Mutex<HashMap<K, List<T>>>,
        key: K,
        read: impl Future<Output = Result<Vec<T>, Error>>,
    ) -> Result<Arc<[T]>, Error> {
        if let Some(list) = lock(known).get(&key)
            && self.counts(list.generation, list.read_at)
        {
            return Ok(list.all.clone());
        }
        let (generation, read_at) = (self.generation.load(Ordering::SeqCst), self.clock.now());
        let all: Arc<[T]> = read.await?.into();
        lock(known).insert(key, List { all: all.clone(), generation, read_at });
        Ok(all)
    }

    /// What exactly this authority may do today: `None` if its account is no member any more, or its key is no key.
    pub(crate) async fn principal(&self, authority: &Authority) -> Result<Option<Principal>, Error> {
        let who = (authority.organization, authority.account, authority.key);
        let known = lock(&self.rights).get(&who).cloned();
        let principal = match known.filter(|known| self.counts(known.generation, known.read_at)) {
            Some(known) => known.principal,
            None => {
                let (generation, read_at) = (self.generation.load(Ordering::SeqCst), self.clock.now());
                let principal = self.read_principal(who).await?;
                let rights = Rights { principal: principal.clone(), generation, read_at };
                lock(&self.rights).insert(who, rights);
                principal
            }
        };
        let named = |principal| Principal {
            client: authority.client.clone(),
            toolkit: authority.toolkit.clone(),
            ..principal
        };
        Ok(principal.map(named))
    }

    async fn read_principal(
        &self,
        (organization, account, key): (OrganizationId, AccountId, Option<KeyId>),
    ) -> Result<Option<Principal>, Error> {
        let Some(role) = self.store.role(organization, account).await? else { return Ok(None) };
        let mut principal = of_role(organization, account, role);
        if let Some(key) = key {
            let key = match self.store.key(organization, key).await {
                Ok(key) if key.account == account && key.is_live(self.clock.now()) => key,
                Ok(_) | Err(Error::NotFound(_)) => return Ok(None),
                Err(error) => return Err(error),
            };
            principal.scopes.retain(|scope| key.scopes.contains(scope));
            principal.workspace = key.workspace;
            principal.key = Some(key.id);
        }
        Ok(Some(principal))
    }

    fn counts(&self, generation: u64, read_at: Timestamp) -> bool {
        generation == self.generation.load(Ordering::SeqCst)
            && (self.store.engine() == Engine::Sqlite
                || self.clock.now().millis_since(read_at) <= MOST_AGE_MS)
    }
}

/// Rules as they are asked.
pub(crate) fn rule_set(rules: &[StoredRule]) -> RuleSet {
    RuleSet::new(rules.iter().map(|stored| (stored.rule.clone(), stored.account)))
}

fn of_role(organization: OrganizationId, account: AccountId, role: Role) -> Principal {
    Principal {
        account,
        organization,
        workspace: None,
        roles: [role].into(),
        groups: Default::default(),
        scopes: role.scopes().into_iter().collect::<std::collections::BTreeSet<Scope>>(),
        key: None,
        client: None,
        toolkit: None,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
