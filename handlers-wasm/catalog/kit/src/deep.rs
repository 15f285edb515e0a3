//! Room on the stack for what goes deep.
//!
//! A fresh instance pays for all of its initial memory, used or not, and so for its stack. That is small therefore, as
//! nearly all steps need no more; what may go deep is run on a large one, which is added to the memory when it is needed.

/// Runs something on the large stack.
#[cfg(not(target_family = "wasm"))]
pub fn on_large_stack<T>(f: impl FnOnce() -> T) -> T {
    f()
}

#[cfg(target_family = "wasm")]
pub use guest::on_large_stack;

#[cfg(target_family = "wasm")]
mod guest {
    use std::cell::Cell;

    const PAGE: usize = 64 * 1024;
    /// So large that the engine's own stack (512 KiB by default) overflows before it, since that trap names the cause.
    const PAGES: usize = 14;

    thread_local! {
        /// The end of the large stack, where it begins to grow down; 0 if there is none.
        static TOP: Cell<usize> = const { Cell::new(0) };
        static IS_IN_USE: Cell<bool> = const { Cell::new(false) };
    }

    unsafe extern "C" {
        /// Sets the stack pointer; gives what it was. The build script has it.
        fn swap_stack_pointer(top: usize) -> usize;
    }

    /// Runs something on the large stack, or, if there is no memory for it, on the one that there is.
    pub fn on_large_stack<T>(f: impl FnOnce() -> T) -> T {
        if IS_IN_USE.get() {
            return f();
        }
        if TOP.get() == 0 {
            let before = core::arch::wasm32::memory_grow(0, PAGES);
            // The very last page would end at address 2^32, which is no address.
            if before == usize::MAX || before + PAGES >= 65536 {
                return f();
            }
            TOP.set((before + PAGES) * PAGE);
        }
        let mut f = Some(f);
        let mut result = None;
        IS_IN_USE.set(true);
        switch(TOP.get(), &mut || result = f.take().map(|f| f()));
        IS_IN_USE.set(false);
        result.expect("it was run")
    }

    /// The frame of this function stays on the stack that it was called on.
    #[inline(never)]
    fn switch(top: usize, f: &mut dyn FnMut()) {
        // SAFETY: what is called works below `top`, in memory that belongs to nobody else, and has left it when it
        // returns. A panic does not come back: it aborts.
        unsafe {
            let before = swap_stack_pointer(top);
            f();
            swap_stack_pointer(before);
        }
    }
}
