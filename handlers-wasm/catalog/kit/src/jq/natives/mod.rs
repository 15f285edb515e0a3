//! The filters that are functions on values. Those that take filters as arguments are in the evaluator or in the prelude.

use super::Error;
use crate::value::Val;

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
pub const TABLES: &[&[Native]] = &[];
