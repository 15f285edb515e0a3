//! The filters that are functions on values. Those that take filters as arguments are in the evaluator or in the prelude.

mod collections;
mod dates;
mod formats;
mod matching;
mod numbers;
mod paths;
mod strings;
#[cfg_attr(feature = "command", path = "command.rs")]
pub mod surroundings;

use super::Error;
use crate::value::Val;

pub use matching::forget;

/// A filter that is a function: all its arguments are values, and it has exactly one output.
///
/// When an argument has several outputs, the evaluator calls the function for each combination.
#[derive(Clone, Copy)]
pub struct Native {
    /// How filters call it. A name that begins with `_` is known to the prelude only; a format is named with its `@`.
    pub name: &'static str,
    /// How many arguments it takes.
    pub arity: usize,
    /// What it does with its input and its arguments. The input is its own: nobody else has it if the reference counts say so.
    pub run: fn(Val, &[Val]) -> Result<Val, Error>,
}

/// All of them.
pub const TABLES: &[&[Native]] = &[
    collections::TABLE,
    dates::TABLE,
    formats::TABLE,
    matching::TABLE,
    numbers::TABLE,
    paths::TABLE,
    strings::TABLE,
    surroundings::TABLE,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    /// The output of a native for JSON texts, or what a filter would catch.
    pub(super) fn run(name: &str, input: &str, args: &[&str]) -> String {
        let parsed = |text: &&str| json::parse(text).expect("JSON");
        let args: Vec<Val> = args.iter().map(parsed).collect();
        let mut natives = TABLES.iter().copied().flatten();
        let native = natives.find(|native| native.name == name && native.arity == args.len());
        match (native.expect("a native").run)(parsed(&input), &args) {
            Ok(v) => v.to_string(),
            Err(cause) => match cause.into_value() {
                Val::Str(message) => message.to_string(),
                v => v.to_string(),
            },
        }
    }

    #[test]
    fn no_two_natives_have_the_same_name_and_number_of_arguments() {
        let mut names: Vec<_> = TABLES.iter().copied().flatten().map(|n| (n.name, n.arity)).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
