//! Failures of a step, with what a program wants to know of them.

use crate::json;
use crate::map::Map;
use crate::text::Text;
use crate::value::Val;
use std::borrow::Cow;
use std::fmt::{self, Write};

/// A message from a filter or a document is cut after so many bytes.
const MAX_MESSAGE: usize = 2000;

/// A longer wait is cut to a year, as the host does.
const MAX_WAIT_MS: u64 = 365 * 24 * 60 * 60 * 1000;

/// Why a step has no result.
#[derive(Debug)]
pub struct Failure {
    error_type: Cow<'static, str>,
    message: String,
    retryable: bool,
    code: Option<String>,
    retry_after_ms: Option<u64>,
    context: Map,
}

impl Failure {
    /// A failure of a type of the manifest. It is permanent: the same step would fail in the same way again.
    #[must_use]
    pub fn new(error_type: impl Into<Cow<'static, str>>, message: impl fmt::Display) -> Self {
        Self {
            error_type: error_type.into(),
            message: capped(message, MAX_MESSAGE),
            retryable: false,
            code: None,
            retry_after_ms: None,
            context: Map::default(),
        }
    }

    /// Says whether another attempt may succeed.
    #[must_use]
    pub fn retryable(mut self, retryable: bool) -> Self {
        self.retryable = retryable;
        self
    }

    /// Adds the code that another side gave, such as an HTTP status.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Asks for at least this long a wait before the next attempt, if there is something to wait for.
    #[must_use]
    pub fn retry_after_ms(mut self, wait: Option<u64>) -> Self {
        self.retry_after_ms = wait.map(|wait| wait.min(MAX_WAIT_MS));
        self
    }

    /// The same under another type.
    #[must_use]
    pub fn with_type(mut self, error_type: &'static str) -> Self {
        self.error_type = error_type.into();
        self
    }

    /// Adds what a program wants to know of it.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Val>) -> Self {
        self.context.insert(Text::from(key), value.into());
        self
    }

    /// Adds a number that is no larger than a document.
    #[must_use]
    pub fn with_count(self, key: &str, count: usize) -> Self {
        self.with(key, Val::Int(i64::try_from(count).unwrap_or(i64::MAX)))
    }

    /// Adds the place in the step document as a JSON pointer, before all else.
    #[must_use]
    pub fn at(mut self, pointer: &str) -> Self {
        let rest = std::mem::take(&mut self.context);
        self = self.with("pointer", pointer.to_owned());
        self.context.extend(rest);
        self
    }

    /// Appends the result document.
    pub fn write(&self, out: &mut String) {
        out.push_str(r#"{"status":"failed","error":{"type":"#);
        json::write_str(out, &self.error_type);
        out.push_str(r#","message":"#);
        json::write_str(out, &self.message);
        let _ = write!(out, r#","retryable":{}"#, self.retryable);
        if let Some(code) = &self.code {
            out.push_str(r#","code":"#);
            json::write_str(out, code);
        }
        if let Some(wait) = self.retry_after_ms {
            let _ = write!(out, r#","retry_after_ms":{wait}"#);
        }
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

impl Failure {
    /// What is known of it, for the result of a step that does not fail because of it: type, message, and the rest in
    /// `context`.
    #[must_use]
    pub fn described(&self) -> Val {
        let mut members = Map::with_capacity(3);
        members.insert(Text::from("type"), Val::str(&self.error_type));
        members.insert(Text::from("message"), Val::str(&self.message));
        if !self.context.is_empty() {
            members.insert(Text::from("context"), Val::obj(self.context.clone()));
        }
        Val::obj(members)
    }
}
