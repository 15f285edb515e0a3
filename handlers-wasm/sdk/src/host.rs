//! The host functions of guest ABI v1, made safe.
//!
//! On WebAssembly they are imports of `wasm_broker_v1`; elsewhere they work on standard input, output and error, so that
//! a handler also runs as a plain program.

use std::fmt;

/// Why the host refused a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostError(pub i32);

impl HostError {
    /// A range of memory that is outside the memory.
    pub const FAULT: Self = Self(-1);
    /// An argument without meaning.
    pub const INVALID: Self = Self(-2);
    /// Over a cap of the host.
    pub const TOO_LARGE: Self = Self(-3);
    /// Not allowed now, such as writing a second result.
    pub const STATE: Self = Self(-4);
    /// Not granted to this handler.
    pub const DENIED: Self = Self(-5);
    /// There is no such thing.
    pub const NOT_FOUND: Self = Self(-6);
    /// Too often.
    pub const RATE_LIMITED: Self = Self(-7);
    /// The host gave up waiting.
    pub const TIMEOUT: Self = Self(-8);
    /// The host could not read or write.
    pub const IO: Self = Self(-9);
    /// What this run may use of it is used up.
    pub const BUDGET: Self = Self(-10);
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match *self {
            Self::FAULT => "FAULT",
            Self::INVALID => "INVALID",
            Self::TOO_LARGE => "TOO_LARGE",
            Self::STATE => "STATE",
            Self::DENIED => "DENIED",
            Self::NOT_FOUND => "NOT_FOUND",
            Self::RATE_LIMITED => "RATE_LIMITED",
            Self::TIMEOUT => "TIMEOUT",
            Self::IO => "IO",
            Self::BUDGET => "BUDGET",
            Self(code) => return write!(f, "host error {code}"),
        };
        write!(f, "{name} ({})", self.0)
    }
}

impl std::error::Error for HostError {}

/// Which clock [`get_time`] reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Clock {
    /// Nanoseconds since the Unix epoch.
    Wall = 0,
    /// Nanoseconds since the run started; never goes backwards.
    Monotonic = 1,
    /// Nanoseconds left until the run is stopped.
    Deadline = 2,
}

/// How important a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Level {
    /// Each small thing.
    Trace = 0,
    /// What helps to find a mistake.
    Debug = 1,
    /// What happened.
    Info = 2,
    /// Something was coped with.
    Warn = 3,
    /// Someone must act.
    Error = 4,
}

/// Reads the whole step document.
///
/// # Errors
///
/// Whatever the host answers; a broker that follows the ABI never refuses.
pub fn read_input() -> Result<Vec<u8>, HostError> {
    sys::read_input()
}

/// Writes the result document; may be called once in a run.
///
/// # Errors
///
/// [`HostError::STATE`] on a second call.
pub fn write_output(document: &[u8]) -> Result<(), HostError> {
    sys::write_output(document)
}

/// Writes a log line. `fields` is a JSON object, or empty for none.
///
/// # Errors
///
/// [`HostError::BUDGET`] when the line was dropped because the run has logged enough,
/// [`HostError::INVALID`] when `fields` is not a JSON object.
pub fn log(level: Level, message: &str, fields: &str) -> Result<(), HostError> {
    sys::log(level, message, fields)
}

/// Reads a clock, in nanoseconds.
#[must_use]
pub fn get_time(clock: Clock) -> i64 {
    sys::get_time(clock)
}

/// The body of the exported `run`: reads the step document, calls `function`, writes its result.
///
/// Gives 0, or 1 when the document could not be read, or 2 when the result could not be written.
pub fn serve(function: impl FnOnce(&[u8]) -> Vec<u8>) -> i32 {
    // Nothing is dropped: the instance ends with the run, and its memory with it.
    match read_input() {
        Ok(document) => {
            let result = function(&std::mem::ManuallyDrop::new(document));
            match write_output(&std::mem::ManuallyDrop::new(result)) {
                Ok(()) => 0,
                Err(cause) => {
                    eprintln!("the result document could not be written: {cause}");
                    2
                }
            }
        }
        Err(cause) => {
            eprintln!("the step document could not be read: {cause}");
            1
        }
    }
}

#[cfg(target_family = "wasm")]
mod sys {
    use super::{Clock, HostError, Level};

    mod imports {
        #[link(wasm_import_module = "wasm_broker_v1")]
        unsafe extern "C" {
            pub fn read_input(pointer: *mut u8, capacity: usize) -> i32;
            pub fn write_output(pointer: *const u8, length: usize) -> i32;
            pub fn log(
                level: i32,
                message: *const u8,
                message_length: usize,
                fields: *const u8,
                fields_length: usize,
            ) -> i32;
            pub fn get_time(clock: i32) -> i64;
        }
    }

    /// Most step documents fit, and are then read with one call.
    const FIRST_READ: usize = 16 * 1024;

    fn check(code: i32) -> Result<(), HostError> {
        if code < 0 { Err(HostError(code)) } else { Ok(()) }
    }

    pub fn read_input() -> Result<Vec<u8>, HostError> {
        let mut capacity = FIRST_READ;
        loop {
            let mut document = Vec::<u8>::with_capacity(capacity);
            // SAFETY: the host writes at most `capacity` bytes at a pointer that owns as many.
            let answer = unsafe { imports::read_input(document.as_mut_ptr(), capacity) };
            let length = usize::try_from(answer).map_err(|_| HostError(answer))?;
            if length <= capacity {
                // SAFETY: a length within the capacity means that the host wrote so many bytes.
                unsafe { document.set_len(length) };
                return Ok(document);
            }
            capacity = length;
        }
    }

    pub fn write_output(document: &[u8]) -> Result<(), HostError> {
        // SAFETY: the host reads a slice that outlives the call.
        check(unsafe { imports::write_output(document.as_ptr(), document.len()) })
    }

    pub fn log(level: Level, message: &str, fields: &str) -> Result<(), HostError> {
        // SAFETY: the host reads two slices that outlive the call.
        check(unsafe {
            imports::log(
                level as i32,
                message.as_ptr(),
                message.len(),
                fields.as_ptr(),
                fields.len(),
            )
        })
    }

    pub fn get_time(clock: Clock) -> i64 {
        // SAFETY: takes and gives plain numbers.
        unsafe { imports::get_time(clock as i32) }
    }
}

#[cfg(not(target_family = "wasm"))]
mod sys {
    use super::{Clock, HostError, Level};
    use std::io::{Read, Write};
    use std::sync::LazyLock;
    use std::time::{Instant, SystemTime, UNIX_EPOCH};

    static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

    pub fn read_input() -> Result<Vec<u8>, HostError> {
        let mut document = Vec::new();
        std::io::stdin()
            .read_to_end(&mut document)
            .map_err(|_| HostError::IO)?;
        Ok(document)
    }

    pub fn write_output(document: &[u8]) -> Result<(), HostError> {
        let mut stdout = std::io::stdout().lock();
        stdout
            .write_all(document)
            .and_then(|()| stdout.write_all(b"\n"))
            .and_then(|()| stdout.flush())
            .map_err(|_| HostError::IO)
    }

    pub fn log(level: Level, message: &str, fields: &str) -> Result<(), HostError> {
        let separator = if fields.is_empty() { "" } else { " " };
        eprintln!("{level:?}: {message}{separator}{fields}");
        Ok(())
    }

    pub fn get_time(clock: Clock) -> i64 {
        let elapsed = match clock {
            Clock::Wall => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
            Clock::Monotonic => STARTED.elapsed(),
            Clock::Deadline => return i64::MAX,
        };
        i64::try_from(elapsed.as_nanos()).unwrap_or(i64::MAX)
    }
}
