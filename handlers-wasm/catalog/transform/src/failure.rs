//! Failures, all of them permanent: the same step would fail in the same way again.

use crate::json;
use crate::map::Map;
use crate::value::Val;
use std::fmt::{self, Write};
use std::rc::Rc;

/// A message from a filter or a document is cut after so many bytes.
const MAX_MESSAGE: usize = 2000;

/// Why a step has no result.
#[derive(Debug)]
pub struct Failure {
    error_type: &'static str,
    message: String,
    context: Map,
}

impl Failure {
    /// A failure of a type of the manifest.
    pub fn new(error_type: &'static str, message: impl fmt::Display) -> Self {
        Self {
            error_type,
            message: capped(message, MAX_MESSAGE),
            context: Map::default(),
        }
    }

    /// Adds what a program wants to know of it.
    pub fn with(mut self, key: &str, value: impl Into<Val>) -> Self {
        self.context.insert(Rc::new(key.to_owned()), value.into());
        self
    }

    /// Adds a number that is no larger than a document.
    pub fn with_count(self, key: &str, count: usize) -> Self {
        self.with(key, Val::Int(i64::try_from(count).unwrap_or(i64::MAX)))
    }

    /// Appends the result document.
    pub fn write(&self, out: &mut String) {
        out.push_str(r#"{"status":"failed","error":{"type":"#);
        json::write_str(out, self.error_type);
        out.push_str(r#","message":"#);
        json::write_str(out, &self.message);
        out.push_str(r#","retryable":false"#);
        if !self.context.is_empty() {
            out.push_str(r#","context":"#);
            json::write(out, &Val::obj(self.context.clone()));
        }
        out.push_str("}}");
    }
}

/// The text of something, cut after `limit` bytes.
pub fn capped(something: impl fmt::Display, limit: usize) -> String {
    struct Capped {
        text: String,
        limit: usize,
    }
    impl Write for Capped {
        fn write_str(&mut self, piece: &str) -> fmt::Result {
            let room = self.limit - self.text.len();
            if piece.len() <= room {
                self.text.push_str(piece);
                return Ok(());
            }
            let mut end = room;
            while !piece.is_char_boundary(end) {
                end -= 1;
            }
            self.text.push_str(&piece[..end]);
            self.text.push('…');
            Err(fmt::Error)
        }
    }
    let mut capped = Capped {
        text: String::new(),
        limit,
    };
    let _ = write!(capped, "{something}");
    capped.text
}
