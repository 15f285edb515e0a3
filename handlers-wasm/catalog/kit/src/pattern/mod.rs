//! Regular expressions of ECMA-262 with the flag `u`, as JSON Schema and JSONPath have them: does a text match?
//!
//! A pattern is compiled to a program of few kinds of steps, and all ways through it are followed at once, so that the
//! time grows with the length of the text and never explodes. Look-around is served: where it holds is worked out for
//! all places of the text before the pattern around it is run. Back-references are refused, since they cannot be had in
//! such time. The host has a twin of this module, and both give the same answer or the same reason for none.

mod parse;
mod program;
mod property;
mod set;

use program::Program;
use std::fmt;

/// A pattern that can be matched.
pub struct Pattern {
    program: Program,
}

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    reason: String,
    /// The character of the pattern at which it went wrong, from 0.
    at: usize,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, at character {}", self.reason, self.at)
    }
}

impl Pattern {
    /// A pattern as in JSON Schema, which may match any part of a text.
    ///
    /// # Errors
    ///
    /// The pattern is none, is too large, or asks for what is not served.
    pub fn new(pattern: &str) -> Result<Self, Error> {
        let node = parse::parse(pattern, parse::LINE_ENDS)?;
        Program::new(&node).map(|program| Self { program })
    }

    /// A pattern as in JSONPath (RFC 9485, I-Regexp), where a dot stands for all but the two characters that end lines.
    ///
    /// # Errors
    ///
    /// As for [`Pattern::new`].
    pub fn i_regexp(pattern: &str, whole: bool) -> Result<Self, Error> {
        let mut node = parse::parse(pattern, parse::I_REGEXP_LINE_ENDS)?;
        if whole {
            node = parse::Node::Sequence(vec![parse::Node::Start, node, parse::Node::End]);
        }
        Program::new(&node).map(|program| Self { program })
    }

    /// Whether some part of a text matches.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.program.is_match(text)
    }
}

#[cfg(test)]
mod tests;
