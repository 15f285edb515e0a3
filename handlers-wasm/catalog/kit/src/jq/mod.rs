//! jq: a filter from its text to its outputs.
//!
//! A text becomes [tokens](lex), these a [tree](parse), and that, with all names resolved, the form that is
//! [run](eval). What is written here is jq 1.8, with the differences that handlers-wasm/README.md lists.

pub mod error;
pub mod natives;
pub mod ops;
mod regex;

mod access;
pub(crate) mod compile;
mod env;
pub(crate) mod eval;
mod ir;
mod lex;
pub(crate) mod parse;
mod paths;
mod reach;
pub(crate) mod syntax;

pub use error::Error;

use std::fmt;

/// A place in a filter; lines and columns count from 1, columns in characters, the offset in bytes.
pub(crate) struct Position {
    pub line: usize,
    pub column: usize,
    pub offset: usize,
}

impl Position {
    /// The place of an offset in a text.
    pub fn of(text: &str, offset: usize) -> Self {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Self {
            line: 1 + before.matches('\n').count(),
            column: 1 + before[line_start..].chars().count(),
            offset,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests;
