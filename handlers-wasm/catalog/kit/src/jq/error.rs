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
    /// The place in the filter, if it is known.
    at: Option<u32>,
    /// Whether the filter itself raised it, with `error`.
    is_raised: bool,
    /// How many `try` around it must not catch it, because it happened to what they had already given on.
    passes: u32,
    /// It is no error but the end of something that has enough outputs, which is this one.
    cut: u32,
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
        Self(Box::new(Raised { value, at: None, is_raised: false, passes: 0, cut: 0 }))
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

    /// The offset in the filter of what failed, if it is known.
    #[must_use]
    pub fn place(&self) -> Option<usize> {
        self.0.at.map(|at| at as usize)
    }

    /// Whether the filter itself raised it, with `error`.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.is_raised
    }

    /// Tells where it happened, unless that is known more exactly.
    pub(super) fn at(mut self, at: u32) -> Self {
        self.0.at.get_or_insert(at);
        self
    }

    pub(super) fn by_filter(mut self) -> Self {
        self.0.is_raised = true;
        self
    }

    /// Not to be caught by the next `try` around.
    pub(super) fn passing(mut self) -> Self {
        self.0.passes += 1;
        self
    }

    /// What a `try` catches of what ended its body; the rest goes on.
    pub(super) fn caught(mut self) -> Result<Self, Self> {
        if self.0.passes > 0 {
            self.0.passes -= 1;
            return Err(self);
        }
        if self.0.cut == 0 { Ok(self) } else { Err(self) }
    }

    /// The end of what has enough outputs.
    pub(crate) fn cut(id: u32) -> Self {
        let mut cut = Self::raise(Val::Null);
        cut.0.cut = id;
        cut
    }

    pub(crate) fn is_cut(&self, id: u32) -> bool {
        self.0.cut == id
    }
}

/// A value with its type, as messages show it: `string ("abc")`.
pub(super) struct Shown<'v>(pub &'v Val);

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
