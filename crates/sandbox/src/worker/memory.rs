//! The heap of a program, counted.
//!
//! The first allocation beyond the limit ends the process. Were it refused in the engine's own way, as an error that
//! code can catch, a program could go on in a state that no replay would reach again.
#![expect(
    unsafe_code,
    reason = "the engine's allocator interface is unsafe; all memory comes from `RustAllocator`"
)]

use std::rc::Rc;

use rquickjs::allocator::{Allocator, RustAllocator};

use super::state::State;
use crate::protocol::Limit;

/// An allocator that knows how much it has given out.
pub(super) struct Counted {
    state: Rc<State>,
    used: u64,
}

impl Counted {
    pub(super) fn new(state: Rc<State>) -> Self {
        Self { state, used: 0 }
    }

    /// Ends the process unless so much more may be given out.
    fn admit(&self, bytes: usize) {
        if self.used.saturating_add(size(bytes)) > self.state.limits().memory_bytes {
            self.state.end_by_limit(Limit::Memory);
        }
    }

    fn count(&mut self, pointer: *mut u8) -> *mut u8 {
        if pointer.is_null() {
            // The limit of the whole process was nearer than the program's own.
            self.state.end_by_limit(Limit::Memory);
        }
        // SAFETY: `pointer` was just given out by `RustAllocator` and is not null.
        self.used += size(unsafe { RustAllocator::usable_size(pointer) });
        pointer
    }

    /// # Safety
    /// `pointer` was given out by this allocator and has not been freed.
    unsafe fn discount(&mut self, pointer: *mut u8) {
        // SAFETY: the caller's promise; every pointer of ours is one of `RustAllocator`.
        self.used -= size(unsafe { RustAllocator::usable_size(pointer) });
    }
}

fn size(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

// SAFETY: every pointer comes from `RustAllocator` and goes back to it; what is added is counting.
unsafe impl Allocator for Counted {
    fn alloc(&mut self, bytes: usize) -> *mut u8 {
        self.admit(bytes);
        self.count(RustAllocator.alloc(bytes))
    }

    fn calloc(&mut self, count: usize, bytes: usize) -> *mut u8 {
        self.admit(count.saturating_mul(bytes));
        // `RustAllocator` has no block of nothing here, which is no failure.
        if count == 0 || bytes == 0 {
            return self.count(RustAllocator.alloc(0));
        }
        self.count(RustAllocator.calloc(count, bytes))
    }

    unsafe fn dealloc(&mut self, pointer: *mut u8) {
        // SAFETY: the caller's promise, handed on.
        unsafe {
            self.discount(pointer);
            RustAllocator.dealloc(pointer);
        }
    }

    unsafe fn realloc(&mut self, pointer: *mut u8, bytes: usize) -> *mut u8 {
        if pointer.is_null() {
            return self.alloc(bytes);
        }
        // SAFETY: the caller's promise, handed on; the old block is not touched after it is gone.
        unsafe {
            self.admit(bytes.saturating_sub(RustAllocator::usable_size(pointer)));
            self.discount(pointer);
            let moved = RustAllocator.realloc(pointer, bytes);
            self.count(moved)
        }
    }

    unsafe fn usable_size(pointer: *mut u8) -> usize {
        // SAFETY: the caller's promise, handed on.
        unsafe { RustAllocator::usable_size(pointer) }
    }
}
