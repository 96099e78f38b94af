//! A task's life: schedule, run, gate, record, finish.
