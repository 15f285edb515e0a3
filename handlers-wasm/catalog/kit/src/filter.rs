//! A filter of a step: from its text to its output.
//!
//! [`Prelude`] holds what every filter can call. A run compiles its filter, and of the prelude what the filter uses.

use crate::failure::{Failure, capped};
use crate::jq::compile::{self, Program, Undefined};
use crate::jq::eval::Machine;
use crate::jq::{Error, Position, parse};
use crate::value::Val;

/// Outputs beyond the first are counted so far.
const MAX_COUNT: usize = 100;
/// What was found instead is quoted so far.
const MAX_FOUND: usize = 40;

/// What every filter can call.
pub struct Prelude(compile::Prelude);

/// A filter that can be run.
pub struct Filter {
    text: String,
    program: Program,
}

impl Prelude {
    /// Reads what is written in jq. This is what a snapshot spares each run.
    #[must_use]
    pub fn new() -> Self {
        Self(compile::Prelude::new())
    }

    /// Compiles a filter.
    ///
    /// # Errors
    ///
    /// `filter_syntax_error` or `filter_undefined`, with the place in the filter.
    pub fn compile(&self, text: &str) -> Result<Filter, Failure> {
        let syntax = parse::filter(text).map_err(|cause| syntax_error(text, &cause))?;
        let program = self.0.compile(text, &syntax).map_err(|names| undefined(text, &names))?;
        Ok(Filter { text: text.to_owned(), program })
    }
}

impl Default for Prelude {
    fn default() -> Self {
        Self::new()
    }
}

/// All that a filter gives, as jq itself would print it.
pub struct Outputs {
    /// What was produced before the filter ended.
    pub values: Vec<Val>,
    /// The value of the error that ended it, if one did.
    pub error: Option<Val>,
}

/// What ends a filter that has enough outputs.
const ENOUGH: u32 = u32::MAX;

impl Filter {
    /// Runs the filter; there must be one output.
    ///
    /// # Errors
    ///
    /// `filter_runtime_error`, `no_output` or `many_outputs`.
    pub fn run(&self, input: Val) -> Result<Val, Failure> {
        let mut result = None;
        let mut count = 0;
        let done = Machine::new(&self.program).run(input, &mut |value| {
            count += 1;
            if count == 1 {
                result = Some(value);
            }
            if count > MAX_COUNT { Err(Error::cut(ENOUGH)) } else { Ok(()) }
        });
        match (done, result) {
            // An error after the second output would not be the first thing that is wrong.
            (Err(cause), _) if !cause.is_cut(ENOUGH) && count < 2 => Err(self.runtime_error(cause)),
            (_, Some(result)) if count == 1 => Ok(result),
            (_, None) => {
                let message = "the filter produced no output; a step needs exactly one";
                Err(Failure::new("no_output", message))
            }
            _ => Err(many_outputs(count)),
        }
    }

    /// Runs the filter and gives all its outputs, but not more than `limit`.
    #[must_use]
    pub fn outputs(&self, input: Val, limit: usize) -> Outputs {
        let mut values = Vec::new();
        let done = Machine::new(&self.program).run(input, &mut |value| {
            values.push(value);
            if values.len() == limit { Err(Error::cut(ENOUGH)) } else { Ok(()) }
        });
        let error = done.err().filter(|cause| !cause.is_cut(ENOUGH)).map(Error::into_value);
        Outputs { values, error }
    }

    /// What ended the filter, with the place in it. What the filter itself raised is handed on as it is.
    fn runtime_error(&self, cause: Error) -> Failure {
        let place = cause.place().map(|at| Position::of(&self.text, at));
        let is_raised = cause.is_raised();
        let failure = match (cause.into_value(), &place) {
            (Val::Str(message), Some(place)) if !is_raised => {
                Failure::new("filter_runtime_error", format_args!("{place}: {message}"))
            }
            (Val::Str(message), _) => Failure::new("filter_runtime_error", message),
            (value @ Val::Obj(_), _) => Failure::new("filter_runtime_error", &value).with("raised", value),
            (value, _) => Failure::new("filter_runtime_error", value),
        };
        match place {
            Some(place) => tell(&place, failure),
            None => failure,
        }
    }
}

fn many_outputs(counted: usize) -> Failure {
    let (more, count) = match counted {
        ..=MAX_COUNT => ("", counted),
        _ => ("more than ", MAX_COUNT),
    };
    let message = format!("the filter produced {more}{count} outputs; a step needs exactly one");
    Failure::new("many_outputs", message)
        .with_count("outputs", count)
        .with("more", counted > MAX_COUNT)
}

fn syntax_error(text: &str, cause: &parse::Error) -> Failure {
    let place = Position::of(text, cause.at);
    let found = &text[place.offset..cause.end.max(place.offset)];
    let found = if found.is_empty() {
        "the end of the filter".to_owned()
    } else {
        format!("'{}'", capped(found.lines().next().unwrap_or_default(), MAX_FOUND))
    };
    let expected = &cause.expected;
    let message = format!("{place}: expected {expected}, found {found}");
    tell(&place, Failure::new("filter_syntax_error", message))
        .with("expected", expected.clone())
        .with("found", found)
}

fn undefined(text: &str, names: &[Undefined]) -> Failure {
    let mut messages = Vec::new();
    let mut shown = Vec::new();
    for Undefined { at, kind, name } in names {
        let hint = match name.split('/').next().unwrap_or_default() {
            "halt" | "halt_error" => " (a filter ends with `error`)",
            _ => "",
        };
        let place = Position::of(text, *at as usize);
        messages.push(format!("{place}: {kind} {name} is not defined{hint}"));
        shown.push(Val::from(name.clone()));
    }
    let failure = Failure::new("filter_undefined", messages.join("; "));
    let first = names.first().map_or(0, |name| name.at as usize);
    tell(&Position::of(text, first), failure).with("undefined", shown.into_iter().collect::<Val>())
}

/// Adds a place to a failure.
fn tell(place: &Position, failure: Failure) -> Failure {
    failure
        .with_count("line", place.line)
        .with_count("column", place.column)
        .with_count("offset", place.offset)
}
