//! Command tools for agents: what a shell's user expects of them, small, as WASI commands.
//!
//! Several commands are one module: the name that it is run by (`argv[0]`) says which one is meant. Relative paths begin at
//! the directory in the environment's `PWD`. Every command has a `--help` that says what it can do, and ends with 2 and a
//! message at options that it does not know. Texts are UTF-8: a byte that is part of no character counts as one.

mod base64;
mod cat;
mod cut;
mod echo;
mod grep;
mod head;
mod io;
mod jq;
mod ls;
mod options;
mod pwd;
mod regex;
mod sed;
mod sort;
mod tail;
mod tr;
mod uniq;
mod wc;

use io::Io;
use std::process::ExitCode;

/// Why a command ends before its time.
#[derive(Debug)]
pub enum Fail {
    /// It was called in a way that it does not understand.
    Usage(String),
    /// It cannot go on.
    Trouble(String),
    /// It was asked what it can do.
    Help,
    /// Nobody takes its output.
    Write(std::io::Error),
}

/// A command.
#[derive(Clone, Copy)]
pub struct Command {
    /// By which name it is run.
    pub name: &'static str,
    /// What it can do.
    pub help: &'static str,
    /// The exit code when it cannot go on.
    pub trouble: u8,
    /// Runs it with its arguments; gives the exit code.
    pub run: fn(&mut Io, Vec<Vec<u8>>) -> Result<u8, Fail>,
}

/// The commands on texts and files.
pub const COMMANDS: &[Command] = &[
    base64::COMMAND,
    cat::COMMAND,
    cut::COMMAND,
    echo::COMMAND,
    grep::COMMAND,
    head::COMMAND,
    ls::COMMAND,
    pwd::COMMAND,
    sed::COMMAND,
    sort::COMMAND,
    tail::COMMAND,
    tr::COMMAND,
    uniq::COMMAND,
    wc::COMMAND,
];

/// The command `jq`, which is much larger than all others together.
pub const JQ: &[Command] = &[jq::COMMAND];

/// Sets up what no run of `jq` changes. The build runs it and keeps the memory that it leaves as the module's own.
pub fn set_up_jq() {
    catalog_kit::filter::set_up();
}

/// The `main` of a module with these commands. A name that is none of them leaves it to the first argument.
#[must_use]
pub fn main(commands: &[Command]) -> ExitCode {
    let mut arguments: Vec<Vec<u8>> = io::arguments();
    let find = |name: Option<&Vec<u8>>| {
        let name = name.map(|name| name.rsplit(|byte| *byte == b'/').next().unwrap_or_default());
        commands.iter().find(|command| Some(command.name.as_bytes()) == name)
    };
    let mut command = find(arguments.first());
    if command.is_none() && !arguments.is_empty() {
        arguments.remove(0);
        command = find(arguments.first());
    }
    let Some(command) = command else {
        let names: Vec<&str> = commands.iter().map(|command| command.name).collect();
        eprintln!("no such command; there are: {}", names.join(", "));
        return ExitCode::from(2);
    };
    arguments.remove(0);
    let mut io = Io::new(command.name);
    let ended = (command.run)(&mut io, arguments).and_then(|code| io.flush().map(|()| code));
    ExitCode::from(match ended {
        Ok(code) => code,
        Err(Fail::Help) => match io.write(command.help.as_bytes()).and_then(|()| io.flush()) {
            Ok(()) => 0,
            Err(_) => command.trouble,
        },
        Err(Fail::Usage(problem)) => {
            io.complain(&format!("{problem}\nTry '{} --help' for what it can do.", command.name));
            2
        }
        Err(Fail::Trouble(problem)) => {
            // What was written before counts.
            let _ = io.flush();
            io.complain(&problem);
            command.trouble
        }
        // Who reads no more has enough.
        Err(Fail::Write(cause)) if cause.kind() == std::io::ErrorKind::BrokenPipe => command.trouble,
        Err(Fail::Write(cause)) => {
            io.complain(&format!("write error: {}", io::reason(&cause)));
            command.trouble
        }
    })
}
