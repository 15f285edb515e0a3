//! Filters on what lies around the command `jq`: its inputs, standard error, and how it ends.

use super::Native;
use crate::jq::Error;
use crate::json;
use crate::value::Val;
use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::time::SystemTime;

/// What the command reads its inputs from.
pub trait Inputs {
    /// The next input, or why there is none: its text.
    fn next(&mut self) -> Option<Result<Val, String>>;

    /// The file that the last input came from, if it was one.
    fn file(&self) -> Option<String>;

    /// How many lines of it were read.
    fn lines(&self) -> usize;
}

/// How a filter ended the command.
#[derive(Debug)]
pub struct Halt {
    /// The exit code.
    pub code: u8,
    /// What is written to standard error.
    pub message: Option<Val>,
}

/// What ends a filter that ends the command.
const HALT: u32 = u32::MAX - 1;

thread_local! {
    static INPUTS: RefCell<Option<Box<dyn Inputs>>> = const { RefCell::new(None) };
    static HALTED: Cell<Option<Halt>> = const { Cell::new(None) };
}

/// Says where inputs come from.
pub fn set_inputs(inputs: Box<dyn Inputs>) {
    INPUTS.set(Some(inputs));
}

/// The next input.
#[must_use]
pub fn next_input() -> Option<Result<Val, String>> {
    INPUTS.with_borrow_mut(|inputs| inputs.as_mut().and_then(|inputs| inputs.next()))
}

/// The file that the last input came from, if it was one, and how many lines of it were read.
#[must_use]
pub fn place() -> (Option<String>, usize) {
    INPUTS.with_borrow(|inputs| inputs.as_ref().map_or((None, 0), |inputs| (inputs.file(), inputs.lines())))
}

/// How a filter ended the command, if one did.
#[must_use]
pub fn halted() -> Option<Halt> {
    HALTED.take()
}

/// The time of day.
#[must_use]
pub fn now() -> SystemTime {
    SystemTime::now()
}

fn halt(code: u8, message: Option<Val>) -> Result<Val, Error> {
    HALTED.set(Some(Halt { code, message }));
    Err(Error::cut(HALT))
}

fn write(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// The filters of this file.
pub const TABLE: &[Native] = &[
    Native {
        name: "debug",
        arity: 0,
        run: |v, _| {
            write(&format!("[\"DEBUG:\",{}]\n", json::to_string(&v)));
            Ok(v)
        },
    },
    Native {
        name: "stderr",
        arity: 0,
        run: |v, _| {
            match &v {
                Val::Str(text) => write(text),
                v => write(&json::to_string(v)),
            }
            Ok(v)
        },
    },
    Native {
        name: "input",
        arity: 0,
        run: |_, _| match next_input() {
            Some(input) => input.map_err(Error::new),
            None => Err(Error::new("No more inputs")),
        },
    },
    Native {
        name: "input_filename",
        arity: 0,
        run: |_, _| Ok(place().0.map_or(Val::Null, Val::from)),
    },
    Native {
        name: "input_line_number",
        arity: 0,
        run: |_, _| Ok(Val::Int(i64::try_from(place().1).unwrap_or(i64::MAX))),
    },
    Native { name: "halt", arity: 0, run: |_, _| halt(0, None) },
    Native { name: "halt_error", arity: 0, run: |v, _| halt(5, Some(v)) },
    Native {
        name: "halt_error",
        arity: 1,
        run: |v, arguments| match arguments[0].as_int() {
            Ok(code) => halt((code & 0xFF) as u8, Some(v)),
            Err(_) => Err(Error::new("halt_error/1: number required")),
        },
    },
];
