//! What other rules would have done to the calls of the past.
//!
//! A call is judged as it was recorded: its path, its effect, its connection and the arguments that the code gave. The
//! caller's roles are today's, and whether the tool had to be reviewed is what it was. Calls that were never judged, as those with arguments that do not fit, are left out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use executor_core::policy::{BoundConnection, Decision, Effect, Layer, RuleSet, Subject};
use executor_core::tool::SideEffect;
use executor_core::{Failure, Json, Principal, Scope, ToolPath};
use executor_store::{CallRow, StoredRule, Task, TaskFilter};
use serde_json::Value;

use super::Workspace;
use crate::directory::{Snapshot, rule_set};
use crate::failure::StoreResult;
use crate::gate;
use crate::view::{DryRun, DryRunExample, DryRunOutcome, DryRunReport};

/// Tasks that are read at once.
const TASKS_A_PAGE: u32 = 100;

/// How far back is looked for calls where most tasks made none.
const MOST_PAGES: u32 = 100;

/// How many calls of each kind are shown.
const MOST_EXAMPLES: usize = 3;

impl Workspace {
    /// What these rules would have done to the latest calls (scope `read`). Nothing is saved.
    pub async fn dry_run(&self, wanted: DryRun) -> Result<DryRunReport, Failure> {
        self.principal.require(Scope::Read)?;
        let snapshot = self.snapshot().await?;
        let most = u64::from(wanted.limit.unwrap_or(1_000).clamp(1, 10_000));
        let rules = self.proposed(&snapshot, wanted)?;
        let rules = rule_set(&rules).with_loosening_account_rules(snapshot.rule_set.account_rules_loosen());

        let mut groups: BTreeMap<(Effect, Effect), DryRunOutcome> = BTreeMap::new();
        let mut judged = 0;
        let mut before = None;
        'tasks: for _ in 0..MOST_PAGES {
            let filter = TaskFilter { before, ..TaskFilter::default() };
            let tasks = self.engine.store.tasks(self.id, filter, TASKS_A_PAGE).await.shown()?;
            let Some(last) = tasks.last() else { break };
            before = Some(last.new.id);
            for task in &tasks {
                for (call, path, recorded, now) in self.judge_again(&snapshot, &rules, task).await? {
                    let example =
                        DryRunExample { task: task.new.id, call, path, reason: now.decided_by.reason };
                    let group = groups.entry((recorded, now.effect)).or_insert_with(|| DryRunOutcome {
                        recorded,
                        now: now.effect,
                        calls: 0,
                        examples: Vec::new(),
                    });
                    group.calls += 1;
                    if group.examples.len() < MOST_EXAMPLES {
                        group.examples.push(example);
                    }
                    judged += 1;
                    if judged == most {
                        break 'tasks;
                    }
                }
            }
        }
        let mut outcomes: Vec<_> = groups.into_values().collect();
        outcomes.sort_by_key(|outcome| std::cmp::Reverse(outcome.calls));
        let unchanged = outcomes
            .iter()
            .filter(|outcome| outcome.recorded == outcome.now)
            .map(|outcome| outcome.calls)
            .sum();
        Ok(DryRunReport { calls: judged, unchanged, outcomes })
    }

    /// Today's rules with the changes.
    fn proposed(&self, snapshot: &Snapshot, wanted: DryRun) -> Result<Vec<StoredRule>, Failure> {
        let removed: BTreeSet<_> = wanted.remove.into_iter().collect();
        let stays = |stored: &&StoredRule| !(removed.contains(&stored.rule.id) && self.may_see(stored));
        let mut rules: Vec<_> = snapshot.rules.iter().filter(stays).cloned().collect();
        let now = self.engine.clock.now();
        for rule in wanted.add {
            rules.push(self.rule_of(rule, now)?);
        }
        Ok(rules)
    }

    /// The judged calls of a task, the latest first: number, path, what was decided and what would be.
    async fn judge_again(
        &self,
        snapshot: &Snapshot,
        rules: &RuleSet,
        task: &Task,
    ) -> Result<Vec<(u32, ToolPath, Effect, Decision)>, Failure> {
        let mut calls = self.engine.store.calls(self.id, task.new.id).await.shown()?;
        calls.retain(|call| call.decision.is_some());
        if calls.is_empty() {
            return Ok(Vec::new());
        }
        let issued = self.engine.store.issued_calls(self.id, task.new.id).await.shown()?;
        let arguments: HashMap<_, _> =
            issued.into_iter().map(|issued| (issued.call, issued.arguments)).collect();
        let caller = self.caller_of(task).await?;
        let again = |call: CallRow| {
            let path: ToolPath = call.path.parse().ok()?;
            let arguments = canonical(&path, arguments.get(&call.number)?)?;
            let connection = call.connection.map(|id| {
                let found = snapshot.connections.iter().find(|connection| connection.id == id);
                found.map_or(BoundConnection { id, owner: Layer::Workspace, name: "" }, gate::bound)
            });
            let recorded = call.decision?;
            let review = recorded.voices.iter().find(|voice| voice.review);
            let subject = Subject {
                path: &path,
                side_effect: call.side_effect.unwrap_or(SideEffect::Write),
                connection,
                caller: &caller,
                arguments: Some(&arguments),
                review: review.map(|voice| voice.reason.as_str()),
            };
            let now = rules.decide(&subject);
            Some((call.number, path, recorded.effect, now))
        };
        Ok(calls.into_iter().rev().filter_map(again).collect())
    }

    /// Whose calls they were. One who has no place here any more has no role.
    async fn caller_of(&self, task: &Task) -> Result<Principal, Failure> {
        let authority = &task.new.authority;
        let today = self.engine.directory.principal(authority).await.shown()?;
        Ok(today.unwrap_or_else(|| Principal {
            account: authority.account,
            organization: authority.organization,
            workspace: None,
            roles: BTreeSet::new(),
            groups: BTreeSet::new(),
            scopes: BTreeSet::new(),
            key: authority.key,
            client: authority.client.clone(),
            toolkit: authority.toolkit.clone(),
        }))
    }
}

fn canonical(path: &ToolPath, arguments: &Json) -> Option<Value> {
    let arguments = gate::read_arguments(path.as_str(), arguments).ok()?;
    gate::canonical(path.as_str(), &arguments).ok()
}
