//! `uniq`: lines that come several times in a row.

use crate::io::{self, Io, Line, Lines, reason, shown};
use crate::options::{self, flag, valued};
use crate::regex::{Unit, fold, unit};
use crate::{Command, Fail};
use std::fs::File;
use std::io::Write;

const HELP: &str = "\
Usage: uniq [OPTION]... [INPUT [OUTPUT]]
Writes of lines that are the same, one after another, only the first. Without INPUT, or when it is -, standard input.

  -c, --count            before each line, how often it came
  -d, --repeated         only lines that came several times
  -D                     all of the lines that came several times
  -f, --skip-fields N    the first N fields do not count; a field is white space and what follows up to the next
  -i, --ignore-case      small letters and capitals are the same
  -s, --skip-chars N     the first N characters, behind the fields, do not count
  -u, --unique           only lines that came once
  -w, --check-chars N    no more than N characters count
  -z, --zero-terminated  lines end with a zero byte
      --help             this text

Exit code: 0; 1 if a file could not be read or written; 2 for wrong options.
";

/// The command.
pub const COMMAND: Command = Command { name: "uniq", help: HELP, trouble: 1, run };

/// What of a line counts.
struct Counted {
    fields: usize,
    skipped: usize,
    most: usize,
    ignore_case: bool,
}

impl Counted {
    fn of<'l>(&self, line: &'l [u8]) -> &'l [u8] {
        let mut at = 0;
        let is_blank = |at: usize| line[at] == b' ' || line[at] == b'\t';
        for _ in 0..self.fields {
            while at < line.len() && is_blank(at) {
                at += 1;
            }
            while at < line.len() && !is_blank(at) {
                at += 1;
            }
        }
        let forward = |at: usize, count: usize| {
            let mut at = at;
            for _ in 0..count {
                if at == line.len() {
                    break;
                }
                at += unit(line, at).1;
            }
            at
        };
        let start = forward(at, self.skipped);
        let end = if self.most == usize::MAX { line.len() } else { forward(start, self.most) };
        &line[start..end]
    }

    fn are_same(&self, a: &[u8], b: &[u8]) -> bool {
        let (a, b) = (self.of(a), self.of(b));
        if !self.ignore_case {
            return a == b;
        }
        let folded = |text: &[u8]| {
            let mut folded: Vec<Unit> = Vec::with_capacity(text.len());
            let mut at = 0;
            while at < text.len() {
                let (c, width) = unit(text, at);
                folded.push(fold(c));
                at += width;
            }
            folded
        };
        folded(a) == folded(b)
    }
}

/// Which lines are written, and how.
struct Style {
    count: bool,
    repeated: bool,
    unique: bool,
    all_repeated: bool,
    end: u8,
}

fn run(io: &mut Io, arguments: Vec<Vec<u8>>) -> Result<u8, Fail> {
    let call = options::read(
        arguments,
        &[
            flag(b'c', "count"),
            flag(b'd', "repeated"),
            flag(b'D', ""),
            valued(b'f', "skip-fields"),
            flag(b'i', "ignore-case"),
            valued(b's', "skip-chars"),
            flag(b'u', "unique"),
            valued(b'w', "check-chars"),
            flag(b'z', "zero-terminated"),
        ],
    )?;
    let number = |letter: u8, otherwise: usize, what: &str| {
        call.value(letter).map_or(Ok(otherwise), |value| options::number(value, what))
    };
    let counted = Counted {
        fields: number(b'f', 0, "number of fields")?,
        skipped: number(b's', 0, "number of characters")?,
        most: number(b'w', usize::MAX, "number of characters")?,
        ignore_case: call.has(b'i'),
    };
    let style = Style {
        count: call.has(b'c'),
        repeated: call.has(b'd') || call.has(b'D'),
        unique: call.has(b'u'),
        all_repeated: call.has(b'D'),
        end: if call.has(b'z') { 0 } else { b'\n' },
    };
    if style.count && style.all_repeated {
        return Err(Fail::Usage("-c and -D do not go together".to_owned()));
    }
    let (input, output) = match &call.operands[..] {
        [] => (&b"-"[..], None),
        [input] => (&input[..], None),
        [input, output] => (&input[..], Some(output).filter(|output| &output[..] != b"-")),
        [_, _, extra, ..] => return Err(Fail::Usage(format!("there are two files at the most, and not '{}'", shown(extra)))),
    };
    let Some(source) = io.open(input) else { return Ok(1) };
    let mut lines = Lines::new(source, style.end);
    let mut written = Vec::new();
    let mut group: Option<(Vec<u8>, usize)> = None;
    loop {
        let line = lines.next().map_err(|cause| Fail::Trouble(format!("{}: {}", shown(input), reason(&cause))))?;
        let is_over = line.is_none();
        match (&mut group, line) {
            (Some((first, count)), Some(Line { text, .. })) if counted.are_same(first, text) => {
                if style.all_repeated {
                    if *count == 1 {
                        written.extend_from_slice(first);
                        written.push(style.end);
                    }
                    written.extend_from_slice(text);
                    written.push(style.end);
                }
                *count += 1;
            }
            (_, line) => {
                let next = line.map(|line| (line.text.to_vec(), 1));
                if let Some((first, count)) = std::mem::replace(&mut group, next) {
                    tell(&mut written, &style, &first, count);
                }
            }
        }
        if output.is_none() {
            io.write(&written)?;
            written.clear();
        }
        if is_over {
            break;
        }
    }
    if let Some(output) = output {
        let done = File::create(io::path(output)).and_then(|mut file| file.write_all(&written));
        done.map_err(|cause| Fail::Trouble(format!("{}: {}", shown(output), reason(&cause))))?;
    }
    Ok(0)
}

fn tell(written: &mut Vec<u8>, style: &Style, line: &[u8], count: usize) {
    let is_wanted = match (style.repeated, style.unique) {
        (true, true) => false,
        (true, false) => count > 1 && !style.all_repeated,
        (false, true) => count == 1,
        (false, false) => true,
    };
    if is_wanted {
        if style.count {
            written.extend_from_slice(format!("{count:7} ").as_bytes());
        }
        written.extend_from_slice(line);
        written.push(style.end);
    }
}
