//! Those who work with the servers and write down what they are told.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::api::Api;
use super::eventually;
use super::server::Access;
use crate::check::Left;
use crate::history::{Ending, History};
use crate::person;
use crate::program::Program;
use crate::random::Random;

pub(super) const TASKS: &str = "/api/v1/workspaces/default/tasks";

const APPROVALS: &str = "/api/v1/workspaces/default/approvals";

/// Submits one program after the other.
pub(super) struct Client {
    pub(super) number: usize,
    pub(super) api: Api,
    pub(super) servers: Vec<Arc<Mutex<Access>>>,
    pub(super) programs: Vec<Program>,
    pub(super) history: Arc<History>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) random: Random,
}

impl Client {
    /// Works until it is told to stop. Gives the tags that it used, each with the number of its program.
    pub(super) async fn work(mut self) -> BTreeMap<String, usize> {
        let mut used = BTreeMap::new();
        while !self.stop.load(Ordering::SeqCst) {
            let tag = format!("w.{}x{}", self.number, used.len());
            let program = self.random.below(self.programs.len() as u64) as usize;
            used.insert(tag.clone(), program);
            if let Some(id) = self.submit(&tag, program).await {
                self.follow(&id).await;
            }
        }
        used
    }

    fn url(&mut self) -> String {
        let chosen = self.random.below(self.servers.len() as u64) as usize;
        self.servers[chosen].lock().unwrap().url.clone()
    }

    /// With a key it asks until it is answered. Without one it asks once: it cannot know whether it was heard.
    async fn submit(&mut self, tag: &str, program: usize) -> Option<String> {
        let mut task = json!({ "code": self.programs[program].code(tag), "metadata": { "tag": tag } });
        let has_key = self.random.once_in(2);
        if has_key {
            task["idempotencyKey"] = json!(tag);
        }
        loop {
            let url = self.url();
            if let Ok(task) = self.api.post(&url, TASKS, &task).await {
                let id = task["id"].as_str()?.to_owned();
                self.history.accepted(tag, &id);
                return Some(id);
            }
            if !has_key {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Looks at a task until it has ended, now and then at its journal, and sometimes ends it.
    async fn follow(&mut self, id: &str) {
        let path = format!("{TASKS}/{id}");
        let cancels = self.random.once_in(16);
        let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
        // A task that does not end is found at the end of the round.
        while tokio::time::Instant::now() < deadline {
            let url = self.url();
            if let Ok(task) = self.api.get(&url, &path).await
                && (Ending::of(&task).is_some() || person::knows_nothing_of(&task))
            {
                return Ending::of(&task).into_iter().for_each(|ending| self.history.ended(id, ending));
            }
            if self.random.once_in(4)
                && let Ok(events) = self.api.get(&url, &format!("{path}/events?limit=1000")).await
            {
                self.history.read(id, events["items"].as_array().unwrap().clone());
            }
            if cancels
                && let Ok(task) = self.api.post(&url, &format!("{path}/cancel"), &json!({})).await
                && task["status"] == "cancelled"
            {
                self.history.cancelled(id);
            }
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
    }
}

/// Decides about whatever waits for a person.
pub(super) struct Decider {
    pub(super) api: Api,
    pub(super) servers: Vec<Arc<Mutex<Access>>>,
    pub(super) history: Arc<History>,
    pub(super) random: Random,
}

impl Decider {
    /// Never ends.
    pub(super) async fn work(mut self) {
        loop {
            tokio::time::sleep(Duration::from_millis(self.random.below(60))).await;
            let chosen = self.random.below(self.servers.len() as u64) as usize;
            let server = self.servers[chosen].lock().unwrap().clone();
            let Ok(page) = self.api.get(&server.url, &format!("{APPROVALS}?status=open")).await else {
                continue;
            };
            for approval in page["items"].as_array().into_iter().flatten() {
                let (id, task) = (approval["id"].as_str().unwrap(), approval["task"].as_str().unwrap());
                self.history.asked(id);
                let path = format!("{APPROVALS}/{id}/resolve");
                let decided =
                    self.api.post_as_owner(&server, &path, &person::decision(&approval["arguments"])).await;
                if decided.is_ok() {
                    self.history.decided(id, task);
                }
            }
        }
    }
}

/// Waits for all ends.
pub(super) struct Ends<'a> {
    pub(super) api: &'a Api,
    pub(super) url: String,
}

impl Ends<'_> {
    pub(super) async fn left(&self) -> Vec<Left> {
        let mut left = Vec::new();
        let mut next = format!("{TASKS}?limit=200");
        loop {
            let page = self.get(&next).await;
            for task in page["items"].as_array().unwrap() {
                left.extend(self.task(task["id"].as_str().unwrap()).await);
            }
            match page["nextCursor"].as_str() {
                Some(cursor) => next = format!("{TASKS}?limit=200&cursor={cursor}"),
                None => return left,
            }
        }
    }

    async fn get(&self, path: &str) -> Value {
        eventually(path, || async { self.api.get(&self.url, path).await.ok() }).await
    }

    /// A task of the clients, at its end if it comes to one.
    async fn task(&self, id: &str) -> Option<Left> {
        let path = format!("{TASKS}/{id}");
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        let mut task = self.get(&path).await;
        // A view is put together of several reads, and somebody may decide between them: it has to be so twice.
        let mut needed = u32::from(person::knows_nothing_of(&task));
        while Ending::of(&task).is_none() && needed < 2 && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(5)).await;
            task = self.get(&path).await;
            needed = if person::knows_nothing_of(&task) { needed + 1 } else { 0 };
        }
        let tag = task["metadata"]["tag"].as_str()?.to_owned();
        let events = self.get(&format!("{path}/events?limit=1000")).await;
        let calls = self.get(&format!("{path}/calls")).await;
        let state = |call: &Value| Some((call["number"].as_u64()?, call["state"].as_str()?.to_owned()));
        Some(Left {
            id: id.to_owned(),
            tag,
            ending: Ending::of(&task),
            journal: events["items"].as_array()?.clone(),
            calls: calls["items"].as_array()?.iter().filter_map(state).collect(),
        })
    }
}
