//! Log lines. The broker adds step, handler and version, caps what a run may write, and drops the rest.

use crate::host::{self, Level};

/// Writes a line at level trace.
pub fn trace(message: &str) {
    write(Level::Trace, message);
}

/// Writes a line at level debug.
pub fn debug(message: &str) {
    write(Level::Debug, message);
}

/// Writes a line at level info.
pub fn info(message: &str) {
    write(Level::Info, message);
}

/// Writes a line at level warn.
pub fn warn(message: &str) {
    write(Level::Warn, message);
}

/// Writes a line at level error.
pub fn error(message: &str) {
    write(Level::Error, message);
}

/// Writes a line with fields, which must serialise to a JSON object.
///
/// A line that the broker drops is dropped: a handler has no reason to fail for it.
///
/// ```
/// use wasm_broker_sdk::{host::Level, log};
///
/// log::with_fields(Level::Info, "page fetched", &serde_json::json!({"page": 3, "items": 50}));
/// ```
#[cfg(feature = "json")]
pub fn with_fields(level: Level, message: &str, fields: &impl serde::Serialize) {
    match serde_json::to_string(fields) {
        Ok(fields) => drop(host::log(level, message, &fields)),
        Err(_) => write(level, message),
    }
}

fn write(level: Level, message: &str) {
    // BUDGET means that the run has logged enough: nothing a handler could do about it.
    let _ = host::log(level, message, "");
}
