//! `cat`: files, one after another.

use crate::io::{self, Io, Lines};
use crate::options::{self, flag};
use crate::{Command, Fail};

const HELP: &str = "\
Usage: cat [OPTION]... [FILE]...
Writes the files, one after another. Without FILE, or when it is -, standard input.

  -A, --show-all          as -vET
  -b, --number-nonblank   number the lines that are not empty
  -e                      as -vE
  -E, --show-ends         a $ at the end of each line
  -n, --number            number all lines
  -s, --squeeze-blank     of several empty lines, only one
  -t                      as -vT
  -T, --show-tabs         tabs as ^I
  -u                      ignored
  -v, --show-nonprinting  control characters as ^X, bytes beyond ASCII as M-X
      --help              this text

Exit code: 0; 1 if a file could not be read; 2 for wrong options.
";

/// The command.
pub const COMMAND: Command = Command { name: "cat", help: HELP, trouble: 1, run };

#[derive(Default)]
struct Style {
    number: bool,
    number_filled: bool,
    ends: bool,
    tabs: bool,
    controls: bool,
    squeeze: bool,
}

/// What goes on from file to file.
struct State {
    number: usize,
    /// The last line was empty.
    after_empty: bool,
    at_line_start: bool,
}

fn run(io: &mut Io, arguments: Vec<Vec<u8>>) -> Result<u8, Fail> {
    let call = options::read(
        arguments,
        &[
            flag(b'A', "show-all"),
            flag(b'b', "number-nonblank"),
            flag(b'e', ""),
            flag(b'E', "show-ends"),
            flag(b'n', "number"),
            flag(b's', "squeeze-blank"),
            flag(b't', ""),
            flag(b'T', "show-tabs"),
            flag(b'u', ""),
            flag(b'v', "show-nonprinting"),
        ],
    )?;
    let style = Style {
        number: call.has(b'n') && !call.has(b'b'),
        number_filled: call.has(b'b'),
        ends: call.has(b'E') || call.has(b'e') || call.has(b'A'),
        tabs: call.has(b'T') || call.has(b't') || call.has(b'A'),
        controls: call.has(b'v') || call.has(b'e') || call.has(b't') || call.has(b'A'),
        squeeze: call.has(b's'),
    };
    let is_plain = call.options.iter().all(|(letter, _)| *letter == b'u');
    let mut state = State { number: 0, after_empty: false, at_line_start: true };
    for name in io::or_standard_input(call.operands) {
        let Some(mut source) = io.open(&name) else { continue };
        if is_plain {
            io::copy(io, &name, &mut source)?;
            continue;
        }
        let mut lines = Lines::new(source, b'\n');
        loop {
            match lines.next() {
                Ok(Some(line)) => write(io, &style, &mut state, line)?,
                Ok(None) => break,
                Err(cause) => {
                    io.complain_of(&name, &cause);
                    break;
                }
            }
        }
    }
    Ok(io.code())
}

fn write(io: &mut Io, style: &Style, state: &mut State, line: io::Line<'_>) -> Result<(), Fail> {
    let is_empty = line.text.is_empty() && state.at_line_start;
    if style.squeeze && is_empty && state.after_empty {
        return Ok(());
    }
    state.after_empty = is_empty;
    if state.at_line_start && (style.number || style.number_filled && !is_empty) {
        state.number += 1;
        io.write(format!("{:6}\t", state.number).as_bytes())?;
    }
    if style.controls || style.tabs {
        io.write(&visible(line.text, style))?;
    } else {
        io.write(line.text)?;
    }
    state.at_line_start = line.is_ended;
    if line.is_ended {
        io.write(if style.ends { b"$\n" } else { b"\n" })?;
    }
    Ok(())
}

fn visible(text: &[u8], style: &Style) -> Vec<u8> {
    let mut shown = Vec::with_capacity(text.len());
    for byte in text {
        let mut byte = *byte;
        if byte == b'\t' {
            shown.extend_from_slice(if style.tabs { b"^I" } else { b"\t" });
            continue;
        }
        if !style.controls {
            shown.push(byte);
            continue;
        }
        if byte >= 0x80 {
            shown.extend_from_slice(b"M-");
            byte -= 0x80;
        }
        match byte {
            0..0x20 => shown.extend_from_slice(&[b'^', byte + b'@']),
            0x7F => shown.extend_from_slice(b"^?"),
            byte => shown.push(byte),
        }
    }
    shown
}
