//! Regular expressions as POSIX has them, basic and extended, with the usual additions of GNU.
//!
//! A pattern becomes a tree ([`parse`]), the tree a program ([`program`]). All ways through it are followed at once, one
//! character of the text after the other ([`search`]), so that time grows with the length of the text only; of all matches
//! the leftmost one counts, and of those the longest. Patterns with back-references are tried one way after the other
//! ([`backtrack`]), with a limit.
//!
//! Texts are bytes. Where they are UTF-8, a character is one; any other byte counts as a character of its own.

mod backtrack;
mod parse;
mod program;
mod search;
mod set;
#[cfg(test)]
mod tests;

use program::Program;
pub use set::{Class, Unit, fold, push, unit};

/// No place.
const NONE: usize = usize::MAX;

/// How a pattern is meant.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// It is an extended regular expression.
    pub extended: bool,
    /// Small letters and capitals are the same.
    pub ignore_case: bool,
    /// `\n`, `\t` and the like stand for control characters.
    pub escapes: bool,
    /// `^` and `$` match at every line.
    pub lines: bool,
    /// A match is a whole word.
    pub word: bool,
    /// A match is the whole text.
    pub whole: bool,
}

/// A compiled pattern.
#[derive(Debug)]
pub struct Regex(Program);

/// Where a match is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The byte where it begins.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
    /// Begin and end of each group, from number 1.
    groups: Vec<usize>,
}

impl Match {
    /// The bytes of a group; 0 is the whole match.
    #[must_use]
    pub fn group(&self, number: usize) -> Option<std::ops::Range<usize>> {
        if number == 0 {
            return Some(self.start..self.end);
        }
        let start = *self.groups.get(number * 2 - 2)?;
        let end = *self.groups.get(number * 2 - 1)?;
        (start != NONE && end != NONE).then_some(start..end)
    }
}

impl Regex {
    /// Compiles a pattern.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn new(pattern: &[u8], options: Options) -> Result<Self, String> {
        let parsed = parse::parse(pattern, options)?;
        program::compile(parsed, options).map(Self)
    }

    /// A pattern that is a text as it stands.
    ///
    /// # Errors
    ///
    /// It is too long.
    pub fn literal(text: &[u8], options: Options) -> Result<Self, String> {
        program::compile(parse::literal(text), options).map(Self)
    }

    /// How many groups it has.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.0.groups
    }

    /// The match that begins first, at a place or behind it; of those, the longest.
    ///
    /// # Errors
    ///
    /// It was given up.
    pub fn find(&self, text: &[u8], from: usize) -> Result<Option<Match>, String> {
        match self.0.has_back_references {
            true => backtrack::find(&self.0, text, from),
            false => Ok(search::find(&self.0, text, from, false)),
        }
    }

    /// Whether there is a match.
    ///
    /// # Errors
    ///
    /// It was given up.
    pub fn is_match(&self, text: &[u8]) -> Result<bool, String> {
        match self.0.has_back_references {
            true => Ok(backtrack::find(&self.0, text, 0)?.is_some()),
            false => Ok(search::find(&self.0, text, 0, true).is_some()),
        }
    }
}
