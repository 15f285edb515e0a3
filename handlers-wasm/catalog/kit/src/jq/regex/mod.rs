//! Regular expressions as jq has them.
mod exec;
mod parse;
mod program;
mod set;

pub use exec::{Captures, Matcher};
use program::Program;

/// Why a pattern is none, or a match was given up.
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
    pub ignore_case: bool,
    pub extended: bool,
    pub dot_all: bool,
    pub longest: bool,
    pub skip_empty: bool,
}

impl Regex {
    /// Compiles a pattern.
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
