//! `wc`: counts lines, words, characters and bytes.

use crate::io::{Io, Source};
use crate::options::{self, flag};
use crate::regex::unit;
use crate::{Command, Fail};
use std::fmt::Write;
use std::io::Read;

const HELP: &str = "\
Usage: wc [OPTION]... [FILE]...
Counts lines, words and bytes of each file, and of all if there are several. Without FILE, or when it is -, standard input.

  -c, --bytes            bytes
  -l, --lines            line feeds
  -L, --max-line-length  the length of the longest line, in characters; a tab leads to the next multiple of 8
  -m, --chars            characters
  -w, --words            words: what stands between white space
      --help             this text

The counts are always in this order: lines, words, characters, bytes, length. Exit code: 0; 1 if a file could not be read;
2 for wrong options.
";

/// The command.
pub const COMMAND: Command = Command { name: "wc", help: HELP, trouble: 1, run };

#[derive(Clone, Copy, Default)]
struct Counts {
    lines: u64,
    words: u64,
    chars: u64,
    bytes: u64,
    longest: u64,
}

fn run(io: &mut Io, arguments: Vec<Vec<u8>>) -> Result<u8, Fail> {
    let call = options::read(
        arguments,
        &[
            flag(b'c', "bytes"),
            flag(b'l', "lines"),
            flag(b'L', "max-line-length"),
            flag(b'm', "chars"),
            flag(b'w', "words"),
        ],
    )?;
    let mut shown: Vec<u8> = b"lwmcL".iter().copied().filter(|letter| call.has(*letter)).collect();
    if shown.is_empty() {
        shown = b"lwc".to_vec();
    }
    let names: Vec<Option<&Vec<u8>>> = match call.operands.is_empty() {
        true => vec![None],
        false => call.operands.iter().map(Some).collect(),
    };
    let mut sources = Vec::new();
    for name in &names {
        let standard = b"-".to_vec();
        sources.push((*name, io.open(name.unwrap_or(&standard))));
    }
    let width = width(&sources, shown.len());
    let mut total = Counts::default();
    for (name, source) in sources {
        let Some(source) = source else { continue };
        let counts = match count(source, &shown) {
            Ok(counts) => counts,
            Err(cause) => {
                io.complain_of(name.map_or(b"-", |name| &name[..]), &cause);
                continue;
            }
        };
        total.lines += counts.lines;
        total.words += counts.words;
        total.chars += counts.chars;
        total.bytes += counts.bytes;
        total.longest = total.longest.max(counts.longest);
        tell(io, &counts, &shown, width, name.map(|name| &name[..]))?;
    }
    if names.len() > 1 {
        tell(io, &total, &shown, width, Some(b"total"))?;
    }
    Ok(io.code())
}

/// How wide a number is: as wide as the sum of the sizes, and 7 at least if a size is not known.
fn width(sources: &[(Option<&Vec<u8>>, Option<Source>)], shown: usize) -> usize {
    if sources.len() == 1 && shown == 1 {
        return 1;
    }
    let opened = || sources.iter().filter_map(|(_, source)| source.as_ref());
    let size: u64 = opened().filter_map(Source::size).sum();
    let least = if opened().any(|source| source.size().is_none()) { 7 } else { 1 };
    size.to_string().len().max(least)
}

fn tell(io: &mut Io, counts: &Counts, shown: &[u8], width: usize, name: Option<&[u8]>) -> Result<(), Fail> {
    let mut text = String::new();
    for (place, letter) in shown.iter().enumerate() {
        let number = match letter {
            b'l' => counts.lines,
            b'w' => counts.words,
            b'm' => counts.chars,
            b'c' => counts.bytes,
            _ => counts.longest,
        };
        let gap = if place > 0 { " " } else { "" };
        let _ = write!(text, "{gap}{number:width$}");
    }
    io.write(text.as_bytes())?;
    if let Some(name) = name {
        io.write(b" ")?;
        io.write(name)?;
    }
    io.write(b"\n")
}

fn count(mut source: Source, shown: &[u8]) -> std::io::Result<Counts> {
    let mut counts = Counts::default();
    let by_character = shown.iter().any(|letter| b"mL".contains(letter));
    let words = shown.contains(&b'w');
    let (mut in_word, mut length) = (false, 0);
    // Bytes of a character whose end was not read yet.
    let mut held = 0;
    let mut piece = vec![0; 32 * 1024];
    loop {
        let read = source.read(&mut piece[held..])?;
        counts.bytes += read as u64;
        let text = &piece[..held + read];
        let is_over = read == 0;
        counts.lines += memchr::memchr_iter(b'\n', &text[held..]).count() as u64;
        if words {
            for byte in &text[held..] {
                let is_space = matches!(byte, b'\t'..=b'\r' | b' ');
                counts.words += u64::from(in_word && is_space);
                in_word = if is_space { false } else { in_word || *byte >= b' ' && *byte != 0x7F };
            }
        }
        let mut at = 0;
        if by_character {
            // A character has four bytes at the most.
            while at < text.len() && (is_over || text.len() - at >= 4 || text[at] < 0x80) {
                let (c, width) = unit(text, at);
                at += width;
                counts.chars += 1;
                match u8::try_from(c) {
                    Ok(b'\n' | b'\r' | 12) => {
                        counts.longest = counts.longest.max(length);
                        length = 0;
                    }
                    Ok(b'\t') => length += 8 - length % 8,
                    Ok(0..0x20 | 0x7F) => {}
                    _ => length += 1,
                }
            }
        } else {
            at = text.len();
        }
        if is_over {
            counts.words += u64::from(in_word);
            counts.longest = counts.longest.max(length);
            return Ok(counts);
        }
        let end = text.len();
        piece.copy_within(at..end, 0);
        held = end - at;
    }
}
