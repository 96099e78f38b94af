//! What a program has used of its limits, and what its host functions share.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use executor_core::journal::ConsoleLevel;

use super::outbox::Outbox;
use super::random::Random;
use crate::options::Limits;
use crate::protocol::{Begin, CONSOLE_CUT, End, FromWorker, Limit};
use crate::transform::Mapping;

/// One program's state outside of its heap.
pub(super) struct State {
    outbox: Rc<Outbox>,
    limits: Cell<Limits>,
    turn_started: Cell<Instant>,
    deadline: Cell<Option<Instant>>,
    now: Cell<i64>,
    random: Cell<Random>,
    stored_mapping: RefCell<String>,
    mapping: OnceCell<Mapping>,
    calls: Cell<u32>,
    timers: Cell<u32>,
    console_lines: Cell<u32>,
    console_bytes: Cell<usize>,
    emitted_items: Cell<u32>,
    emitted_bytes: Cell<usize>,
    end: RefCell<Option<End>>,
}

impl State {
    pub(super) fn new(outbox: Rc<Outbox>) -> Rc<Self> {
        Rc::new(Self {
            outbox,
            limits: Cell::default(),
            turn_started: Cell::new(Instant::now()),
            deadline: Cell::default(),
            now: Cell::default(),
            random: Cell::new(Random::new(0)),
            stored_mapping: RefCell::default(),
            mapping: OnceCell::new(),
            calls: Cell::default(),
            timers: Cell::default(),
            console_lines: Cell::default(),
            console_bytes: Cell::default(),
            emitted_items: Cell::default(),
            emitted_bytes: Cell::default(),
            end: RefCell::default(),
        })
    }

    pub(super) fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits.get()
    }

    /// The program is known from here on.
    pub(super) fn begin(&self, begin: &Begin) {
        self.limits.set(begin.limits);
        self.random.set(Random::new(begin.seed));
        self.start_turn(begin.now, begin.turn_micros);
    }

    /// The places of the program's own text are known from here on; they are read when first asked for.
    pub(super) fn set_mapping(&self, stored: String) {
        self.stored_mapping.replace(stored);
    }

    pub(super) fn mapping(&self) -> &Mapping {
        self.mapping.get_or_init(|| Mapping::decode(&self.stored_mapping.borrow()))
    }

    /// A turn: the program's time stands still in it, and it ends by its deadline.
    pub(super) fn start_turn(&self, now: i64, turn_micros: u64) {
        let started = Instant::now();
        self.now.set(now);
        self.turn_started.set(started);
        self.deadline.set(started.checked_add(Duration::from_micros(turn_micros)));
    }

    pub(super) fn turn_micros(&self) -> u64 {
        u64::try_from(self.turn_started.get().elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    pub(super) fn now(&self) -> i64 {
        self.now.get()
    }

    /// Ends the process if the turn's time is up. Called by the engine every few thousand steps.
    pub(super) fn check_time(&self) {
        let now = Instant::now();
        if self.deadline.get().is_some_and(|deadline| now > deadline) {
            self.end_by_limit(Limit::Time);
        }
        self.outbox.flush_old(now);
    }

    /// Says which limit was reached and ends the process, so that no code can catch it.
    pub(super) fn end_by_limit(&self, limit: Limit) -> ! {
        self.outbox.push(&FromWorker::Limit(limit));
        self.outbox.flush();
        super::end_process()
    }

    pub(super) fn with_random<T>(&self, use_it: impl FnOnce(&mut Random) -> T) -> T {
        let mut random = self.random.get();
        let value = use_it(&mut random);
        self.random.set(random);
        value
    }

    /// The next call's number, or the process's end.
    pub(super) fn next_call(&self) -> u32 {
        self.next(&self.calls, self.limits().calls, Limit::Calls)
    }

    /// The next timer's number, or the process's end.
    pub(super) fn next_timer(&self) -> u32 {
        self.next(&self.timers, self.limits().timers, Limit::Timers)
    }

    fn next(&self, counter: &Cell<u32>, most: u32, limit: Limit) -> u32 {
        if counter.get() >= most {
            self.end_by_limit(limit);
        }
        counter.set(counter.get() + 1);
        counter.get()
    }

    /// Ends the process if a value is larger than is taken.
    pub(super) fn check_size(&self, text: &str, limit: Limit) {
        if text.len() > bytes(self.limits().value_bytes) {
            self.end_by_limit(limit);
        }
    }

    /// Writes a console line, unless too many were written; the first that is too many says so.
    pub(super) fn write_line(&self, level: ConsoleLevel, text: String) {
        let limits = self.limits();
        let line = self.console_lines.get().saturating_add(1);
        if line > limits.console_lines.saturating_add(1)
            || self.console_bytes.get() > bytes(limits.console_bytes)
        {
            return;
        }
        self.console_lines.set(line);
        self.console_bytes.set(self.console_bytes.get() + text.len());
        let over = line > limits.console_lines || self.console_bytes.get() > bytes(limits.console_bytes);
        let (level, text) = if over { (ConsoleLevel::Warn, CONSOLE_CUT.to_owned()) } else { (level, text) };
        self.outbox.push(&FromWorker::Console { line, level, text });
    }

    /// Shows a value to the user.
    pub(super) fn emit(&self, value: String) {
        self.check_size(&value, Limit::Emitted);
        let emitted = self.emitted_bytes.get() + value.len();
        if emitted > bytes(self.limits().emitted_bytes) {
            self.end_by_limit(Limit::Emitted);
        }
        self.emitted_bytes.set(emitted);
        self.emitted_items.set(self.emitted_items.get() + 1);
        self.outbox.push(&FromWorker::Emit { item: self.emitted_items.get(), value });
    }

    /// The program ended. What it does after that goes nowhere.
    pub(super) fn set_end(&self, end: End) {
        self.end.borrow_mut().get_or_insert(end);
    }

    pub(super) fn has_ended(&self) -> bool {
        self.end.borrow().is_some()
    }

    pub(super) fn take_end(&self) -> Option<End> {
        self.end.borrow_mut().take()
    }
}

fn bytes(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
