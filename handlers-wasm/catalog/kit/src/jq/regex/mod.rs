//! Regular expressions as jq has them: those of Oniguruma, in its Perl syntax with named groups, on Unicode texts.
//!
//! A pattern becomes a tree ([`parse`]), the tree a program ([`program`]), and the matcher ([`exec`]) tries one way through
//! it after another. What it may come back to is on a stack in the heap, so neither a pattern nor a text can overflow the
//! stack of the module; how often it comes back is limited, as in Oniguruma. `^` and `$` match at the ends of the text, and
//! with `(?m)` at those of each line.
//!
//! Not supported, and refused by name: callouts, absent groups (`(?~…)`), and what depends on grapheme clusters (`\X`, `\y`).

mod exec;
mod parse;
mod program;
mod set;
#[cfg(test)]
mod tests;

pub use exec::{Captures, Matcher};
use program::Program;

/// Why a pattern is none, or why a match was given up.
pub type Error = String;

/// A compiled pattern.
#[derive(Debug)]
pub struct Regex {
    program: Program,
    names: Vec<Option<String>>,
    longest: bool,
    skip_empty: bool,
}

/// How a pattern is meant.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Small letters and capitals are the same.
    pub ignore_case: bool,
    /// White space and comments in the pattern do not count.
    pub extended: bool,
    /// `.` matches a line feed too.
    pub dot_all: bool,
    /// Of all matches in the text, only the longest is one.
    pub longest: bool,
    /// A match is never empty.
    pub skip_empty: bool,
}

impl Regex {
    /// Compiles a pattern.
    ///
    /// # Errors
    ///
    /// When this is no pattern, in Oniguruma's words, or a part of it is not supported.
    pub fn new(pattern: &str, options: Options) -> Result<Self, Error> {
        let inner = parse::Options {
            ignore_case: options.ignore_case,
            extended: options.extended,
            dot_all: options.dot_all,
            lines: false,
        };
        let pattern = parse::parse(pattern, inner)?;
        let program = program::compile(&pattern)?;
        Ok(Self { program, names: pattern.names, longest: options.longest, skip_empty: options.skip_empty })
    }

    /// The name of each group that has one, from number 1.
    pub fn names(&self) -> &[Option<String>] {
        &self.names
    }
}
