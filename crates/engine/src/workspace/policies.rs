//! Policy rules: add, look, remove, explain.

use executor_core::policy::{Layer, Rule, Subject, decide};
use executor_core::{AuditAction, ErrorCode, Failure, RuleId, Scope};
use executor_store::StoredRule;

use super::Workspace;
use crate::directory::Snapshot;
use crate::failure::{StoreResult, of_store};
use crate::gate::{self, Refusal};
use crate::view::{Explanation, NewRule, RuleView};

impl Workspace {
    /// The rules that are heard in this workspace, in the order in which they are asked (scope `read`).
    pub async fn rules(&self) -> Result<Vec<RuleView>, Failure> {
        self.principal.require(Scope::Read)?;
        let snapshot = self.snapshot().await?;
        let heard = |stored: &&StoredRule| self.may_see(stored);
        Ok(snapshot.rules.iter().filter(heard).map(|stored| view(stored, None)).collect())
    }

    /// Adds a rule (scope `manage`; scope `run` for one of the caller's own account).
    pub async fn add_rule(&self, wanted: NewRule) -> Result<RuleView, Failure> {
        let layer = wanted.layer.unwrap_or(Layer::Workspace);
        self.require_for(layer == Layer::Account)?;
        let now = self.engine.clock.now();
        let mut stored = StoredRule {
            rule: Rule {
                id: RuleId::new(self.engine.ids.as_ref(), now),
                layer,
                position: 0,
                effect: wanted.effect,
                tools: wanted.tools,
                connection: wanted.connection,
                caller: wanted.caller,
            },
            workspace: (layer == Layer::Workspace).then_some(self.id),
            account: (layer == Layer::Account).then_some(self.principal.account),
            created_by: self.principal.account,
            created_at: now,
        };
        let audit = self.audit(AuditAction::RuleAdded).on(stored.rule.id).with(&stored.rule);
        let (store, organization) = (&self.engine.store, self.principal.organization);
        let added = store.add_rule(organization, stored.clone(), wanted.position, audit).await;
        stored.rule.position = added.shown()?;
        self.engine.directory.changed();
        let warning = self.warning(&stored.rule).await?;
        Ok(view(&stored, warning))
    }

    /// Removes a rule (as for adding one of the same layer).
    pub async fn remove_rule(&self, rule: RuleId) -> Result<(), Failure> {
        let snapshot = self.snapshot().await?;
        let found = snapshot.rules.iter().find(|stored| stored.rule.id == rule && self.may_see(stored));
        let Some(found) = found else {
            return Err(Failure::new(
                ErrorCode::NotFound,
                format!("There is no rule {rule} in this workspace."),
            ));
        };
        self.require_for(found.rule.layer == Layer::Account)?;
        let audit = self.audit(AuditAction::RuleRemoved).on(rule).with(&found.rule);
        self.engine.store.remove_rule(self.principal.organization, rule, audit).await.shown()?;
        self.engine.directory.changed();
        Ok(())
    }

    /// What policy says about a call (scope `read`).
    pub async fn explain(&self, path: &str, connection: Option<&str>) -> Result<Explanation, Failure> {
        self.principal.require(Scope::Read)?;
        let snapshot = self.snapshot().await?;
        let (source, tool) = match gate::find(&self.engine, &snapshot, &self.principal, path).await {
            Ok(found) => found,
            Err(Refusal::Tool(error)) => return Err(error.into()),
            Err(Refusal::Storage(error)) => return Err(of_store(&error)),
        };
        let connection = match connection {
            Some(name) => Some(connection_id(&snapshot, self, source.id, name)?),
            None => None,
        };
        let caller = self.principal.account;
        let subject = Subject { path: &tool.path, side_effect: tool.tool.side_effect, connection, caller };
        let decision = decide(&snapshot.rules_for(caller), &subject);
        Ok(Explanation { path: tool.path.clone(), decision })
    }

    fn may_see(&self, stored: &StoredRule) -> bool {
        stored.rule.layer != Layer::Account || stored.account == Some(self.principal.account)
    }

    /// Says so if a rule matches nothing at present.
    async fn warning(&self, rule: &Rule) -> Result<Option<String>, Failure> {
        let snapshot = self.snapshot().await?;
        let everything = snapshot.sources.iter().map(|source| source.id).collect::<Vec<_>>();
        if everything.is_empty() {
            return Ok(Some("The rule matches nothing yet: the workspace has no source.".to_owned()));
        }
        for source in &snapshot.sources {
            for words in self.engine.store.tool_words(source.organization, source.id).await.shown()? {
                let path = executor_core::ToolPath::new(&source.name, &words.name);
                if path.is_ok_and(|path| rule.tools.matches(&path)) {
                    return Ok(None);
                }
            }
        }
        Ok(Some(format!("`{}` matches no tool at present.", rule.tools)))
    }
}

fn connection_id(
    snapshot: &Snapshot,
    workspace: &Workspace,
    source: executor_core::SourceId,
    name: &str,
) -> Result<executor_core::ConnectionId, Failure> {
    let found = snapshot
        .connections_to(source, workspace.principal.account)
        .find(|connection| connection.name == name || connection.id.to_string() == name);
    found.map(|connection| connection.id).ok_or_else(|| {
        Failure::new(
            ErrorCode::ConnectionNotFound,
            format!("There is no connection `{name}` to this source."),
        )
    })
}

fn view(stored: &StoredRule, warning: Option<String>) -> RuleView {
    RuleView { rule: stored.rule.clone(), created_at: stored.created_at, warning }
}
