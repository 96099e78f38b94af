//! The one checker (`ENGINE.md` 10.5): no accepted task, decision or acknowledged result is lost; nothing is done twice
//! without being `unknown`; what ends by itself ends as it does undisturbed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::history::{Ending, Seen};
use crate::person;

/// What is left of a task when all is over.
#[derive(Debug, Clone)]
pub struct Left {
    /// Its id.
    pub id: String,
    /// Its tag, which its submitter put into its metadata.
    pub tag: String,
    /// How it ended, if it has.
    pub ending: Option<Ending>,
    /// Its journal, as clients read it.
    pub journal: Vec<Value>,
    /// The states of its calls.
    pub calls: BTreeMap<u64, String>,
}

/// What a task does undisturbed.
#[derive(Debug, Clone)]
pub struct Expected {
    /// How it ends.
    pub ending: Ending,
    /// The sites of the writes that it has done then.
    pub certain: BTreeSet<String>,
}

/// Everything that should not be, in words.
pub fn check(seen: &Seen, left: &[Left], expected: &BTreeMap<String, Expected>) -> Vec<String> {
    let mut wrong = Wrong(Vec::new());
    for (tag, id) in &seen.accepted {
        if !left.iter().any(|task| task.id == *id) {
            wrong.say(tag, "was accepted and is lost");
        }
    }
    for (tag, tasks) in by_tag(left) {
        if tasks > 1 {
            wrong.say(tag, format!("was accepted {tasks} times under one key"));
        }
    }
    for effect in &seen.effects {
        let tag = effect.marker.rsplit_once('.').map_or("", |(tag, _)| tag);
        if !left.iter().any(|task| task.tag == tag) {
            wrong.say(&effect.marker, "was done, and no task is known that did it");
        }
    }
    for approval in &seen.asked_again {
        wrong.say(approval, "was decided, a person was told, and they are asked again");
    }
    for task in left {
        match expected.get(&task.tag) {
            Some(expected) => of_task(task, expected, seen, &mut wrong),
            None => wrong.say(&task.tag, "is a task that nobody submitted"),
        }
    }
    wrong.0
}

fn by_tag(left: &[Left]) -> BTreeMap<&str, usize> {
    let mut tags = BTreeMap::new();
    left.iter().for_each(|task| *tags.entry(task.tag.as_str()).or_default() += 1);
    tags
}

fn of_task(task: &Left, expected: &Expected, seen: &Seen, wrong: &mut Wrong) {
    let tag = &task.tag;
    of_journal(task, wrong);
    if let Some(journal) = seen.journals.get(&task.id)
        && !task.journal.starts_with(journal)
    {
        wrong.say(tag, "has another journal than a client has read");
    }
    if let Some(told) = seen.endings.get(&task.id)
        && task.ending.as_ref() != Some(told)
    {
        wrong.say(tag, format!("ended as {told:?}, a client was told; now it is {:?}", task.ending));
    }
    of_decisions(task, seen, wrong);
    let done = effects(task, seen, wrong);
    let Some(ending) = &task.ending else {
        // After a crash nobody can tell of such a call, and only a person can take the task on.
        if !task.calls.values().any(|state| state == "unknown") {
            wrong.say(tag, "does not end");
        }
        return;
    };
    let cancelled = seen.cancelled.contains(&task.id);
    if cancelled && ending.status != "cancelled" {
        wrong.say(tag, format!("was cancelled, a client was told; it is {}", ending.status));
    }
    if *ending == expected.ending {
        for site in &expected.certain {
            if done.get(site) != Some(&1) {
                wrong.say(tag, format!("ended well, and {site} was done {:?} times", done.get(site)));
            }
        }
    } else if !cancelled && !is_excused(task, ending) {
        wrong.say(tag, format!("ended as {ending:?}, undisturbed as {:?}", expected.ending));
    }
}

/// What a person was told is decided, the task has learnt, unless it was ended before or wanted the call no more.
fn of_decisions(task: &Left, seen: &Seen, wrong: &mut Wrong) {
    if task.ending.as_ref().is_some_and(|ending| ending.status == "cancelled") {
        return;
    }
    let decided: BTreeSet<_> = task
        .journal
        .iter()
        .filter(|event| event["type"] == "call.decided" || event["type"] == "call.withdrawn")
        .filter_map(|event| event["data"]["approval"].as_str())
        .collect();
    for (approval, _) in seen.decided.iter().filter(|(_, of)| **of == task.id) {
        if !decided.contains(approval.as_str()) {
            wrong.say(&task.tag, format!("has lost the decision about {approval}"));
        }
    }
}

/// Other ends than the undisturbed one, and what has to be true for each.
fn is_excused(task: &Left, ending: &Ending) -> bool {
    match ending.code.as_deref() {
        Some("outcome_unknown") => task.calls.values().any(|state| state == "unknown"),
        Some("worker_crashed") => fruitless_attempts(&task.journal) > 3,
        Some("cancelled") => task.journal.iter().any(|event| event["type"] == "task.cancel_requested"),
        _ => false,
    }
}

/// How often in a row the task was taken up without learning anything. Not every attempt came so far as to say so in the
/// journal, so their numbers count.
fn fruitless_attempts(journal: &[Value]) -> u64 {
    let (mut last, mut fruitful) = (0, 0);
    for event in journal {
        match event["type"].as_str() {
            Some("task.attempt") => last = event["data"]["attempt"].as_u64().unwrap_or_default(),
            Some("call.settled" | "timer.fired") => fruitful = last,
            _ => {}
        }
    }
    last - fruitful
}

/// How often each site was done. More than once is wrong unless the call is known to be unknown, or may be repeated.
fn effects(task: &Left, seen: &Seen, wrong: &mut Wrong) -> BTreeMap<String, u32> {
    let mut done: BTreeMap<String, u32> = BTreeMap::new();
    for effect in &seen.effects {
        if let Some((tag, site)) = effect.marker.rsplit_once('.')
            && tag == task.tag
        {
            *done.entry(site.to_owned()).or_default() += 1;
            if effect.edited != person::is_edited(site) {
                wrong.say(&effect.marker, "was done with other arguments than a person had approved");
            }
        }
    }
    for (site, times) in &done {
        let marker = format!("{}.{site}", task.tag);
        let events = |kind: &'static str| task.journal.iter().filter(move |event| event["type"] == kind);
        let issued = events("call.issued").find(|event| event["data"]["arguments"]["marker"] == *marker);
        let Some(call) = issued.and_then(|event| event["data"]["call"].as_u64()) else {
            wrong.say(&marker, "was done, and its task has not made the call");
            continue;
        };
        let started = events("call.started").find(|event| event["data"]["call"] == call);
        let Some(started) = started else {
            wrong.say(&marker, "was done, and its journal does not say that it could leave");
            continue;
        };
        if person::is_asked(site) && !was_approved(task, call, started) {
            wrong.say(&marker, "was done, and nobody had allowed it");
        }
        let state = task.calls.get(&call).map_or("", String::as_str);
        if *times > 1 && state != "unknown" && started["data"]["repeatable"] != true {
            wrong.say(&marker, format!("was done {times} times, and the call is {state}"));
        }
        if matches!(state, "issued" | "held" | "denied" | "withdrawn") {
            wrong.say(&marker, format!("was done, and the call is {state}"));
        }
    }
    done
}

/// Whether a person had approved a call by the time it started.
fn was_approved(task: &Left, call: u64, started: &Value) -> bool {
    task.journal.iter().any(|event| {
        event["type"] == "call.decided"
            && event["data"]["call"] == call
            && event["data"]["status"] == "approved"
            && event["seq"].as_u64() < started["seq"].as_u64()
    })
}

fn of_journal(task: &Left, wrong: &mut Wrong) {
    let mut settled = BTreeSet::new();
    let mut issued = BTreeSet::new();
    let mut before = 0;
    for (index, event) in task.journal.iter().enumerate() {
        let call = event["data"]["call"].as_u64();
        let at = event["at"].as_i64().unwrap_or(-1);
        if event["seq"] != index + 1 || at < before {
            wrong.say(&task.tag, format!("has event {} in place {}", event["seq"], index + 1));
        }
        before = at;
        match (event["type"].as_str(), call) {
            (Some("call.issued"), Some(call)) if !issued.insert(call) => {
                wrong.say(&task.tag, format!("made call {call} twice"));
            }
            (Some("call.settled"), Some(call)) if !settled.insert(call) || !issued.contains(&call) => {
                wrong.say(&task.tag, format!("learnt twice, or too early, of call {call}"));
            }
            _ => {}
        }
    }
    let ends: Vec<_> = (1..).zip(&task.journal).filter(|(_, event)| event["type"] == "task.ended").collect();
    match (&task.ending, ends.as_slice()) {
        (None, []) => {}
        (Some(_), [(place, _)]) if *place == task.journal.len() => {}
        (ending, ends) => wrong.say(&task.tag, format!("is {ending:?}; its journal says so: {ends:?}")),
    }
}

struct Wrong(Vec<String>);

impl Wrong {
    fn say(&mut self, what: &str, is_wrong: impl Into<String>) {
        self.0.push(format!("{what} {}", is_wrong.into()));
    }
}
