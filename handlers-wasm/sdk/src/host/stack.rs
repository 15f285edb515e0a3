//! The part of the stack that is not in use.

/// So much of it below the frame of the caller is left alone: what is called here may use it.
const MARGIN: usize = 256;
/// Below so many zeros nothing was written.
const CLEAN: usize = 16 * 1024;

/// Lies with all other data.
static DATA: u8 = 1;

/// Writes zeros to what calls that have returned left on the stack, so that an image of the memory does not keep it.
///
/// The stack grows down. Only where it lies below everything else, as rustc has modules linked (`--stack-first`), is
/// there nothing but stack down to the start of the memory; elsewhere nothing is cleaned.
#[inline(never)]
pub fn clean() {
    let frame = 0_u64;
    let here = std::ptr::from_ref(&frame).expose_provenance();
    if std::ptr::from_ref(std::hint::black_box(&DATA)).addr() < here {
        return;
    }
    let mut at = here.saturating_sub(MARGIN) & !7;
    let mut zeros = 0;
    while at > 8 && zeros < CLEAN {
        at -= 8;
        let word = std::ptr::with_exposed_provenance_mut::<u64>(at);
        // SAFETY: the word is on the stack, see above, and below all frames.
        unsafe {
            if word.read_volatile() == 0 {
                zeros += 8;
            } else {
                zeros = 0;
                word.write_volatile(0);
            }
        }
    }
}
