//! `cut`: parts of each line.

use crate::io::{self, Io, Lines, shown};
use crate::options::{self, flag, valued};
use crate::regex::unit;
use crate::{Command, Fail};

const HELP: &str = "\
Usage: cut OPTION... [FILE]...
Writes parts of each line. Without FILE, or when it is -, standard input.

  -b, --bytes LIST             these bytes
  -c, --characters LIST        these characters
  -d, --delimiter C            the character between fields, instead of a tab
  -f, --fields LIST            these fields; a line without delimiter is written whole
  -n                           ignored
  -s, --only-delimited         no lines without delimiter
      --complement             all but these
      --output-delimiter TEXT  what is written between parts
  -z, --zero-terminated        lines end with a zero byte
      --help                   this text

LIST: N, N-M, N-, -M, with commas or spaces between, counted from 1; parts are written in the order of the line, once each.
Exit code: 0; 1 if a file could not be read; 2 for wrong options.
";

/// The command.
pub const COMMAND: Command = Command { name: "cut", help: HELP, trouble: 1, run };

/// From and up to, counted from 1, in order and apart from each other.
type Ranges = Vec<(usize, usize)>;

fn run(io: &mut Io, arguments: Vec<Vec<u8>>) -> Result<u8, Fail> {
    let call = options::read(
        arguments,
        &[
            valued(b'b', "bytes"),
            valued(b'c', "characters"),
            valued(b'd', "delimiter"),
            valued(b'f', "fields"),
            flag(b'n', ""),
            flag(b's', "only-delimited"),
            flag(b'1', "complement"),
            valued(b'2', "output-delimiter"),
            flag(b'z', "zero-terminated"),
        ],
    )?;
    let lists: Vec<_> = call.options.iter().filter(|(letter, _)| b"bcf".contains(letter)).collect();
    let [(kind, list)] = lists[..] else {
        let problem = if lists.is_empty() { "one of -b, -c and -f is needed" } else { "only one of -b, -c and -f is possible" };
        return Err(Fail::Usage(problem.to_owned()));
    };
    let is_of_fields = *kind == b'f';
    if !is_of_fields && (call.has(b'd') || call.has(b's')) {
        return Err(Fail::Usage("-d and -s are for fields (-f)".to_owned()));
    }
    let mut ranges = ranges(list)?;
    if call.has(b'1') {
        ranges = complement(&ranges);
    }
    let delimiter = call.value(b'd').unwrap_or(b"\t");
    let delimiter = if delimiter.is_empty() { b"\0" } else { delimiter };
    if unit(delimiter, 0).1 != delimiter.len() {
        return Err(Fail::Usage("the delimiter must be a single character".to_owned()));
    }
    let end = if call.has(b'z') { 0 } else { b'\n' };
    let between = call.value(b'2').map(<[u8]>::to_vec);
    let mut out = Vec::new();
    for name in io::or_standard_input(call.operands.clone()) {
        let Some(source) = io.open(&name) else { continue };
        let mut lines = Lines::new(source, end);
        loop {
            out.clear();
            match lines.next() {
                Ok(Some(line)) if is_of_fields => {
                    let between = between.as_deref().unwrap_or(delimiter);
                    if !fields(&mut out, line.text, &ranges, delimiter, between, call.has(b's')) {
                        continue;
                    }
                }
                Ok(Some(line)) => characters(&mut out, line.text, &ranges, between.as_deref(), *kind == b'b'),
                Ok(None) => break,
                Err(cause) => {
                    io.complain_of(&name, &cause);
                    break;
                }
            }
            io.line(&out, end)?;
        }
    }
    Ok(io.code())
}

fn ranges(list: &[u8]) -> Result<Ranges, Fail> {
    let wrong = || Fail::Usage(format!("invalid list: '{}'", shown(list)));
    let number = |text: &[u8]| match options::number(text, "list") {
        Ok(0) => Err(Fail::Usage("parts are counted from 1".to_owned())),
        Ok(number) => Ok(number),
        Err(_) => Err(wrong()),
    };
    let mut ranges = Vec::new();
    for part in list.split(|byte| b", \t".contains(byte)) {
        let range = match memchr::memchr(b'-', part) {
            None => {
                let place = number(part)?;
                (place, place)
            }
            Some(_) if part == b"-" => return Err(wrong()),
            Some(minus) => {
                let first = if minus == 0 { 1 } else { number(&part[..minus])? };
                let last = if minus + 1 == part.len() { usize::MAX } else { number(&part[minus + 1..])? };
                (first, last)
            }
        };
        if range.0 > range.1 {
            return Err(Fail::Usage(format!("a range that decreases: '{}'", shown(part))));
        }
        ranges.push(range);
    }
    ranges.sort_unstable();
    let mut apart: Ranges = Vec::new();
    for (first, last) in ranges {
        match apart.last_mut() {
            // Ranges that only touch stay apart, as something may be written between them.
            Some((_, end)) if first <= *end => *end = last.max(*end),
            _ => apart.push((first, last)),
        }
    }
    Ok(apart)
}

fn complement(ranges: &Ranges) -> Ranges {
    let mut others = Vec::new();
    let mut next = 1;
    for (first, last) in ranges {
        if *first > next {
            others.push((next, first - 1));
        }
        next = last.saturating_add(1);
    }
    if next != usize::MAX {
        others.push((next, usize::MAX));
    }
    others
}

/// Tells whether there is something to write.
fn fields(out: &mut Vec<u8>, line: &[u8], ranges: &Ranges, delimiter: &[u8], between: &[u8], only_delimited: bool) -> bool {
    let mut ends = memchr::memmem::find_iter(line, delimiter);
    let mut end = ends.next();
    if end.is_none() {
        out.extend_from_slice(line);
        return !only_delimited;
    }
    let mut ranges = ranges.iter().peekable();
    let (mut start, mut number, mut is_first) = (0, 1, true);
    loop {
        while ranges.peek().is_some_and(|(_, last)| *last < number) {
            ranges.next();
        }
        let Some((first, _)) = ranges.peek() else { return true };
        if *first <= number {
            if !is_first {
                out.extend_from_slice(between);
            }
            is_first = false;
            out.extend_from_slice(&line[start..end.unwrap_or(line.len())]);
        }
        let Some(found) = end else { return true };
        start = found + delimiter.len();
        end = ends.next();
        number += 1;
    }
}

fn characters(out: &mut Vec<u8>, line: &[u8], ranges: &Ranges, between: Option<&[u8]>, bytes: bool) {
    let (mut at, mut number) = (0, 1);
    for (place, (first, last)) in ranges.iter().enumerate() {
        let advance = |at: &mut usize, number: &mut usize, upto: usize| {
            if bytes {
                let step = upto.saturating_sub(*number).min(line.len() - *at);
                *at += step;
                *number += step;
            }
            while *number < upto && *at < line.len() {
                *at += unit(line, *at).1;
                *number += 1;
            }
        };
        advance(&mut at, &mut number, *first);
        if at == line.len() {
            return;
        }
        let from = at;
        advance(&mut at, &mut number, last.saturating_add(1));
        if let Some(between) = between.filter(|_| place > 0) {
            out.extend_from_slice(between);
        }
        out.extend_from_slice(&line[from..at]);
    }
}
