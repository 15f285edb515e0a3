//! The host functions on standard input, output and error, for handlers as plain programs and for their tests.

use super::{Clock, HostError, Level};
use crate::native::answers;
use std::sync::LazyLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

pub use crate::native::run::{
    append_output, cache_delete, cache_get, cache_put, input_length, read_content, read_input, read_input_at, write_output,
};

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

pub fn read_secret(name: &str) -> Result<Vec<u8>, HostError> {
    let in_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.is_empty() || name.len() > 253 || !name.chars().all(in_name) {
        return Err(HostError::INVALID);
    }
    crate::native::secret(name).map(String::into_bytes).ok_or(HostError::NOT_FOUND)
}

pub fn http_send(request: &[u8]) -> Result<u32, HostError> {
    if answers::are_given() { answers::http_send(request) } else { client::http_send(request) }
}

pub fn http_begin(request: &[u8]) -> Result<u32, HostError> {
    if answers::are_given() { answers::http_begin(request) } else { client::http_begin(request) }
}

pub fn http_write(request: u32, piece: &[u8]) -> Result<(), HostError> {
    if answers::are_given() { answers::http_write(request, piece) } else { client::http_write(request, piece) }
}

pub fn http_finish(request: u32) -> Result<(), HostError> {
    if answers::are_given() { answers::http_finish(request) } else { client::http_finish(request) }
}

pub fn http_head(response: u32) -> Result<Vec<u8>, HostError> {
    if answers::are_given() { answers::http_head(response) } else { client::http_head(response) }
}

pub fn http_body(response: u32, into: &mut [u8]) -> Result<usize, HostError> {
    if answers::are_given() { answers::http_body(response, into) } else { client::http_body(response, into) }
}

pub fn http_close(response: u32) -> Result<(), HostError> {
    if answers::are_given() { answers::http_close(response) } else { client::http_close(response) }
}

pub fn http_error() -> Vec<u8> {
    if answers::are_given() { answers::http_error() } else { client::http_error() }
}

#[cfg(feature = "json")]
use crate::native::http as client;

/// There is no client without the feature.
#[cfg(not(feature = "json"))]
mod client {
    use super::HostError;

    pub fn http_send(_: &[u8]) -> Result<u32, HostError> {
        Err(HostError::DENIED)
    }

    pub fn http_begin(_: &[u8]) -> Result<u32, HostError> {
        Err(HostError::DENIED)
    }

    pub fn http_write(_: u32, _: &[u8]) -> Result<(), HostError> {
        Err(HostError::NOT_FOUND)
    }

    pub fn http_finish(_: u32) -> Result<(), HostError> {
        Err(HostError::NOT_FOUND)
    }

    pub fn http_head(_: u32) -> Result<Vec<u8>, HostError> {
        Err(HostError::NOT_FOUND)
    }

    pub fn http_body(_: u32, _: &mut [u8]) -> Result<usize, HostError> {
        Err(HostError::NOT_FOUND)
    }

    pub fn http_close(_: u32) -> Result<(), HostError> {
        Err(HostError::NOT_FOUND)
    }

    pub fn http_error() -> Vec<u8> {
        Vec::new()
    }
}
