//! Engine and store in this process, dying at every moment (`ENGINE.md` 10.2 and 10.4).
//!
//! A *point* is a task or two, and up to two deaths: each at a write or a sync of the disk, or at a step of a request
//! at the upstream. A person decides about held calls now and then, in some points also between two lives. An engine that is dead can write nothing and its requests have no effect; the next one starts on
//! what the disk kept. After the last life the [`check`](crate::check) compares what is left with the history and with
//! an undisturbed run.

mod life;
mod parts;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde_json::Value;

use crate::check::{Expected, check};
use crate::disk::{Death, Disk, Files};
use crate::fate::{Fate, Moment};
use crate::history::History;
use crate::program::Program;
use crate::random::Random;
use crate::upstream::World;

use life::{Case, Kind, Life};
pub use parts::Simulation;

/// What is switched off, for the tests which show that the proof can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Honesty {
    /// What led to a write is durable before it leaves.
    pub output_commit: bool,
    /// A sync of the disk does what it says.
    pub sync: bool,
}

impl Default for Honesty {
    fn default() -> Self {
        Self { output_commit: true, sync: true }
    }
}

/// What points have shown.
#[derive(Debug, Default)]
pub struct Proven {
    /// How many there were.
    pub points: u64,
    /// Decisions of which a person was told that they count.
    pub decisions: usize,
    /// Those of them that were made while nothing was carried out.
    pub at_desks: usize,
    /// Seeds at which something is wrong, and what.
    pub wrong: Vec<(u64, Vec<String>)>,
}

impl Proven {
    fn wrong(seed: u64, wrong: Vec<String>) -> Self {
        let wrong = if wrong.is_empty() { Vec::new() } else { vec![(seed, wrong)] };
        Self { wrong, ..Self::default() }
    }

    fn and(mut self, other: Self) -> Self {
        self.points += other.points;
        self.decisions += other.decisions;
        self.at_desks += other.at_desks;
        self.wrong.extend(other.wrong);
        self
    }
}

/// A program, how it ends undisturbed, and how many moments that takes.
#[derive(Debug, Clone)]
pub struct Subject {
    program: Program,
    expected: Expected,
    disk: u64,
    upstream: u64,
}

impl Simulation {
    /// Runs a program undisturbed.
    pub async fn subject(&self, seed: u64) -> Subject {
        let program = Program::generate_asking(&mut Random::new(seed));
        let world = format!("r{seed}");
        let tag = format!("{world}.t0");
        let history = Arc::new(History::default());
        let fate = Arc::new(Fate::new(None));
        self.upstream.enter(&world, World { history: history.clone(), fate: fate.clone() });
        let disk = Disk::new(&self.template, fate.clone(), true);
        let case = Case {
            tag: tag.clone(),
            code: program.code(&tag),
            cancel: false,
            read: false,
            submitted: AtomicBool::new(false),
        };
        let life = Box::pin(Life::start(self, &disk, Kind::Whole(0), Honesty::default())).await;
        let life = life.expect("undisturbed engines start");
        let left = life.to_the_end(&[case], &history, &mut Random::new(seed)).await;
        life.end().await;
        self.upstream.leave(&world);
        let ending = left[0].ending.clone().expect("undisturbed tasks end");
        let expected = Expected { ending, certain: program.certain.clone() };
        let wrong = check(&history.so_far(), &left, &BTreeMap::from([(tag, expected.clone())]));
        assert!(wrong.is_empty(), "undisturbed, seed {seed}: {wrong:#?}\n{}", program.code("t"));
        Subject {
            program,
            expected,
            disk: fate.passed(Moment::Disk),
            upstream: fate.passed(Moment::Upstream),
        }
    }

    /// One point. Gives what is wrong afterwards.
    async fn point(&self, subjects: &[Subject], seed: u64, honesty: Honesty) -> Proven {
        let mut random = Random::new(seed);
        let world = format!("w{seed}");
        let history = Arc::new(History::default());
        let (mut cases, mut expected, mut deaths) = (Vec::new(), BTreeMap::new(), Vec::new());
        for number in 0..1 + random.below(2) {
            let subject = &subjects[random.below(subjects.len() as u64) as usize];
            let tag = format!("{world}.t{number}");
            cases.push(Case {
                code: subject.program.code(&tag),
                cancel: random.once_in(16),
                read: random.once_in(3),
                tag: tag.clone(),
                submitted: AtomicBool::new(false),
            });
            expected.insert(tag, subject.expected.clone());
            deaths.push(subject.death(&mut random));
        }
        let mut person = Random::new(random.bits());
        let mut lives = 0..;
        let mut next_life = || lives.next().unwrap_or_default();
        let mut at_desks = 0;
        let mut files = self.template.clone();
        for death in deaths {
            let fate = Arc::new(Fate::new(Some(death)));
            self.upstream.enter(&world, World { history: history.clone(), fate: fate.clone() });
            let disk = Disk::new(&files, fate.clone(), honesty.sync);
            let lived = Life::start(self, &disk, Kind::Whole(next_life()), honesty).await;
            let is_away = random.once_in(3);
            if let Some(life) = &lived {
                tokio::select! {
                    () = fate.death() => {}
                    () = life.person(&mut person, &history), if !is_away => {}
                    () = tokio::time::sleep(NOBODY_COMES), if is_away => {}
                    () = life.live(&cases, &history) => {}
                }
            }
            files = die(&disk, lived, &mut random).await;
            // Meanwhile people decide, where somebody takes their decisions.
            if is_away || random.once_in(4) {
                let fate = Arc::new(Fate::new(Some((Moment::Disk, random.below(DESK_MOMENTS)))));
                let disk = Disk::new(&files, fate, honesty.sync);
                let desk = Life::start(self, &disk, Kind::Desk(next_life()), honesty).await;
                if let Some(desk) = &desk {
                    at_desks += desk.decide(&mut person, &history).await;
                }
                files = die(&disk, desk, &mut random).await;
            }
        }
        let fate = Arc::new(Fate::new(None));
        self.upstream.enter(&world, World { history: history.clone(), fate: fate.clone() });
        let disk = Disk::new(&files, fate, honesty.sync);
        let Some(life) = Life::start(self, &disk, Kind::Whole(next_life()), honesty).await else {
            return Proven::wrong(seed, vec!["the engine does not start again".to_owned()]);
        };
        let left = life.to_the_end(&cases, &history, &mut person).await;
        life.end().await;
        self.upstream.leave(&world);
        let seen = history.so_far();
        let mut wrong = check(&seen, &left, &expected);
        if !wrong.is_empty() {
            wrong.extend(cases.iter().map(|case| case.code.clone()));
            wrong.extend(
                left.iter().map(|task| format!("{} {}", task.tag, Value::from(task.journal.clone()))),
            );
        }
        let decisions = seen.decided.len();
        Proven { points: 1, decisions, at_desks, ..Proven::wrong(seed, wrong) }
    }

    /// Points with the seeds from `first` on, some of them at the same time.
    pub async fn points(&self, subjects: &[Subject], first: u64, count: u64, honesty: Honesty) -> Proven {
        use futures::StreamExt;
        futures::stream::iter(first..first + count)
            .map(|seed| self.point(subjects, seed, honesty))
            .buffer_unordered(AT_ONCE)
            .fold(Proven::default(), |sum, one| futures::future::ready(sum.and(one)))
            .await
    }
}

/// Points under way at the same time: more than cores, since most of them wait for a timer or an answer.
const AT_ONCE: usize = 24;

/// After this, tasks wait for a person who is away, and nothing happens any more.
const NOBODY_COMES: Duration = Duration::from_millis(60);

/// Moments of the disk in which somebody starts and decides, about.
const DESK_MOMENTS: u64 = 100;

/// Ends a life, if it has not ended by itself: one whose moment did not come ends as if it were killed. Gives what the
/// next one finds.
async fn die(disk: &Disk, life: Option<Life>, random: &mut Random) -> Files {
    disk.fate().die();
    let how = if random.once_in(2) { Death::Killed } else { Death::PowerLost };
    let files = disk.after(how, random);
    if let Some(life) = life {
        life.end().await;
    }
    files
}

impl Subject {
    fn death(&self, random: &mut Random) -> (Moment, u64) {
        match random.below(2) {
            0 => (Moment::Disk, random.below(self.disk)),
            _ => (Moment::Upstream, random.below(self.upstream)),
        }
    }
}
