//! A filter from its text to its outputs.
//!
//! jaq's standard library is some 120 definitions, of which a filter reaches a handful, and compiling all of them takes
//! longer than most runs. [`Prelude`] holds the library parsed, with what each definition calls; a run compiles the
//! definitions that its filter reaches, and gives the compiler only the functions that those reach.

use crate::ast;
use crate::failure::{Failure, capped};
use crate::natives::{self, natives};
use crate::value::{Error, Val, ValR};
use foldhash::fast::FixedState;
use jaq_core::compile::Undefined;
use jaq_core::load::lex::{self, Lexer, Token};
use jaq_core::load::parse::{self, Def, Parser, Term};
use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Native, RcIter};
use std::collections::HashMap;
use std::fmt;

/// The name under which the step's filter stands beside the library. No filter can define it.
const MAIN: &str = "@step";
/// Brackets in a filter may lie so deep in each other.
const MAX_BRACKETS: usize = 128;
/// Outputs beyond the first are counted so far.
const MAX_COUNT: usize = 100;
/// What was found instead is quoted so far.
const MAX_FOUND: usize = 40;

/// The standard library, ready to be compiled in parts.
pub struct Prelude {
    definitions: Vec<Definition>,
    functions: Vec<natives::Filter>,
    names: Names,
}

/// Where each definition and each function is, by name and number of parameters.
type Names = HashMap<(&'static str, usize), Vec<Place>, FixedState>;

struct Definition {
    syntax: Def<&'static str>,
    calls: Vec<Place>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Definition(usize),
    Function(usize),
}

/// A filter that can be run.
pub struct Filter(jaq_core::Filter<Native<Val>>);

impl Prelude {
    /// Parses the library. This is what a snapshot spares each run.
    #[must_use]
    pub fn new() -> Self {
        let is_wanted = |d: &Def<&str>| !natives::replaces(d.name, d.args.len());
        let syntax: Vec<_> = jaq_std::defs()
            .chain(jaq_json::defs())
            .filter(is_wanted)
            .collect();
        let functions = natives();

        let definitions = syntax.iter().enumerate();
        let definitions = definitions.map(|(i, d)| (d.name, d.args.len(), Place::Definition(i)));
        let natives = functions.iter().enumerate();
        let natives = natives.map(|(i, f)| (f.0, f.1.len(), Place::Function(i)));
        let mut names = Names::default();
        for (name, arity, place) in definitions.chain(natives) {
            names.entry((name, arity)).or_default().push(place);
        }

        let definitions = syntax
            .into_iter()
            .map(|syntax| {
                let mut calls = Vec::new();
                ast::calls(&syntax.body, &mut |name, arity| {
                    calls.extend(names.get(&(name, arity)).into_iter().flatten());
                });
                calls.sort_unstable();
                calls.dedup();
                Definition { syntax, calls }
            })
            .collect();
        Self {
            definitions,
            functions,
            names,
        }
    }

    /// Compiles a filter.
    ///
    /// # Errors
    ///
    /// `filter_syntax_error` or `filter_undefined`, with the place in the filter.
    pub fn compile(&self, text: &str) -> Result<Filter, Failure> {
        let term = parse(text)?;

        let mut reached = Reached {
            definitions: vec![false; self.definitions.len()],
            functions: vec![false; self.functions.len()],
            open: Vec::new(),
        };
        let mut calls_main = false;
        ast::calls(&term, &mut |name, arity| {
            let places = self.names.get(&(name, arity)).into_iter().flatten();
            places.for_each(|place| reached.mark(*place));
            calls_main |= name == MAIN;
        });
        if calls_main {
            let at = text.find(MAIN).unwrap_or_default();
            return Err(undefined(text, &[(&text[at..at + MAIN.len()], Undefined::Filter(0))]));
        }
        while let Some(definition) = reached.open.pop() {
            let calls = &self.definitions[definition].calls;
            calls.iter().for_each(|place| reached.mark(*place));
        }

        let library = self.definitions.iter().zip(&reached.definitions);
        let library = library
            .filter(|(_, reached)| **reached)
            .map(|(definition, _)| ast::copy_definition(&definition.syntax));
        let main = Def {
            name: MAIN,
            args: Vec::new(),
            body: term,
        };
        let functions = self.functions.iter().zip(&reached.functions);
        let functions = functions
            .filter(|(_, reached)| **reached)
            .map(|(function, _)| function.clone());

        let arena = Arena::default();
        let call = File {
            code: MAIN,
            path: (),
        };
        let modules = Loader::new(library.chain([main]))
            .load(&arena, call)
            .unwrap_or_else(|_| unreachable!("the call of the filter is a filter"));
        Compiler::default()
            .with_funs(functions)
            .with_global_vars(["$ENV"])
            .compile(modules)
            .map(Filter)
            .map_err(|errors| {
                let names: Vec<_> = errors.into_iter().flat_map(|(_, names)| names).collect();
                undefined(text, &names)
            })
    }
}

/// What a filter reaches of the library; `open` are definitions whose calls were not looked at.
struct Reached {
    definitions: Vec<bool>,
    functions: Vec<bool>,
    open: Vec<usize>,
}

impl Reached {
    fn mark(&mut self, place: Place) {
        match place {
            Place::Function(i) => self.functions[i] = true,
            Place::Definition(i) => {
                if !std::mem::replace(&mut self.definitions[i], true) {
                    self.open.push(i);
                }
            }
        }
    }
}

impl Filter {
    /// Runs the filter; there must be one output.
    ///
    /// # Errors
    ///
    /// `filter_runtime_error`, `no_output` or `many_outputs`.
    pub fn run(&self, input: Val) -> Result<Val, Failure> {
        let inputs = RcIter::new(std::iter::empty());
        let environment = Val::obj(Default::default());
        let mut outputs = self.0.run((Ctx::new([environment], &inputs), input));
        let result = match outputs.next() {
            Some(Ok(value)) => value,
            Some(Err(cause)) => return Err(runtime_error(cause)),
            None => {
                let message = "the filter produced no output; a step needs exactly one";
                return Err(Failure::new("no_output", message));
            }
        };
        match outputs.next() {
            None => Ok(result),
            Some(Err(cause)) => Err(runtime_error(cause)),
            Some(Ok(_)) => Err(many_outputs(outputs)),
        }
    }

    /// Runs the filter and gives all its outputs, but not more than `limit`.
    pub fn outputs(&self, input: Val, limit: usize) -> Outputs {
        let inputs = RcIter::new(std::iter::empty());
        let environment = Val::obj(Default::default());
        let mut values = Vec::new();
        for output in self.0.run((Ctx::new([environment], &inputs), input)).take(limit) {
            match output {
                Ok(value) => values.push(value),
                Err(cause) => {
                    let error = Some(cause.into_val());
                    return Outputs { values, error };
                }
            }
        }
        Outputs { values, error: None }
    }
}

/// All that a filter gives, as jq itself would print it.
pub struct Outputs {
    /// What was produced before the filter ended.
    pub values: Vec<Val>,
    /// The value of the error that ended it, if one did.
    pub error: Option<Val>,
}

/// What a filter raised. An object, as some filters raise one, is handed on beside its text.
fn runtime_error(cause: Error) -> Failure {
    match cause.into_val() {
        Val::Str(message) => Failure::new("filter_runtime_error", message),
        value @ Val::Obj(_) => Failure::new("filter_runtime_error", &value).with("raised", value),
        value => Failure::new("filter_runtime_error", value),
    }
}

/// Counts what comes after the second output.
fn many_outputs(outputs: impl Iterator<Item = ValR>) -> Failure {
    let counted = 2 + outputs.take(MAX_COUNT - 1).take_while(Result::is_ok).count();
    let (more, count) = match counted {
        ..=MAX_COUNT => ("", counted),
        _ => ("more than ", MAX_COUNT),
    };
    let message = format!("the filter produced {more}{count} outputs; a step needs exactly one");
    Failure::new("many_outputs", message)
        .with_count("outputs", count)
        .with("more", counted > MAX_COUNT)
}

// --- from text to syntax tree -------------------------------------------------------------------------------------------

fn parse(text: &str) -> Result<Term<&str>, Failure> {
    if let Some(at) = too_deep(text) {
        let expected = format!("brackets no deeper than {MAX_BRACKETS} levels");
        return Err(syntax_error(text, &expected, &text[at..at + 1]));
    }
    let tokens = Lexer::new(text).lex().map_err(|errors| match errors.first() {
        Some((lex::Expect::Delim(open), found)) => {
            let closing = lex::Expect::Delim(*open).as_str();
            let at = Position::of(text, open);
            let expected = format!("a {closing} for the one opened at {at}");
            syntax_error(text, &expected, found)
        }
        Some((lex::Expect::Token, found)) => syntax_error(text, "a filter or an operator", found),
        Some((expected, found)) => syntax_error(text, &format!("a {}", expected.as_str()), found),
        None => syntax_error(text, "a filter", text),
    })?;
    Parser::new(&tokens).parse(|parser| parser.term()).map_err(|errors| {
        match errors.first() {
            Some((expected, found)) => {
                let found = Token::opt_as_str(*found, text);
                syntax_error(text, &describe(expected), found)
            }
            None => syntax_error(text, "a filter", text),
        }
    })
}

fn describe(expected: &parse::Expect<&str>) -> String {
    match expected {
        parse::Expect::Just(token) if !token.is_empty() => format!("'{token}'"),
        parse::Expect::Nothing => "an operator or the end of the filter".to_owned(),
        parse::Expect::Term => "a filter".to_owned(),
        parse::Expect::ElseOrEnd => "'else' or 'end'".to_owned(),
        other => format!("a {}", other.as_str()),
    }
}

/// The place of the first bracket that lies too deep, without looking at what is quoted.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth > MAX_BRACKETS {
            return Some(at);
        }
    }
    None
}

fn syntax_error(text: &str, expected: &str, found: &str) -> Failure {
    let place = Position::of(text, found);
    let found = if found.is_empty() {
        "the end of the filter".to_owned()
    } else {
        format!("'{}'", capped(found.lines().next().unwrap_or_default(), MAX_FOUND))
    };
    let message = format!("{place}: expected {expected}, found {found}");
    place
        .tell(Failure::new("filter_syntax_error", message))
        .with("expected", expected.to_owned())
        .with("found", found)
}

fn undefined(text: &str, names: &[(&str, Undefined)]) -> Failure {
    let mut messages = Vec::new();
    let mut shown = Vec::new();
    for (name, kind) in names {
        let (kind, full) = match kind {
            Undefined::Filter(arity) => ("filter", format!("{name}/{arity}")),
            kind => (kind.as_str(), (*name).to_owned()),
        };
        let hint = match *name {
            "halt" | "halt_error" => " (a filter ends with `error`)",
            "input_filename" | "input_line_number" => " (a step has no files)",
            _ => "",
        };
        let position = Position::of(text, name);
        messages.push(format!("{position}: {kind} {full} is not defined{hint}"));
        shown.push(Val::from(full));
    }
    let failure = Failure::new("filter_undefined", messages.join("; "));
    let first = names.first().map_or("", |(name, _)| name);
    Position::of(text, first)
        .tell(failure)
        .with("undefined", shown.into_iter().collect::<Val>())
}

/// A place in a filter; lines and columns count from 1, columns in characters, the offset in bytes.
struct Position {
    line: usize,
    column: usize,
    offset: usize,
}

impl Position {
    /// Where a part of a text begins in it.
    fn of(text: &str, part: &str) -> Self {
        let distance = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
        let offset = if distance <= text.len() { distance } else { 0 };
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Self {
            line: 1 + before.matches('\n').count(),
            column: 1 + before[line_start..].chars().count(),
            offset,
        }
    }

    fn tell(&self, failure: Failure) -> Failure {
        failure
            .with_count("line", self.line)
            .with_count("column", self.column)
            .with_count("offset", self.offset)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}
