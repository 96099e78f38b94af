//! Policy rules: add, look, move, remove, explain.

use executor_core::call::CallOptions;
use executor_core::policy::{Condition, ConnectionMatch, Layer, Rule, Subject};
use executor_core::{AuditAction, ErrorCode, Failure, RuleId, Scope, Timestamp, ToolPath};
use executor_store::{Connection, Place, Source, StoredRule};

use super::Workspace;
use crate::directory::Snapshot;
use crate::failure::{StoreResult, of_store};
use crate::gate::{self, Refusal};
use crate::view::{CallInQuestion, Explanation, LayerEnd, NewRule, RuleMove, RuleView};

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
        self.require_for(wanted.layer == Some(Layer::Account))?;
        let position = wanted.position;
        let mut stored = self.rule_of(wanted, self.engine.clock.now())?;
        let audit = self.audit(AuditAction::RuleAdded).on(stored.rule.id).with(&stored.rule);
        let (store, organization) = (&self.engine.store, self.principal.organization);
        let added = store.add_rule(organization, stored.clone(), position, audit).await;
        stored.rule.position = added.shown()?;
        self.engine.directory.changed();
        let warning = self.warning(&stored.rule).await?;
        Ok(view(&stored, warning))
    }

    /// Puts a rule at another place in its layer (as for adding one of the same layer).
    pub async fn move_rule(&self, rule: RuleId, wanted: RuleMove) -> Result<RuleView, Failure> {
        let place = match (wanted.before, wanted.after, wanted.to, wanted.position) {
            (Some(before), None, None, None) => Place::Before(before),
            (None, Some(after), None, None) => Place::After(after),
            (None, None, Some(LayerEnd::First), None) => Place::First,
            (None, None, Some(LayerEnd::Last), None) => Place::Last,
            (None, None, None, Some(position)) => Place::Position(position),
            _ => {
                let message = "Say exactly one of `before`, `after`, `to` and `position`.";
                return Err(Failure::new(ErrorCode::InvalidRequest, message));
            }
        };
        let mut stored = self.own_rule(rule).await?;
        if let Place::Before(other) | Place::After(other) = place {
            let other = self.own_rule(other).await?;
            if other.rule.id == rule || other.rule.layer != stored.rule.layer {
                let message = "The other rule has to be another one of the same layer.";
                return Err(Failure::new(ErrorCode::InvalidRequest, message));
            }
        }
        let audit = self.audit(AuditAction::RuleChanged).on(rule).with(&wanted);
        let moved = self.engine.store.move_rule(self.principal.organization, rule, place, audit).await;
        stored.rule.position = moved.shown()?;
        self.engine.directory.changed();
        Ok(view(&stored, None))
    }

    /// Removes a rule (as for adding one of the same layer).
    pub async fn remove_rule(&self, rule: RuleId) -> Result<(), Failure> {
        let found = self.own_rule(rule).await?;
        let audit = self.audit(AuditAction::RuleRemoved).on(rule).with(&found.rule);
        self.engine.store.remove_rule(self.principal.organization, rule, audit).await.shown()?;
        self.engine.directory.changed();
        Ok(())
    }

    /// What policy says about a call (scope `read`).
    pub async fn explain(&self, call: &CallInQuestion) -> Result<Explanation, Failure> {
        self.principal.require(Scope::Read)?;
        let snapshot = self.snapshot().await?;
        let (source, tool) = match gate::find(&self.engine, &snapshot, &self.principal, &call.path).await {
            Ok(found) => found,
            Err(Refusal::Tool(error)) => return Err(error.into()),
            Err(Refusal::Storage(error)) => return Err(of_store(&error)),
        };
        let path = &tool.path;
        let connection = self.connection_for(&snapshot, source, call, path)?;
        let arguments = match &call.arguments {
            Some(arguments) => {
                let arguments = gate::read_arguments(path.as_str(), arguments)?;
                Some(gate::canonical(path.as_str(), &arguments)?)
            }
            None => None,
        };
        let subject = Subject {
            path,
            side_effect: tool.tool.side_effect,
            connection: connection.map(gate::bound),
            caller: &self.principal,
            arguments: arguments.as_ref(),
            review: tool.review.as_deref(),
        };
        Ok(Explanation {
            path: path.clone(),
            connection: connection.map(|connection| connection.id),
            decision: snapshot.rule_set.decide(&subject),
            hidden: snapshot.rule_set.hides(&subject),
            rules: snapshot.rule_set.consider(&subject),
        })
    }

    /// The connection that is named, else the one that a call would take, if there is one.
    fn connection_for<'a>(
        &self,
        snapshot: &'a Snapshot,
        source: &Source,
        call: &CallInQuestion,
        path: &ToolPath,
    ) -> Result<Option<&'a Connection>, Failure> {
        let mut usable = snapshot.connections_to(source.id, &self.principal);
        if let Some(wanted) = &call.connection
            && let Some(found) = usable.find(|found| found.id.to_string() == *wanted)
        {
            return Ok(Some(found));
        }
        let options = CallOptions { connection: call.connection.clone(), ..CallOptions::default() };
        match gate::choose_connection(snapshot, &self.principal, source, &options, path.as_str()) {
            Err(error) if call.connection.is_some() => Err(error.into()),
            chosen => Ok(chosen.ok().flatten()),
        }
    }

    /// The rule that is wanted, with the layer's owner. It has no place yet but the one that was asked for.
    pub(super) fn rule_of(&self, wanted: NewRule, now: Timestamp) -> Result<StoredRule, Failure> {
        let layer = wanted.layer.unwrap_or(Layer::Workspace);
        let rule = Rule {
            id: RuleId::new(self.engine.ids.as_ref(), now),
            layer,
            position: wanted.position.unwrap_or(i64::MAX),
            effect: wanted.effect,
            tools: wanted.tools,
            connection: wanted.connection,
            caller: wanted.caller,
            condition: wanted.condition.map(|text| Condition::parse(&text)).transpose()?,
            approvers: wanted.approvers,
        };
        rule.check()?;
        Ok(StoredRule {
            rule,
            workspace: (layer == Layer::Workspace).then_some(self.id),
            account: (layer == Layer::Account).then_some(self.principal.account),
            created_by: self.principal.account,
            created_at: now,
        })
    }

    /// A rule that the caller may change.
    async fn own_rule(&self, rule: RuleId) -> Result<StoredRule, Failure> {
        let snapshot = self.snapshot().await?;
        let found = snapshot.rules.iter().find(|stored| stored.rule.id == rule && self.may_see(stored));
        let found = found.ok_or_else(|| {
            let message = format!("There is no rule {rule} in this workspace.");
            Failure::new(ErrorCode::NotFound, message)
                .with_hint("executor policies list shows those there are.")
        })?;
        self.require_for(found.rule.layer == Layer::Account)?;
        Ok(found.clone())
    }

    pub(super) fn may_see(&self, stored: &StoredRule) -> bool {
        stored.rule.layer != Layer::Account || stored.account == Some(self.principal.account)
    }

    /// Says so if a rule matches nothing at present.
    async fn warning(&self, rule: &Rule) -> Result<Option<String>, Failure> {
        let snapshot = self.snapshot().await?;
        if snapshot.sources.is_empty() {
            return Ok(Some("The rule matches nothing yet: the workspace has no source.".to_owned()));
        }
        let is_meant = |connection: &Connection| match &rule.connection {
            None => true,
            Some(ConnectionMatch::Id(id)) => *id == connection.id,
            Some(ConnectionMatch::Named { owner, name }) => {
                *owner == gate::bound(connection).owner && *name == connection.name
            }
        };
        if let Some(connection) = &rule.connection
            && !snapshot.connections.iter().any(is_meant)
        {
            return Ok(Some(format!("There is no connection `{connection}` at present.")));
        }
        for source in &snapshot.sources {
            for words in self.engine.store.tool_words(source.organization, source.id).await.shown()? {
                let path = ToolPath::new(&source.name, &words.name);
                if path.is_ok_and(|path| rule.tools.matches(&path)) {
                    return Ok(None);
                }
            }
        }
        Ok(Some(format!("`{}` matches no tool at present.", rule.tools)))
    }
}

fn view(stored: &StoredRule, warning: Option<String>) -> RuleView {
    RuleView { rule: stored.rule.clone(), created_at: stored.created_at, warning }
}
