//! An allocator for programs that live for one run.
//!
//! The default allocator keeps memory tidy for hours; a run lasts microseconds and its memory is thrown away whole. So
//! [`RunAllocator`] takes blocks from the front of untouched memory, one after another, and a freed block goes to a list
//! of blocks of its size, to be handed out again. It never joins or splits blocks. That is a few instructions for most
//! calls, and blocks that are used together lie together, which keeps the number of memory pages that a run writes, and
//! that the engine must set up, small.
//!
//! The first region is part of the module's initial memory: choose its size so that most runs fit, and no larger, since an
//! engine clears it for each run.
//!
//! Sizes are rounded up to a multiple of 8 up to 512 bytes, and beyond it to four steps for each power of two, so a
//! block wastes a fifth of itself at most. When the first region is used up the memory grows; when it may not grow the
//! program ends with the standard library's message "memory allocation of N bytes failed".
//!
//! On other targets it is the system's allocator.
//!
//! ```
//! #[global_allocator]
//! static ALLOCATOR: wasm_broker_sdk::alloc::RunAllocator<{ 512 * 1024 }> =
//!     wasm_broker_sdk::alloc::RunAllocator::new();
//! ```

#![cfg_attr(
    not(any(test, target_arch = "wasm32")),
    expect(dead_code, reason = "the system's allocator is used there")
)]

pub use guest::RunAllocator;

const GRAIN: usize = 8;
/// Blocks up to this size have a class for each multiple of [`GRAIN`].
const SMALL: usize = 512;
const SMALL_CLASSES: usize = SMALL / GRAIN + 1;
const STEPS: usize = 4;
/// The small ones, and four for each of 2^9 up to 2^30.
const CLASSES: usize = SMALL_CLASSES + 22 * STEPS;
const LARGEST: usize = 1 << 31;

/// Where an arena gets more memory from.
trait Source {
    /// Returns at least `bytes` of memory as (start, length), or `None`; `first` is true for the first call.
    fn more(&self, bytes: usize, first: bool) -> Option<(usize, usize)>;
}

/// Free memory: the part not yet handed out, and a list of freed blocks for each size.
struct Arena {
    top: usize,
    end: usize,
    /// The address of the first free block of each class; a free block begins with the address of the next.
    free: [usize; CLASSES],
}

/// The class of a size, and the size of its blocks.
#[inline(always)]
const fn class_of(size: usize) -> (usize, usize) {
    if size <= SMALL {
        let class = size.div_ceil(GRAIN);
        (class, class * GRAIN)
    } else {
        large_class_of(size)
    }
}

#[inline(never)]
const fn large_class_of(size: usize) -> (usize, usize) {
    let last = size - 1;
    let power = last.ilog2();
    let step = power - STEPS.ilog2();
    let class = SMALL_CLASSES
        + (power - SMALL.ilog2()) as usize * STEPS
        + ((last >> step) & (STEPS - 1));
    (class, ((last >> step) + 1) << step)
}

/// The size of the blocks of a class.
const fn size_of_class(class: usize) -> usize {
    if class < SMALL_CLASSES {
        return class * GRAIN;
    }
    let large = class - SMALL_CLASSES;
    let power = large / STEPS + SMALL.ilog2() as usize;
    (STEPS + large % STEPS + 1) << (power - STEPS.ilog2() as usize)
}

impl Arena {
    const fn new() -> Self {
        Self {
            top: 0,
            end: 0,
            free: [0; CLASSES],
        }
    }

    /// Returns the address of a free block, or 0. The size is not 0.
    ///
    /// # Safety
    ///
    /// The memory that the arena was given is valid and used by nobody else.
    #[inline(always)]
    unsafe fn alloc(&mut self, size: usize, align: usize, source: &impl Source) -> usize {
        if size > SMALL || align > GRAIN {
            // SAFETY: as above.
            return unsafe { self.alloc_unusual(size, align, source) };
        }
        let (class, block) = class_of(size);
        // SAFETY: there is a class for each small size. A block of its list is free, at least 8 bytes long, and begins
        // with the next one's address.
        unsafe {
            let free = self.free.get_unchecked_mut(class);
            let head = *free;
            if head != 0 {
                *free = *(head as *const usize);
                return head;
            }
        }
        let start = self.top;
        if block <= self.end - start {
            self.top = start + block;
            return start;
        }
        self.carve(block, align, source)
    }

    #[inline(never)]
    unsafe fn alloc_unusual(&mut self, size: usize, align: usize, source: &impl Source) -> usize {
        if size > LARGEST {
            return 0;
        }
        let (class, block) = class_of(size);
        let head = self.free[class];
        if head != 0 && head % align == 0 {
            // SAFETY: as in `alloc`.
            self.free[class] = unsafe { *(head as *const usize) };
            return head;
        }
        self.carve(block, align, source)
    }

    /// Allocates a block from untouched memory. Bytes skipped for alignment are lost, except that `top` stays a multiple of 8.
    #[inline(never)]
    fn carve(&mut self, block: usize, align: usize, source: &impl Source) -> usize {
        let start = self.top.next_multiple_of(align.max(GRAIN));
        if start <= self.end && block <= self.end - start {
            self.top = start + block;
            return start;
        }
        let Some((region, length)) = source.more(block + align + GRAIN, self.end == 0) else {
            return 0;
        };
        if region != self.end {
            self.top = region.next_multiple_of(GRAIN);
        }
        self.end = region + length;
        let start = self.top.next_multiple_of(align.max(GRAIN));
        self.top = start + block;
        start
    }

    /// Frees a block.
    ///
    /// # Safety
    ///
    /// `block` came from this arena for `size` bytes and is not used any more.
    #[inline(always)]
    unsafe fn free(&mut self, start: usize, size: usize) {
        let (class, block) = class_of(size);
        if start + block == self.top {
            self.top = start;
            return;
        }
        // SAFETY: there is a class for each size that was handed out; the block is ours again and at least 8 bytes long.
        unsafe {
            let free = self.free.get_unchecked_mut(class);
            *(start as *mut usize) = *free;
            *free = start;
        }
    }

    /// Forgets all free blocks, and writes zeros to them and to what was used of the untouched part.
    ///
    /// # Safety
    ///
    /// The arena's memory is its own.
    unsafe fn seal(&mut self) {
        for class in 1..CLASSES {
            let mut block = std::mem::take(&mut self.free[class]);
            while block != 0 {
                // SAFETY: a free block begins with the address of the next one, and is as long as its class says.
                unsafe {
                    let next = *(block as *const usize);
                    std::ptr::write_bytes(block as *mut u8, 0, size_of_class(class));
                    block = next;
                }
            }
        }
        // What was used of the rest ends where it is zero for long; more would only make an image larger.
        let (mut at, mut zeros) = (self.top, 0);
        while at + 8 <= self.end && zeros < 4096 {
            let word = at as *mut u64;
            // SAFETY: the rest begins at a multiple of 8, and is ours.
            unsafe {
                zeros = if *word == 0 { zeros + 8 } else { 0 };
                *word = 0;
            }
            at += 8;
        }
    }

    /// Resizes a block in place; false if it has to move.
    #[inline(never)]
    fn resize(&mut self, start: usize, old: usize, new: usize) -> bool {
        let (_, old_block) = class_of(old);
        if new > LARGEST {
            return false;
        }
        let (_, new_block) = class_of(new);
        if start + old_block == self.top {
            if new_block <= self.end - start {
                self.top = start + new_block;
                return true;
            }
            return false;
        }
        // A block that shrinks a little stays what it is and is freed as a smaller one: the rest is lost for this run.
        new_block <= old_block && new_block * 2 >= old_block
    }
}

#[cfg(all(target_arch = "wasm32", not(target_feature = "atomics")))]
mod guest {
    use super::{Arena, Source};
    use std::alloc::{GlobalAlloc, Layout};
    use std::cell::{Cell, UnsafeCell};

    /// By so much the memory grows at first, if it is allowed to, and then by twice as much each time.
    const GROWTH: usize = 128 << 10;
    const MAX_GROWTH: usize = 1 << 20;

    /// The allocator, with a first region of `FIRST` bytes.
    pub struct RunAllocator<const FIRST: usize> {
        arena: UnsafeCell<Arena>,
        first: UnsafeCell<Region<FIRST>>,
        growth: Cell<usize>,
    }

    #[repr(align(16))]
    struct Region<const BYTES: usize>([u8; BYTES]);

    // SAFETY: the target has no threads.
    unsafe impl<const FIRST: usize> Sync for RunAllocator<FIRST> {}

    impl<const FIRST: usize> RunAllocator<FIRST> {
        /// An allocator without allocations.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                arena: UnsafeCell::new(Arena::new()),
                first: UnsafeCell::new(Region([0; FIRST])),
                growth: Cell::new(0),
            }
        }
    }

    impl<const FIRST: usize> RunAllocator<FIRST> {
        /// To be called at the end of a preparation: memory that is free is zero afterwards, and not used again, so that an
        /// image of the memory holds what is in use and nothing else, and the run's own blocks lie together behind it.
        pub fn seal(&self) {
            // SAFETY: the target has no threads, and no other call is using the arena.
            unsafe { (*self.arena.get()).seal() }
        }
    }

    impl<const FIRST: usize> Source for RunAllocator<FIRST> {
        fn more(&self, bytes: usize, first: bool) -> Option<(usize, usize)> {
            if first && bytes <= FIRST {
                return Some((self.first.get() as usize, FIRST));
            }
            let wanted = (self.growth.get() * 2).clamp(GROWTH, MAX_GROWTH);
            self.growth.set(wanted);
            grow(bytes.max(wanted)).or_else(|| grow(bytes))
        }
    }

    fn grow(bytes: usize) -> Option<(usize, usize)> {
        const PAGE: usize = 64 * 1024;
        let pages = bytes.div_ceil(PAGE);
        let before = core::arch::wasm32::memory_grow(0, pages);
        // The very last page would end at address 2^32, which is no address.
        (before != usize::MAX && before + pages < 65536).then(|| (before * PAGE, pages * PAGE))
    }

    // SAFETY: blocks come from memory that is ours, do not overlap, and are aligned as asked. The target has no threads,
    // so one call at a time uses the arena.
    unsafe impl<const FIRST: usize> GlobalAlloc for RunAllocator<FIRST> {
        #[inline]
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: see above.
            unsafe { (*self.arena.get()).alloc(layout.size(), layout.align(), self) as *mut u8 }
        }

        #[inline]
        unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
            // SAFETY: the caller gives back what `alloc` gave.
            unsafe { (*self.arena.get()).free(pointer as usize, layout.size()) }
        }

        #[inline]
        unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            // SAFETY: the caller gives back what `alloc` gave, and both blocks hold the bytes that are copied.
            unsafe {
                if (*self.arena.get()).resize(pointer as usize, layout.size(), size) {
                    return pointer;
                }
                let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
                if !moved.is_null() {
                    std::ptr::copy_nonoverlapping(pointer, moved, layout.size().min(size));
                    self.dealloc(pointer, layout);
                }
                moved
            }
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", not(target_feature = "atomics"))))]
mod guest {
    use std::alloc::{GlobalAlloc, Layout, System};

    /// On this target, the system's allocator under the name of the guest's.
    #[derive(Default)]
    pub struct RunAllocator<const FIRST: usize>;

    impl<const FIRST: usize> RunAllocator<FIRST> {
        /// An allocator without allocations.
        #[must_use]
        pub const fn new() -> Self {
            Self
        }

        /// Does nothing: there are no images on this target.
        pub fn seal(&self) {}
    }

    // SAFETY: passes everything on.
    unsafe impl<const FIRST: usize> GlobalAlloc for RunAllocator<FIRST> {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller's promises are passed on.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
            // SAFETY: the caller's promises are passed on.
            unsafe { System.dealloc(pointer, layout) }
        }

        unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            // SAFETY: the caller's promises are passed on.
            unsafe { System.realloc(pointer, layout, size) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Arena, CLASSES, LARGEST, Source, class_of, size_of_class};
    use std::cell::RefCell;

    /// Returns regions that are never adjacent.
    struct Regions(RefCell<Vec<Vec<u64>>>);

    impl Source for Regions {
        fn more(&self, bytes: usize, _: bool) -> Option<(usize, usize)> {
            let region = vec![0u64; bytes.max(4096).div_ceil(8)];
            let given = (region.as_ptr() as usize, region.len() * 8);
            self.0.borrow_mut().push(region);
            Some(given)
        }
    }

    #[test]
    fn classes_hold_their_sizes_and_waste_little() {
        let mut size = 1;
        while size < LARGEST {
            for size in [size, size + 1, size + size / 2] {
                let (class, block) = class_of(size);
                assert!(class < CLASSES);
                assert!(block >= size && block - size <= (size / 4).max(7), "{size}: {block}");
                assert_eq!(class_of(block), (class, block));
                assert_eq!(size_of_class(class), block);
            }
            size *= 2;
        }
    }

    #[test]
    fn blocks_never_overlap_and_keep_their_bytes() {
        let source = Regions(RefCell::default());
        let mut arena = Arena::new();
        let mut live: Vec<(usize, usize, u8)> = Vec::new();
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = |bound: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            usize::try_from(random % bound as u64).unwrap()
        };
        let fill = |start: usize, size: usize, mark: u8| {
            // SAFETY: a live block of the arena.
            unsafe { std::ptr::write_bytes(start as *mut u8, mark, size) }
        };
        let check = |start: usize, size: usize, mark: u8| {
            // SAFETY: a live block of the arena that was filled.
            let bytes = unsafe { std::slice::from_raw_parts(start as *const u8, size) };
            assert!(bytes.iter().all(|byte| *byte == mark));
        };
        for step in 0..50_000 {
            let mark = u8::try_from(step % 251).unwrap();
            match next(10) {
                0..5 => {
                    let size = 1 + next(if step % 50 == 0 { 20_000 } else { 200 });
                    let align = 1 << next(6);
                    // SAFETY: the regions are only used by the arena.
                    let start = unsafe { arena.alloc(size, align, &source) };
                    assert_eq!(start % align, 0);
                    fill(start, size, mark);
                    live.push((start, size, mark));
                }
                5..9 if !live.is_empty() => {
                    let (start, size, mark) = live.swap_remove(next(live.len()));
                    check(start, size, mark);
                    // SAFETY: allocated above, forgotten here.
                    unsafe { arena.free(start, size) };
                }
                _ if !live.is_empty() => {
                    let chosen = next(live.len());
                    let (start, old, mark) = live[chosen];
                    let size = 1 + next(400);
                    if arena.resize(start, old, size) {
                        check(start, old.min(size), mark);
                        fill(start, size, mark);
                        live[chosen] = (start, size, mark);
                    }
                }
                _ => {}
            }
        }
        for (start, size, mark) in live {
            check(start, size, mark);
        }
    }

    #[test]
    fn a_sealed_arena_keeps_what_is_in_use_and_nothing_else() {
        let source = Regions(RefCell::default());
        let mut arena = Arena::new();
        // SAFETY: as above; the blocks lie in one region, one after the other.
        unsafe {
            let sizes = [40, 700, 24, 1300, 8];
            let blocks = sizes.map(|size| arena.alloc(size, 8, &source));
            for (block, size) in blocks.into_iter().zip(sizes) {
                std::ptr::write_bytes(block as *mut u8, 7, size);
            }
            for place in [0, 3, 1, 4] {
                arena.free(blocks[place], sizes[place]);
            }
            arena.seal();
            let start = blocks[0];
            let used = blocks[2] - start..blocks[2] - start + 24;
            for at in 0..2400 {
                assert_eq!(*((start + at) as *const u8), if used.contains(&at) { 7 } else { 0 }, "{at}");
            }
            let next = arena.alloc(40, 8, &source);
            assert!(next >= blocks[4], "a freed block was used again");
        }
    }

    #[test]
    fn a_freed_block_is_used_again() {
        let source = Regions(RefCell::default());
        let mut arena = Arena::new();
        // SAFETY: as above.
        unsafe {
            let first = arena.alloc(40, 8, &source);
            let _second = arena.alloc(40, 8, &source);
            arena.free(first, 40);
            assert_eq!(arena.alloc(33, 8, &source), first);
        }
    }
}
