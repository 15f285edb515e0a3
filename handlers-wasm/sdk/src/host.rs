//! Safe bindings of the host functions of guest ABI v1.
//!
//! On WebAssembly they are imports of `wasm_broker_v1`; elsewhere they work on standard input, output and error, so that
//! a handler also runs as a plain program.

use std::fmt;

/// Why the host refused a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostError(pub i32);

impl HostError {
    /// The range is outside the memory.
    pub const FAULT: Self = Self(-1);
    /// An argument is invalid.
    pub const INVALID: Self = Self(-2);
    /// Exceeds a limit of the host.
    pub const TOO_LARGE: Self = Self(-3);
    /// Not allowed in this state, such as writing a second result.
    pub const STATE: Self = Self(-4);
    /// Not granted to this handler.
    pub const DENIED: Self = Self(-5);
    /// Does not exist.
    pub const NOT_FOUND: Self = Self(-6);
    /// Called too often.
    pub const RATE_LIMITED: Self = Self(-7);
    /// Timed out in the host.
    pub const TIMEOUT: Self = Self(-8);
    /// The host could not read or write.
    pub const IO: Self = Self(-9);
    /// The run's budget is used up.
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

/// The level of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Level {
    /// Every detail.
    Trace = 0,
    /// Useful for debugging.
    Debug = 1,
    /// Normal events.
    Info = 2,
    /// A problem that was handled.
    Warn = 3,
    /// Someone must act.
    Error = 4,
}

/// Reads the whole step document.
///
/// # Errors
///
/// Whatever the host returns; a broker that follows the ABI never refuses.
pub fn read_input() -> Result<Vec<u8>, HostError> {
    sys::read_input()
}

/// The length of the step document in bytes.
///
/// # Errors
///
/// Whatever the host returns; a broker that follows the ABI never refuses.
pub fn input_length() -> Result<usize, HostError> {
    sys::input_length()
}

/// Reads the bytes of the step document from `offset` on (guest ABI 1.2); returns how many, and 0 behind its end.
/// [`stream`](crate::stream) is the convenient API.
///
/// # Errors
///
/// Whatever the host returns; a broker that follows the ABI never refuses.
pub fn read_input_at(offset: usize, into: &mut [u8]) -> Result<usize, HostError> {
    sys::read_input_at(offset, into)
}

/// Adds to the result document (guest ABI 1.2). The pieces together are the result of a run that ends well without
/// [`write_output`].
///
/// # Errors
///
/// [`HostError::STATE`] after [`write_output`].
pub fn append_output(piece: &[u8]) -> Result<(), HostError> {
    sys::append_output(piece)
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
/// [`HostError::BUDGET`] when the line was dropped because the run's log budget is used up,
/// [`HostError::INVALID`] when `fields` is not a JSON object.
pub fn log(level: Level, message: &str, fields: &str) -> Result<(), HostError> {
    sys::log(level, message, fields)
}

/// Sends a request, which is a document as guest ABI v1 describes it, and waits for the head of the response.
///
/// Returns the host's handle of the open response. [`http`](crate::http) is the convenient API.
///
/// # Errors
///
/// Why there is no response; [`http_error`] has the details.
pub fn http_send(request: &[u8]) -> Result<u32, HostError> {
    sys::http_send(request)
}

/// Begins a request without a body (guest ABI 1.2): [`http_write`] adds to its body, [`http_finish`] sends it. Returns the
/// handle of both the request and its response.
///
/// # Errors
///
/// Why it is refused; [`http_error`] has the details.
pub fn http_begin(request: &[u8]) -> Result<u32, HostError> {
    sys::http_begin(request)
}

/// Adds to the body of a request.
///
/// # Errors
///
/// [`HostError::TOO_LARGE`] or [`HostError::BUDGET`] when there is no room for it; [`HostError::NOT_FOUND`] when no request
/// with this handle is open.
pub fn http_write(request: u32, piece: &[u8]) -> Result<(), HostError> {
    sys::http_write(request, piece)
}

/// Sends a request that was begun, and waits for the head of the response. A refused one is gone.
///
/// # Errors
///
/// Why there is no response; [`http_error`] has the details.
pub fn http_finish(request: u32) -> Result<(), HostError> {
    sys::http_finish(request)
}

/// The head of a response, as a document.
///
/// # Errors
///
/// [`HostError::NOT_FOUND`] when this handle is not open.
pub fn http_head(response: u32) -> Result<Vec<u8>, HostError> {
    sys::http_head(response)
}

/// Reads the next bytes of a response's body; returns how many, and 0 at its end.
///
/// # Errors
///
/// [`HostError::TIMEOUT`], [`HostError::IO`] or [`HostError::BUDGET`] when it cannot be read further;
/// [`http_error`] has the details; [`HostError::NOT_FOUND`] when this handle is not open.
pub fn http_body(response: u32, into: &mut [u8]) -> Result<usize, HostError> {
    sys::http_body(response, into)
}

/// Closes a response.
///
/// # Errors
///
/// [`HostError::NOT_FOUND`] when this handle is not open.
pub fn http_close(response: u32) -> Result<(), HostError> {
    sys::http_close(response)
}

/// The host's error document of the last failed send or body read; empty if there was none.
#[must_use]
pub fn http_error() -> Vec<u8> {
    sys::http_error()
}

/// Reads a secret. [`secret`](crate::secret) keeps it from being printed.
///
/// # Errors
///
/// [`HostError::INVALID`] for an invalid name, [`HostError::DENIED`] when it was not granted to this
/// handler, [`HostError::NOT_FOUND`] when the broker has no such secret, [`HostError::IO`] if its source fails.
pub fn read_secret(name: &str) -> Result<Vec<u8>, HostError> {
    sys::read_secret(name)
}

/// Reads what the module carries (guest ABI 1.2). [`content`](crate::content) is the convenient API.
///
/// # Errors
///
/// [`HostError::NOT_FOUND`] for a module that carries nothing, [`HostError::DENIED`] when it was not granted.
pub fn read_content() -> Result<Vec<u8>, HostError> {
    sys::read_content()
}

/// Reads an entry of the cache (guest ABI 1.2). [`cache`](crate::cache) is the convenient API.
///
/// # Errors
///
/// [`HostError::NOT_FOUND`] when there is none, [`HostError::INVALID`] or [`HostError::TOO_LARGE`] for such a key,
/// [`HostError::DENIED`] when the cache was not granted.
pub fn cache_get(key: &[u8]) -> Result<Vec<u8>, HostError> {
    sys::cache_get(key)
}

/// Puts an entry into the cache, for so many milliseconds at most.
///
/// # Errors
///
/// As for [`cache_get`]; [`HostError::BUDGET`] when there is no room for it.
pub fn cache_put(key: &[u8], value: &[u8], ttl_ms: i64) -> Result<(), HostError> {
    sys::cache_put(key, value, ttl_ms)
}

/// Deletes an entry of the cache; returns whether there was one.
///
/// # Errors
///
/// As for [`cache_get`], but for the first.
pub fn cache_delete(key: &[u8]) -> Result<bool, HostError> {
    sys::cache_delete(key)
}

/// Reads a clock, in nanoseconds.
#[must_use]
pub fn get_time(clock: Clock) -> i64 {
    sys::get_time(clock)
}

/// The body of the exported `run`: reads the step document, calls `function`, writes its result.
///
/// Returns 0, or 1 if the document could not be read, or 2 if the result could not be written.
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

/// The body of the exported `prepare`: reads the configuration, and hands it to `function`, which keeps what a run needs.
///
/// Returns 0, or 1 if the configuration could not be read. Whatever cannot be prepared is for `run` to tell: `function`
/// then keeps nothing.
pub fn prepare(function: impl FnOnce(Vec<u8>)) -> i32 {
    match read_input() {
        Ok(configuration) => {
            function(configuration);
            clean_stack();
            0
        }
        Err(cause) => {
            eprintln!("the configuration could not be read: {cause}");
            1
        }
    }
}

/// Writes zeros to what is not in use of the stack. For the end of what leaves an image or a snapshot of the memory, which
/// has not to keep what calls have left there. [`prepare`] does it.
pub fn clean_stack() {
    #[cfg(target_family = "wasm")]
    stack::clean();
}

#[cfg(target_family = "wasm")]
#[path = "host/stack.rs"]
mod stack;

#[cfg(target_family = "wasm")]
#[path = "host/imports.rs"]
mod sys;

#[cfg(not(target_family = "wasm"))]
#[path = "host/native.rs"]
mod sys;
