//! The rules of a workspace, in the order in which they are asked and by the source that they are about.

use std::collections::{BTreeMap, HashMap};
use std::iter::Peekable;

use super::{Layer, Rule};
use crate::id::AccountId;
use crate::path::fold;

/// Rules, made once and asked at every call.
#[derive(Debug, Default)]
pub struct RuleSet {
    organization: Ordered,
    workspace: Ordered,
    accounts: BTreeMap<AccountId, Ordered>,
    account_rules_loosen: bool,
}

impl RuleSet {
    /// The set of these rules, in any order. Each comes with the account whose it is, if it is one of the account layer.
    pub fn new(rules: impl IntoIterator<Item = (Rule, Option<AccountId>)>) -> Self {
        let (mut organization, mut workspace) = (Vec::new(), Vec::new());
        let mut accounts: BTreeMap<AccountId, Vec<Rule>> = BTreeMap::new();
        for (rule, account) in rules {
            match (rule.layer, account) {
                (Layer::Organization, _) => organization.push(rule),
                (Layer::Workspace, _) => workspace.push(rule),
                (Layer::Account, Some(account)) => accounts.entry(account).or_default().push(rule),
                (Layer::Account, None) => {}
            }
        }
        Self {
            organization: Ordered::new(organization),
            workspace: Ordered::new(workspace),
            accounts: accounts.into_iter().map(|(account, rules)| (account, Ordered::new(rules))).collect(),
            account_rules_loosen: false,
        }
    }

    /// The same where an account's rules may also loosen the tool's default: it is alone in its organization.
    #[must_use]
    pub fn with_loosening_account_rules(mut self, loosen: bool) -> Self {
        self.account_rules_loosen = loosen;
        self
    }

    /// Whether an account's rules may also loosen the tool's default.
    pub fn account_rules_loosen(&self) -> bool {
        self.account_rules_loosen
    }

    /// The rules of a layer that are about a tool by its folded path, in the order in which they are asked.
    pub(super) fn about<'a>(
        &'a self,
        layer: Layer,
        account: AccountId,
        folded_path: &'a str,
    ) -> impl Iterator<Item = &'a Rule> {
        let rules = match layer {
            Layer::Organization => Some(&self.organization),
            Layer::Workspace => Some(&self.workspace),
            Layer::Account => self.accounts.get(&account),
        };
        rules.into_iter().flat_map(move |rules| rules.about(folded_path))
    }
}

/// Rules of one layer.
#[derive(Debug, Default)]
struct Ordered {
    rules: Vec<Rule>,
    /// Those whose pattern begins with the name of one source, by that.
    of_source: HashMap<String, Vec<usize>>,
    of_several: Vec<usize>,
}

impl Ordered {
    fn new(mut rules: Vec<Rule>) -> Self {
        rules.sort_by_key(|rule| (rule.position, rule.id));
        let mut of_source: HashMap<String, Vec<usize>> = HashMap::new();
        let mut of_several = Vec::new();
        for (place, rule) in rules.iter().enumerate() {
            let source = rule.tools.as_str().split('.').next().unwrap_or_default();
            if source.contains('*') {
                of_several.push(place);
            } else {
                of_source.entry(fold(source)).or_default().push(place);
            }
        }
        Self { rules, of_source, of_several }
    }

    fn about<'a>(&'a self, folded_path: &'a str) -> impl Iterator<Item = &'a Rule> {
        let source = folded_path.split('.').next().unwrap_or_default();
        let of_source = self.of_source.get(source).map(Vec::as_slice).unwrap_or_default();
        let merged = Merged { one: of_source.iter().peekable(), other: self.of_several.iter().peekable() };
        merged.map(|place| &self.rules[place]).filter(move |rule| rule.tools.matches_folded(folded_path))
    }
}

/// Two ascending lists as one.
struct Merged<'a> {
    one: Peekable<std::slice::Iter<'a, usize>>,
    other: Peekable<std::slice::Iter<'a, usize>>,
}

impl Iterator for Merged<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        match (self.one.peek(), self.other.peek()) {
            (Some(one), Some(other)) if other < one => self.other.next(),
            (Some(_), _) => self.one.next(),
            (None, _) => self.other.next(),
        }
        .copied()
    }
}
