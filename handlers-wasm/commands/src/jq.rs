//! `jq`: filters on JSON, as a command.

mod arguments;
mod inputs;
mod print;

use crate::io::{self, Io, shown};
use crate::{Command, Fail};
use arguments::Call;
use catalog_kit::filter::{self, Filter};
use catalog_kit::jq::natives::surroundings::{self, Halt};
use catalog_kit::{Failure, Map, Text, Val, json};
use inputs::{Documents, Form};
use print::Style;
use std::io::Write;

const HELP: &str = "\
Usage: jq [OPTION]... FILTER [FILE]...
Runs a filter of jq 1.8 on each JSON value of the files and writes its outputs. Without FILE, or when it is -, standard input.

  -n, --null-input         the filter runs once, on null; input and inputs give the values
  -R, --raw-input          inputs are the lines, as strings; with -s all of it is one string
  -s, --slurp              the only input is an array of all values
  -f, --from-file FILE     the filter is in a file, and all operands are files

  -a, --ascii-output       characters beyond ASCII as \\uXXXX
  -c, --compact-output     outputs in one line
  -j, --join-output        as -r, without line feeds behind outputs
  -M, --monochrome-output  ignored: nothing is coloured
  -r, --raw-output         outputs that are strings as their texts
      --raw-output0        as -r, with a zero byte behind each
  -S, --sort-keys          members of objects in the order of their names
      --indent N           N spaces for each level, 0 to 7 (default 2)
      --tab                a tab for each level

  -e, --exit-status        exit code 1 if the last output was false or null, 4 if there was none
      --arg NAME TEXT      $NAME is a string
      --argjson NAME JSON  $NAME is a value
      --slurpfile NAME FILE  $NAME is an array of the values in a file
      --rawfile NAME FILE  $NAME is the text of a file
      --args, --jsonargs   further operands are strings or values in $ARGS.positional
      --help               this text

Values may be nested 512 levels deep. There are no modules (import, include), no dates in other time zones than UTC, and what
handlers-wasm/README.md lists as different.
Exit code: 0, or that of -e, halt and halt_error; 2 for wrong options, files that cannot be read, or what is not JSON; 3 for a
wrong filter; 5 if the filter ended with an error for the last time.
";

/// The command.
pub const COMMAND: Command = Command { name: "jq", help: HELP, trouble: 2, run };

/// What comes of the inputs.
struct Outputs<'s> {
    style: &'s Style,
    last: Option<bool>,
    failed: Option<Fail>,
}

fn run(io: &mut Io, arguments: Vec<Vec<u8>>) -> Result<u8, Fail> {
    let call = arguments::read(arguments)?;
    let globals = globals(&call)?;
    let filter = match filter::with_prelude(|prelude| prelude.compile_with(&call.filter, &globals)) {
        Ok(filter) => filter,
        Err(failure) => {
            io.complain(&format!("error: {}\njq: 1 compile error", message(&failure)));
            return Ok(3);
        }
    };
    let form = Form { raw: call.raw_input, slurp: call.slurp };
    surroundings::set_inputs(Box::new(Documents::new(call.files.clone(), form)));
    let mut outputs = Outputs { style: &call.style, last: None, failed: None };
    let mut code = 0;
    let mut is_over = false;
    while !is_over {
        let input = match call.null_input {
            true => {
                is_over = true;
                Val::Null
            }
            false => match surroundings::next_input() {
                None => break,
                Some(Ok(input)) => input,
                Some(Err(problem)) => {
                    io.flush()?;
                    io.complain(&format!("error (at {}): {problem}", place(false)));
                    return Ok(2);
                }
            },
        };
        match outputs.of(io, &filter, input)? {
            Ended::Done => code = 0,
            Ended::Failed => {
                io.flush()?;
                code = 5;
            }
            Ended::Halted(code) => return Ok(code),
        }
    }
    if let Some(problem) = inputs::unread() {
        io.flush()?;
        for problem in problem {
            io.complain(&format!("error: {problem}"));
        }
        code = 2;
    }
    Ok(match (code, call.exit_status, outputs.last) {
        (0, true, None) => 4,
        (0, true, Some(false)) => 1,
        (code, _, _) => code,
    })
}

/// How a filter ended for an input.
enum Ended {
    Done,
    Failed,
    Halted(u8),
}

impl Outputs<'_> {
    /// Writes the outputs for an input.
    fn of(&mut self, io: &mut Io, filter: &Filter, input: Val) -> Result<Ended, Fail> {
        let is_null_input = matches!(input, Val::Null) && surroundings::place().1 == 0;
        let ended = filter.each(input, &mut |value| {
            self.last = Some(value.is_true());
            match print::print(io, self.style, &value) {
                Ok(()) => true,
                Err(fail) => {
                    self.failed = Some(fail);
                    false
                }
            }
        });
        if let Some(fail) = self.failed.take() {
            return Err(fail);
        }
        let Err(cause) = ended else { return Ok(Ended::Done) };
        io.flush()?;
        if let Some(Halt { code, message }) = surroundings::halted() {
            if let Some(message) = message {
                let text = match &message {
                    Val::Str(text) => text.to_string(),
                    value => format!("{}\n", json::to_string(value)),
                };
                let _ = std::io::stderr().write_all(text.as_bytes());
            }
            return Ok(Ended::Halted(code));
        }
        let place = place(is_null_input);
        io.complain(&match cause.into_value() {
            Val::Str(text) => format!("error (at {place}): {}", text.as_str()),
            value => format!("error (at {place}) (not a string): {}", json::to_string(&value)),
        });
        Ok(Ended::Failed)
    }
}

/// Where the last input came from.
fn place(is_null_input: bool) -> String {
    match surroundings::place() {
        _ if is_null_input => "<unknown>".to_owned(),
        (Some(file), lines) => format!("{file}:{lines}"),
        (None, lines) => format!("<stdin>:{lines}"),
    }
}

fn message(failure: &Failure) -> String {
    match failure.described() {
        Val::Obj(members) => match members.get("message") {
            Some(Val::Str(message)) => message.to_string(),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

/// The variables of the options, and what is always there.
fn globals(call: &Call) -> Result<Vec<(String, Val)>, Fail> {
    let mut globals = call.named.clone();
    let named: Map = call.named.iter().map(|(name, value)| (Text::from(name.as_str()), value.clone())).collect();
    let all = [
        (Text::from("positional"), Val::arr(call.positional.clone())),
        (Text::from("named"), Val::obj(named)),
    ];
    globals.push(("ARGS".to_owned(), Val::obj(all.into_iter().collect())));
    if call.filter.contains("ENV") || call.filter.contains("env") {
        let variables = std::env::vars_os().map(|(name, value)| {
            let text = |text: std::ffi::OsString| shown(io::bytes(&text));
            (Text::from(text(name)), Val::from(text(value)))
        });
        globals.push(("ENV".to_owned(), Val::obj(variables.collect())));
    }
    Ok(globals)
}
