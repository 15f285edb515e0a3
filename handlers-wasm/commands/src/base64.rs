//! `base64`: bytes as text and back.

use crate::io::{Io, reason, shown};
use crate::options::{self, flag, valued};
use crate::{Command, Fail};
use std::io::Read;

const HELP: &str = "\
Usage: base64 [OPTION]... [FILE]
Writes a file in base64, or back. Without FILE, or when it is -, standard input.

  -d, --decode          back
  -i, --ignore-garbage  when decoding, leave out what is not of the alphabet
  -w, --wrap N          lines of N characters (default 76); 0 for no line feeds
      --help            this text

Exit code: 0; 1 if the file could not be read or is not base64; 2 for wrong options.
";

/// The command.
pub const COMMAND: Command = Command { name: "base64", help: HELP, trouble: 1, run };

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn run(io: &mut Io, arguments: Vec<Vec<u8>>) -> Result<u8, Fail> {
    let call = options::read(
        arguments,
        &[flag(b'd', "decode"), flag(b'i', "ignore-garbage"), valued(b'w', "wrap")],
    )?;
    let wrap = call.value(b'w').map_or(Ok(76), |value| options::number(value, "width"))?;
    let name = match &call.operands[..] {
        [] => b"-".to_vec(),
        [name] => name.clone(),
        [_, extra, ..] => return Err(Fail::Usage(format!("there is one file, and not '{}'", shown(extra)))),
    };
    let Some(mut source) = io.open(&name) else { return Ok(1) };
    // Pieces of whole groups, so that each is coded by itself.
    let mut piece = vec![0; 3 * 4 * 4096];
    let mut column = 0;
    let mut decoder = Decoder::default();
    loop {
        let mut filled = 0;
        while filled < piece.len() {
            match source.read(&mut piece[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(cause) => return Err(Fail::Trouble(format!("{}: {}", shown(&name), reason(&cause)))),
            }
        }
        let text = &piece[..filled];
        if call.has(b'd') {
            let (bytes, is_valid) = decoder.decode(text, call.has(b'i'));
            io.write(&bytes)?;
            if !is_valid || filled < piece.len() && !decoder.is_complete() {
                io.write(&decoder.rest())?;
                return Err(Fail::Trouble("invalid input".to_owned()));
            }
        } else {
            encode(io, text, wrap, &mut column)?;
        }
        if filled < piece.len() {
            if column > 0 && wrap > 0 {
                io.write(b"\n")?;
            }
            return Ok(0);
        }
    }
}

fn encode(io: &mut Io, bytes: &[u8], wrap: usize, column: &mut usize) -> Result<(), Fail> {
    let mut text = Vec::with_capacity(bytes.len() / 3 * 4 + 4);
    for group in bytes.chunks(3) {
        let byte = |place: usize| u32::from(group.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= group.len() { digit } else { b'=' });
        }
    }
    if wrap == 0 {
        *column += text.len();
        return io.write(&text);
    }
    let mut rest = &text[..];
    while !rest.is_empty() {
        let taken = rest.len().min(wrap - *column);
        io.write(&rest[..taken])?;
        *column += taken;
        rest = &rest[taken..];
        if *column == wrap {
            io.write(b"\n")?;
            *column = 0;
        }
    }
    Ok(())
}

/// A group that is not complete yet.
#[derive(Default)]
struct Decoder {
    bits: u32,
    digits: u32,
    padding: u32,
}

impl Decoder {
    /// The bytes, and whether all of the text was base64. Line feeds do not count.
    fn decode(&mut self, text: &[u8], ignore: bool) -> (Vec<u8>, bool) {
        let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
        for c in text {
            let digit = match c {
                b'A'..=b'Z' => c - b'A',
                b'a'..=b'z' => c - b'a' + 26,
                b'0'..=b'9' => c - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                b'\n' => continue,
                b'=' if self.digits >= 2 => {
                    self.padding += 1;
                    if self.digits + self.padding == 4 {
                        let [_, first, second, _] = (self.bits << (6 * self.padding)).to_be_bytes();
                        bytes.push(first);
                        if self.padding == 1 {
                            bytes.push(second);
                        }
                        *self = Self::default();
                    }
                    continue;
                }
                _ if ignore => continue,
                _ => return (bytes, false),
            };
            if self.padding > 0 {
                return (bytes, false);
            }
            self.bits = self.bits << 6 | u32::from(digit);
            self.digits += 1;
            if self.digits == 4 {
                bytes.extend_from_slice(&self.bits.to_be_bytes()[1..]);
                *self = Self::default();
            }
        }
        (bytes, true)
    }

    /// The whole bytes of a group that is not complete.
    fn rest(&self) -> Vec<u8> {
        let [_, first, second, _] = (self.bits << (6 * (4 - self.digits.max(1)))).to_be_bytes();
        match self.digits {
            2 => vec![first],
            3 => vec![first, second],
            _ => Vec::new(),
        }
    }

    fn is_complete(&self) -> bool {
        self.digits == 0
    }
}
