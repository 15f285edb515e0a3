//! What a filter raises.

use crate::json;
use crate::value::Val;
use std::fmt;

/// A value in a message is at most this many bytes long.
const MAX_SHOWN: usize = 29;

/// An error: any value, mostly a message.
#[derive(Debug)]
pub struct Error(Box<Raised>);

#[derive(Debug)]
struct Raised {
    value: Val,
}

impl Error {
    /// An error with a message.
    #[must_use]
    pub fn new(message: impl fmt::Display) -> Self {
        Self::raise(message.to_string().into())
    }

    /// An error with any value.
    #[must_use]
    pub fn raise(value: Val) -> Self {
        Self(Box::new(Raised { value }))
    }

    /// An error about a value: `number (1) cannot be parsed as a number`.
    #[must_use]
    pub fn typ(value: &Val, problem: &str) -> Self {
        Self::new(format_args!("{} {problem}", Shown(value)))
    }

    /// An error about two values: `number (1) and string ("a") cannot be added`.
    #[must_use]
    pub fn types(left: &Val, right: &Val, problem: &str) -> Self {
        Self::new(format_args!("{} and {} {problem}", Shown(left), Shown(right)))
    }

    /// What was raised.
    #[must_use]
    pub fn value(&self) -> &Val {
        &self.0.value
    }

    /// What was raised.
    #[must_use]
    pub fn into_value(self) -> Val {
        self.0.value
    }
}

/// A value with its type, as messages show it: `string ("abc")`.
struct Shown<'v>(&'v Val);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0.type_name(), brief(self.0))
    }
}

/// The JSON text of a value, cut as jq does it.
#[must_use]
pub fn brief(value: &Val) -> String {
    let mut text = json::to_string(value);
    if text.len() > MAX_SHOWN {
        let close = match text.as_bytes()[0] {
            b'"' => "\"",
            b'[' => "]",
            b'{' => "}",
            _ => "",
        };
        let mut end = MAX_SHOWN - "...".len() - close.len();
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str("...");
        text.push_str(close);
    }
    text
}
