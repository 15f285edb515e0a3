//! `head`: the first part of files.

use crate::io::{self, Io, Lines, Source};
use crate::options::{self, flag, plain_number, valued};
use crate::{Command, Fail};
use std::collections::VecDeque;
use std::io::Read;

const HELP: &str = "\
Usage: head [OPTION]... [FILE]...
Writes the first 10 lines of each file, with its name before if there are several. Without FILE, or when it is -, standard
input.

  -c, --bytes N            the first N bytes; with -N all but the last N
  -n, --lines N            the first N lines; with -N all but the last N
  -N                       as -n N
  -q, --quiet, --silent    never the names of the files
  -v, --verbose            always the names of the files
  -z, --zero-terminated    lines end with a zero byte
      --help               this text

N may have a suffix: b 512, kB 1000, K 1024, MB, M, GB, G.
Exit code: 0; 1 if a file could not be read; 2 for wrong options.
";

/// The command.
pub const COMMAND: Command = Command { name: "head", help: HELP, trouble: 1, run };

/// Which files have their names before them.
pub struct Titles {
    shown: bool,
    is_first: bool,
}

impl Titles {
    /// As the options `q` and `v` say; else if there are several files.
    pub fn new(call: &options::Call, files: usize) -> Self {
        let last = call.options.iter().rev().find(|(letter, _)| *letter == b'q' || *letter == b'v');
        Self { shown: last.map_or(files > 1, |(letter, _)| *letter == b'v'), is_first: true }
    }

    /// Writes the name of a file.
    pub fn write(&mut self, io: &mut Io, name: &[u8]) -> Result<(), Fail> {
        if self.shown {
            let name = if name == b"-" { b"standard input" } else { name };
            let gap: &[u8] = if self.is_first { b"==> " } else { b"\n==> " };
            self.is_first = false;
            io.write(&[gap, name, b" <==\n"].concat())?;
        }
        Ok(())
    }
}

/// How much: so many lines or bytes, or all but so many.
struct Part {
    bytes: bool,
    all_but: bool,
    count: usize,
    end: u8,
}

fn run(io: &mut Io, arguments: Vec<Vec<u8>>) -> Result<u8, Fail> {
    let call = options::read(
        arguments,
        &[
            valued(b'c', "bytes"),
            valued(b'n', "lines"),
            plain_number(b'n'),
            flag(b'q', "quiet"),
            flag(b'q', "silent"),
            flag(b'v', "verbose"),
            flag(b'z', "zero-terminated"),
        ],
    )?;
    let end = if call.has(b'z') { 0 } else { b'\n' };
    let mut part = Part { bytes: false, all_but: false, count: 10, end };
    for (letter, value) in &call.options {
        let what = match letter {
            b'c' => "number of bytes",
            b'n' => "number of lines",
            _ => continue,
        };
        part.bytes = *letter == b'c';
        part.all_but = value.starts_with(b"-");
        part.count = options::count(value.strip_prefix(b"-").unwrap_or(value), what)?;
    }
    let files = io::or_standard_input(call.operands.clone());
    let mut titles = Titles::new(&call, files.len());
    for name in &files {
        let Some(source) = io.open(name) else { continue };
        titles.write(io, name)?;
        let ended = match (part.bytes, part.all_but) {
            (true, false) => first_bytes(io, source, part.count)?,
            (true, true) => all_but_bytes(io, source, part.count)?,
            (false, false) => first_lines(io, source, &part)?,
            (false, true) => all_but_lines(io, source, &part)?,
        };
        if let Err(cause) = ended {
            io.complain_of(name, &cause);
        }
    }
    Ok(io.code())
}

type Ended = Result<std::io::Result<()>, Fail>;

fn first_bytes(io: &mut Io, mut source: Source, count: usize) -> Ended {
    let mut left = count;
    let mut piece = vec![0; left.min(32 * 1024)];
    while left > 0 {
        let wanted = left.min(piece.len());
        match source.read(&mut piece[..wanted]) {
            Ok(0) => break,
            Ok(read) => {
                io.write(&piece[..read])?;
                left -= read;
            }
            Err(cause) => return Ok(Err(cause)),
        }
    }
    Ok(Ok(()))
}

fn all_but_bytes(io: &mut Io, mut source: Source, count: usize) -> Ended {
    match source.read_all() {
        Ok(all) => io.write(&all[..all.len().saturating_sub(count)]).map(Ok),
        Err(cause) => Ok(Err(cause)),
    }
}

fn first_lines(io: &mut Io, source: Source, part: &Part) -> Ended {
    let mut lines = Lines::new(source, part.end);
    for _ in 0..part.count {
        match lines.next() {
            Ok(Some(line)) => {
                io.write(line.text)?;
                if line.is_ended {
                    io.write(&[part.end])?;
                }
            }
            Ok(None) => break,
            Err(cause) => return Ok(Err(cause)),
        }
    }
    Ok(Ok(()))
}

fn all_but_lines(io: &mut Io, source: Source, part: &Part) -> Ended {
    let mut lines = Lines::new(source, part.end);
    let mut held: VecDeque<Vec<u8>> = VecDeque::new();
    loop {
        match lines.next() {
            Ok(Some(line)) => {
                let mut text = line.text.to_vec();
                if line.is_ended {
                    text.push(part.end);
                }
                held.push_back(text);
                if held.len() > part.count {
                    if let Some(first) = held.pop_front() {
                        io.write(&first)?;
                    }
                }
            }
            Ok(None) => return Ok(Ok(())),
            Err(cause) => return Ok(Err(cause)),
        }
    }
}
