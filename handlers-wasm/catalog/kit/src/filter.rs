//! A filter of a step: from its text to its output.
//!
//! [`Prelude`] holds what every filter can call. A run compiles its filter, and of the prelude what the filter uses.

use crate::config;
use crate::deep;
use crate::failure::{Failure, capped};
use crate::jq::compile::{self, Program, Undefined};
use crate::jq::eval::Machine;
use crate::jq::syntax::Node;
use crate::jq::{Error, Position, parse};
use crate::map::Map;
use crate::value::Val;
use std::cell::RefCell;

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
    /// Its parts lie so deep in each other that it needs room.
    is_deep: bool,
}

/// The parts of nearly all filters lie less deep in each other.
const LEVELS: usize = 80;

thread_local! {
    static PRELUDE: RefCell<Option<Prelude>> = const { RefCell::new(None) };
}

/// Reads the prelude of all filters, which no step changes.
pub fn set_up() {
    PRELUDE.set(Some(Prelude::new()));
}

/// Does something with the prelude of all filters.
pub fn with_prelude<T>(f: impl FnOnce(&Prelude) -> T) -> T {
    PRELUDE.with_borrow_mut(|prelude| f(prelude.get_or_insert_with(Prelude::new)))
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
        self.compile_with(text, &[])
    }

    /// Compiles a filter that can use these variables, which are named without their `$`.
    ///
    /// # Errors
    ///
    /// As [`Prelude::compile`]'s.
    pub fn compile_with(&self, text: &str, globals: &[(String, Val)]) -> Result<Filter, Failure> {
        match parse::filter_within(text, LEVELS) {
            Some(parsed) => self.compiled(text, parsed, globals, false),
            None => deep::on_large_stack(|| self.compiled(text, parse::filter(text), globals, true)),
        }
    }

    /// Compiles the filter of a configuration, if it has it.
    ///
    /// # Errors
    ///
    /// `invalid_config` when it is no string; or as [`Prelude::compile`]'s.
    pub fn optional(&self, config: &Map, key: &str) -> Result<Option<Filter>, Failure> {
        config.contains_key(key).then(|| self.required(config, key)).transpose()
    }

    /// Compiles the filter of a configuration.
    ///
    /// # Errors
    ///
    /// `invalid_config` when it is missing or no string; or as [`Prelude::compile`]'s.
    pub fn required(&self, config: &Map, key: &str) -> Result<Filter, Failure> {
        let pointer = format!("/config/{key}");
        match config.get(key) {
            Some(Val::Str(text)) => self.compile(text).map_err(|failure| failure.at(&pointer)),
            other => Err(config::expected(&pointer, "a filter (a string)", other)),
        }
    }

    fn compiled(
        &self,
        text: &str,
        parsed: Result<Node<'_>, parse::Error>,
        globals: &[(String, Val)],
        is_deep: bool,
    ) -> Result<Filter, Failure> {
        let syntax = parsed.map_err(|cause| syntax_error(text, &cause))?;
        let program = self.0.compile(text, &syntax, globals).map_err(|names| undefined(text, &names))?;
        Ok(Filter { text: text.to_owned(), program, is_deep })
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
        if self.is_deep || self.program.reach.is_deep(input.height()) {
            return deep::on_large_stack(|| self.run_here(input));
        }
        self.run_here(input)
    }

    fn run_here(&self, input: Val) -> Result<Val, Failure> {
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
        let done = self.each(input, &mut |value| {
            values.push(value);
            values.len() < limit
        });
        Outputs { values, error: done.err().map(Error::into_value) }
    }

    /// Runs the filter and hands its outputs on, as long as more are wanted.
    ///
    /// # Errors
    ///
    /// What ended the filter.
    pub fn each(&self, input: Val, out: &mut dyn FnMut(Val) -> bool) -> Result<(), Error> {
        let is_deep = self.is_deep || self.program.reach.is_deep(input.height());
        let run = || {
            Machine::new(&self.program)
                .run(input, &mut |value| if out(value) { Ok(()) } else { Err(Error::cut(ENOUGH)) })
        };
        let done = if is_deep { deep::on_large_stack(run) } else { run() };
        done.or_else(|cause| if cause.is_cut(ENOUGH) { Ok(()) } else { Err(cause) })
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
