//! `tail`: the last part of files.

use crate::head::Titles;
use crate::io::{self, Io, Source};
use crate::options::{self, flag, plain_number, valued};
use crate::{Command, Fail};
use std::io::Read;

const HELP: &str = "\
Usage: tail [OPTION]... [FILE]...
Writes the last 10 lines of each file, with its name before if there are several. Without FILE, or when it is -, standard
input.

  -c, --bytes N            the last N bytes; with +N from byte N on
  -n, --lines N            the last N lines; with +N from line N on
  -N                       as -n N
  -q, --quiet, --silent    never the names of the files
  -v, --verbose            always the names of the files
  -z, --zero-terminated    lines end with a zero byte
      --help               this text

N may have a suffix: b 512, kB 1000, K 1024, MB, M, GB, G. Files are not followed as they grow.
Exit code: 0; 1 if a file could not be read; 2 for wrong options.
";

/// The command.
pub const COMMAND: Command = Command { name: "tail", help: HELP, trouble: 1, run };

/// How much: so many lines or bytes, or from one on.
struct Part {
    bytes: bool,
    from: bool,
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
    let mut part = Part { bytes: false, from: false, count: 10, end };
    for (letter, value) in &call.options {
        let what = match letter {
            b'c' => "number of bytes",
            b'n' => "number of lines",
            _ => continue,
        };
        part.bytes = *letter == b'c';
        part.from = value.starts_with(b"+");
        part.count = options::count(value.strip_prefix(b"+").or(value.strip_prefix(b"-")).unwrap_or(value), what)?;
    }
    let files = io::or_standard_input(call.operands.clone());
    let mut titles = Titles::new(&call, files.len());
    for name in &files {
        let Some(source) = io.open(name) else { continue };
        titles.write(io, name)?;
        let ended = if part.from { rest(io, source, &part)? } else { last(io, source, &part)? };
        if let Err(cause) = ended {
            io.complain_of(name, &cause);
        }
    }
    Ok(io.code())
}

type Ended = Result<std::io::Result<()>, Fail>;

/// From a line or byte on.
fn rest(io: &mut Io, mut source: Source, part: &Part) -> Ended {
    let mut to_skip = part.count.saturating_sub(1);
    let mut piece = vec![0; 32 * 1024];
    loop {
        let mut read = match source.read(&mut piece) {
            Ok(0) => return Ok(Ok(())),
            Ok(count) => &piece[..count],
            Err(cause) => return Ok(Err(cause)),
        };
        while to_skip > 0 && !read.is_empty() {
            if part.bytes {
                let skipped = to_skip.min(read.len());
                read = &read[skipped..];
                to_skip -= skipped;
            } else {
                match memchr::memchr(part.end, read) {
                    Some(found) => {
                        read = &read[found + 1..];
                        to_skip -= 1;
                    }
                    None => read = &[],
                }
            }
        }
        io.write(read)?;
    }
}

/// The last lines or bytes; no more is kept than these, and a piece.
fn last(io: &mut Io, mut source: Source, part: &Part) -> Ended {
    let mut kept: Vec<u8> = Vec::new();
    let mut piece = vec![0; 32 * 1024];
    let mut enough = 256 * 1024;
    loop {
        match source.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => kept.extend_from_slice(&piece[..count]),
            Err(cause) => return Ok(Err(cause)),
        }
        if kept.len() > enough {
            kept.drain(..start(&kept, part));
            enough = kept.len() * 2 + 256 * 1024;
        }
    }
    io.write(&kept[start(&kept, part)..]).map(Ok)
}

fn start(text: &[u8], part: &Part) -> usize {
    if part.bytes {
        return text.len().saturating_sub(part.count);
    }
    if part.count == 0 {
        return text.len();
    }
    // What ends the last line begins no other.
    let end = text.len() - usize::from(text.last() == Some(&part.end));
    memchr::memrchr_iter(part.end, &text[..end]).nth(part.count - 1).map_or(0, |found| found + 1)
}
