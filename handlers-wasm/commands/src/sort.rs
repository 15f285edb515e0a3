//! `sort`: lines in order.

use crate::io::{self, Io, Lines, reason, shown};
use crate::options::{self, flag, valued};
use crate::{Command, Fail};
use std::cmp::Ordering;
use std::fs;

const HELP: &str = "\
Usage: sort [OPTION]... [FILE]...
Writes the lines of all files in order: that of their bytes. Without FILE, or when it is -, standard input.

  -b, --ignore-leading-blanks  blanks before a key do not count
  -c, --check                  only check whether the lines are in order, and tell the first that is not
  -C, --check-silent           the same without telling
  -d, --dictionary-order       only blanks, letters and digits count
  -f, --ignore-case            small letters are as capitals
  -g, --general-numeric-sort   as numbers, also such as 1e3
  -h, --human-numeric-sort     as sizes, such as 2K, 1G
  -i, --ignore-nonprinting     control characters do not count
  -k, --key F[.C][OPTS][,F[.C][OPTS]]
                               from field F, character C, up to a field; OPTS are letters of bdfghinrV
  -m, --merge                  ignored: the result is the same
  -M, --month-sort             as names of months, JAN before FEB
  -n, --numeric-sort           as numbers
  -o, --output FILE            write to this file, which may be one that is read
  -r, --reverse                the other way round
  -s, --stable                 lines with the same keys stay in the order in which they came
  -t, --field-separator C      between fields, instead of where blanks begin
  -u, --unique                 of lines with the same keys, only the first
  -V, --version-sort           as versions: 1.9 before 1.10
  -z, --zero-terminated        lines end with a zero byte
      --help                   this text

Exit code: 0; 1 if -c or -C found something; 2 if a file could not be read or written, or for wrong options.
";

/// The command.
pub const COMMAND: Command = Command { name: "sort", help: HELP, trouble: 2, run };

/// As what a key is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    General,
    Human,
    Month,
    Version,
}

#[derive(Clone, Copy)]
struct Style {
    kind: Kind,
    start_blanks: bool,
    end_blanks: bool,
    dictionary: bool,
    ignore_case: bool,
    printing: bool,
    reverse: bool,
}

const PLAIN: Style = Style {
    kind: Kind::Text,
    start_blanks: false,
    end_blanks: false,
    dictionary: false,
    ignore_case: false,
    printing: false,
    reverse: false,
};

impl Style {
    /// Adds what a letter means.
    fn add(&mut self, letter: u8) -> bool {
        match letter {
            b'd' => self.dictionary = true,
            b'f' => self.ignore_case = true,
            b'g' => self.kind = Kind::General,
            b'h' => self.kind = Kind::Human,
            b'i' => self.printing = true,
            b'M' => self.kind = Kind::Month,
            b'n' => self.kind = Kind::Number,
            b'r' => self.reverse = true,
            b'V' => self.kind = Kind::Version,
            b'b' => (self.start_blanks, self.end_blanks) = (true, true),
            _ => return false,
        }
        true
    }
}

/// A part of a line: fields and characters, counted from 0.
struct Key {
    from: (usize, usize),
    /// No character: the whole field.
    upto: Option<(usize, Option<usize>)>,
    style: Style,
}

struct Order {
    keys: Vec<Key>,
    style: Style,
    separator: Option<u8>,
    /// Lines with the same keys are as they came.
    stable: bool,
    unique: bool,
}

fn run(io: &mut Io, arguments: Vec<Vec<u8>>) -> Result<u8, Fail> {
    let call = options::read(
        arguments,
        &[
            flag(b'b', "ignore-leading-blanks"),
            flag(b'c', "check"),
            flag(b'C', "check-silent"),
            flag(b'd', "dictionary-order"),
            flag(b'f', "ignore-case"),
            flag(b'g', "general-numeric-sort"),
            flag(b'h', "human-numeric-sort"),
            flag(b'i', "ignore-nonprinting"),
            valued(b'k', "key"),
            flag(b'm', "merge"),
            flag(b'M', "month-sort"),
            flag(b'n', "numeric-sort"),
            valued(b'o', "output"),
            flag(b'r', "reverse"),
            flag(b's', "stable"),
            valued(b't', "field-separator"),
            flag(b'u', "unique"),
            flag(b'V', "version-sort"),
            flag(b'z', "zero-terminated"),
        ],
    )?;
    let mut style = PLAIN;
    for (letter, value) in &call.options {
        if value.is_empty() {
            style.add(*letter);
        }
    }
    let separator = match call.value(b't') {
        None => None,
        Some(b"\\0") => Some(0),
        Some([separator]) => Some(*separator),
        Some(other) => return Err(Fail::Usage(format!("the separator must be a single byte, not '{}'", shown(other)))),
    };
    let keys = call.options.iter().filter(|(letter, _)| *letter == b'k');
    let keys = keys.map(|(_, key)| parse_key(key, style)).collect::<Result<_, _>>()?;
    let order = Order { keys, style, separator, stable: call.has(b's'), unique: call.has(b'u') };
    let end = if call.has(b'z') { 0 } else { b'\n' };
    let files = io::or_standard_input(call.operands.clone());
    let silent = call.has(b'C');
    if call.has(b'c') || silent {
        let [file] = &files[..] else {
            return Err(Fail::Usage(format!("-c is for one file, and not '{}'", shown(&files[1]))));
        };
        return check(io, file, &order, end, silent);
    }
    let mut text = Vec::new();
    for name in &files {
        let read = io::open(name).and_then(|mut source| source.read_all());
        let read = read.map_err(|cause| Fail::Trouble(format!("cannot read: {}: {}", shown(name), reason(&cause))))?;
        text.extend_from_slice(&read);
        if read.last().is_some_and(|last| *last != end) {
            text.push(end);
        }
    }
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == end).collect();
    lines.pop();
    order.sort(&mut lines);
    match call.value(b'o') {
        None => lines.iter().try_for_each(|line| io.line(line, end))?,
        Some(name) => {
            let mut all = Vec::with_capacity(text.len());
            for line in lines {
                all.extend_from_slice(line);
                all.push(end);
            }
            let written = fs::write(io::path(name), all);
            written.map_err(|cause| Fail::Trouble(format!("cannot write: {}: {}", shown(name), reason(&cause))))?;
        }
    }
    Ok(0)
}

fn check(io: &mut Io, name: &[u8], order: &Order, end: u8, silent: bool) -> Result<u8, Fail> {
    let trouble = |cause: &std::io::Error| Fail::Trouble(format!("cannot read: {}: {}", shown(name), reason(cause)));
    let mut lines = Lines::new(io::open(name).map_err(|cause| trouble(&cause))?, end);
    let mut before: Option<Vec<u8>> = None;
    let mut number = 0;
    while let Some(line) = lines.next().map_err(|cause| trouble(&cause))? {
        number += 1;
        let is_wrong = before.as_ref().is_some_and(|before| match order.compare(before, line.text) {
            Ordering::Greater => true,
            Ordering::Equal => order.unique,
            Ordering::Less => false,
        });
        if is_wrong {
            if !silent {
                io.complain(&format!("{}:{number}: disorder: {}", shown(name), shown(line.text)));
            }
            return Ok(1);
        }
        before = Some(line.text.to_vec());
    }
    Ok(0)
}

fn parse_key(text: &[u8], general: Style) -> Result<Key, Fail> {
    let wrong = || Fail::Usage(format!("invalid key: '{}'", shown(text)));
    let (from, upto) = match memchr::memchr(b',', text) {
        Some(comma) => (&text[..comma], Some(&text[comma + 1..])),
        None => (text, None),
    };
    let mut style = PLAIN;
    let mut has_own = false;
    let mut position = |text: &[u8], is_end: bool| -> Result<(usize, Option<usize>), Fail> {
        let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let field_end = digits(text);
        let field = options::number(&text[..field_end], "key").map_err(|_| wrong())?;
        let mut rest = &text[field_end..];
        let mut character = None;
        if let Some(after) = rest.strip_prefix(b".") {
            let end = digits(after);
            character = Some(options::number(&after[..end], "key").map_err(|_| wrong())?);
            rest = &after[end..];
        }
        for letter in rest {
            has_own = true;
            match letter {
                b'b' if is_end => style.end_blanks = true,
                b'b' => style.start_blanks = true,
                letter if style.add(*letter) => {}
                _ => return Err(wrong()),
            }
        }
        if field == 0 || character == Some(0) && !is_end {
            return Err(Fail::Usage("fields and characters are counted from 1".to_owned()));
        }
        Ok((field - 1, character))
    };
    let (field, character) = position(from, false)?;
    let upto = upto.map(|upto| position(upto, true)).transpose()?;
    let upto = upto.map(|(field, character)| (field, character.filter(|character| *character > 0)));
    let style = if has_own { style } else { general };
    Ok(Key { from: (field, character.map_or(0, |character| character - 1)), upto, style })
}

impl Order {
    fn sort(&self, lines: &mut Vec<&[u8]>) {
        let is_plain = self.keys.is_empty() && self.style.kind == Kind::Text && !self.style.ignore_case;
        if is_plain && !self.style.dictionary && !self.style.printing && !self.style.start_blanks && !self.style.reverse {
            lines.sort_unstable();
        } else {
            lines.sort_by(|a, b| self.compare(a, b));
        }
        if self.unique {
            lines.dedup_by(|later, first| self.compare(first, later) == Ordering::Equal);
        }
    }

    fn compare(&self, a: &[u8], b: &[u8]) -> Ordering {
        for key in &self.keys {
            let order = compare(self.key(key, a), self.key(key, b), key.style);
            if order != Ordering::Equal {
                return order;
            }
        }
        if self.keys.is_empty() {
            let order = compare(self.whole(a), self.whole(b), self.style);
            if order != Ordering::Equal {
                return order;
            }
        }
        if self.stable || self.unique {
            return Ordering::Equal;
        }
        if self.style.reverse { b.cmp(a) } else { a.cmp(b) }
    }

    fn whole<'l>(&self, line: &'l [u8]) -> &'l [u8] {
        if self.style.start_blanks { &line[blanks(line, 0)..] } else { line }
    }

    fn key<'l>(&self, key: &Key, line: &'l [u8]) -> &'l [u8] {
        let mut start = self.field(line, key.from.0);
        if key.style.start_blanks {
            start = blanks(line, start);
        }
        start = (start + key.from.1).min(line.len());
        let end = match key.upto {
            None => line.len(),
            Some((field, None)) => self.field_end(line, field),
            Some((field, Some(character))) => {
                let mut at = self.field(line, field);
                if key.style.end_blanks {
                    at = blanks(line, at);
                }
                (at + character).min(line.len())
            }
        };
        &line[start..end.max(start)]
    }

    /// Where a field begins: behind a separator, or with the blanks before it.
    fn field(&self, line: &[u8], number: usize) -> usize {
        let mut at = 0;
        for _ in 0..number {
            match self.separator {
                Some(separator) => match memchr::memchr(separator, &line[at..]) {
                    Some(found) => at += found + 1,
                    None => return line.len(),
                },
                None => at = word_end(line, blanks(line, at)),
            }
        }
        at
    }

    fn field_end(&self, line: &[u8], number: usize) -> usize {
        let at = self.field(line, number);
        match self.separator {
            Some(separator) => memchr::memchr(separator, &line[at..]).map_or(line.len(), |found| at + found),
            None => word_end(line, blanks(line, at)),
        }
    }
}

fn blanks(line: &[u8], at: usize) -> usize {
    at + line[at..].iter().take_while(|byte| **byte == b' ' || **byte == b'\t').count()
}

fn word_end(line: &[u8], at: usize) -> usize {
    at + line[at..].iter().take_while(|byte| **byte != b' ' && **byte != b'\t').count()
}

fn compare(a: &[u8], b: &[u8], style: Style) -> Ordering {
    let order = match style.kind {
        Kind::Number => Decimal::of(a).compare(&Decimal::of(b)),
        Kind::General => general(a).total_cmp(&general(b)),
        Kind::Human => {
            let (a, b) = (Decimal::of(a), Decimal::of(b));
            let signed = |number: &Decimal<'_>| if number.negative { -number.unit } else { number.unit };
            let is_zero = |number: &Decimal<'_>| number.whole.is_empty() && number.fraction.is_empty();
            match (is_zero(&a), is_zero(&b)) {
                (false, false) => signed(&a).cmp(&signed(&b)).then_with(|| a.compare(&b)),
                _ => a.compare(&b),
            }
        }
        Kind::Month => month(a).cmp(&month(b)),
        Kind::Version => version(a, b),
        Kind::Text if style.dictionary || style.ignore_case || style.printing => {
            let counted = |text: &[u8]| -> Vec<u8> {
                let counts = |byte: &&u8| {
                    (!style.dictionary || byte.is_ascii_alphanumeric() || **byte == b' ' || **byte == b'\t')
                        && (!style.printing || matches!(**byte, b' '..=b'~'))
                };
                let raised = |byte: &u8| if style.ignore_case { byte.to_ascii_uppercase() } else { *byte };
                text.iter().filter(counts).map(raised).collect()
            };
            counted(a).cmp(&counted(b))
        }
        Kind::Text => a.cmp(b),
    };
    if style.reverse { order.reverse() } else { order }
}

/// A number as it is written, of any size.
struct Decimal<'t> {
    negative: bool,
    /// Without zeros at its start.
    whole: &'t [u8],
    /// Without zeros at its end.
    fraction: &'t [u8],
    /// The place of the unit's letter behind it, from 1.
    unit: i32,
}

impl<'t> Decimal<'t> {
    fn of(text: &'t [u8]) -> Self {
        let mut rest = &text[blanks(text, 0)..];
        let negative = rest.first() == Some(&b'-');
        if negative {
            rest = &rest[1..];
        }
        let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (whole, after) = rest.split_at(digits(rest));
        let (fraction, after) = match after.strip_prefix(b".") {
            Some(after) => after.split_at(digits(after)),
            None => (&after[..0], after),
        };
        let letter = after.first().filter(|_| !whole.is_empty() || !fraction.is_empty());
        let unit = letter.and_then(|letter| b"KMGTPEZY".iter().position(|unit| *unit == letter.to_ascii_uppercase()));
        let zeros = whole.iter().take_while(|digit| **digit == b'0').count();
        let last = fraction.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
        Self {
            negative,
            whole: &whole[zeros..],
            fraction: &fraction[..last],
            unit: unit.map_or(0, |unit| i32::try_from(unit).unwrap_or(0) + 1),
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        let size = |a: &Self, b: &Self| {
            let whole = a.whole.len().cmp(&b.whole.len()).then_with(|| a.whole.cmp(b.whole));
            whole.then_with(|| a.fraction.cmp(b.fraction))
        };
        let is_zero = |number: &Self| number.whole.is_empty() && number.fraction.is_empty();
        match (self.negative && !is_zero(self), other.negative && !is_zero(other)) {
            (false, false) => size(self, other),
            (true, true) => size(other, self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

/// A floating-point number; what is none comes before all numbers.
fn general(text: &[u8]) -> f64 {
    let text = &text[blanks(text, 0)..];
    let is_in = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    let end = text.iter().take_while(is_in).count();
    let mut text = std::str::from_utf8(&text[..end]).unwrap_or_default();
    // The longest part that is a number.
    while !text.is_empty() {
        match text.parse::<f64>() {
            Ok(number) if number == 0.0 => return 0.0,
            Ok(number) if !number.is_nan() => return number,
            _ => text = &text[..text.len() - 1],
        }
    }
    f64::from_bits(u64::MAX)
}

fn month(text: &[u8]) -> usize {
    let text = &text[blanks(text, 0)..];
    let name = text.get(..3).map(<[u8]>::to_ascii_uppercase).unwrap_or_default();
    b"JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC".chunks(3).position(|month| month == name).map_or(0, |place| place + 1)
}

/// As names of versions: nothing comes first, then what begins with a dot; what follows the last dots, such as `.tar.gz`,
/// counts only if all else is the same.
fn version(a: &[u8], b: &[u8]) -> Ordering {
    let rank = |text: &[u8]| match text {
        b"" => 0,
        b"." => 1,
        b".." => 2,
        [b'.', ..] => 3,
        _ => 4,
    };
    let ranked = rank(a).cmp(&rank(b));
    ranked.then_with(|| parts(stem(a), stem(b))).then_with(|| parts(a, b))
}

/// A name without its extensions: dots with a letter or `~` behind, and letters, digits and `~`.
fn stem(name: &[u8]) -> &[u8] {
    let mut end = 0;
    let mut at = 0;
    while at < name.len() {
        at += 1;
        end = at;
        while name.get(at) == Some(&b'.') && name.get(at + 1).is_some_and(|c| c.is_ascii_alphabetic() || *c == b'~') {
            at += 2;
            while name.get(at).is_some_and(|c| c.is_ascii_alphanumeric() || *c == b'~') {
                at += 1;
            }
        }
    }
    &name[..end]
}

/// Parts that are digits are compared as numbers, others in a way that `~` comes before the end, and letters before the rest.
fn parts(a: &[u8], b: &[u8]) -> Ordering {
    let weight = |byte: Option<&u8>| match byte {
        None => -1,
        Some(byte) if byte.is_ascii_digit() => 0,
        Some(b'~') => -2,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    };
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        while a.get(i).is_some_and(|c| !c.is_ascii_digit()) || b.get(j).is_some_and(|c| !c.is_ascii_digit()) {
            let order = weight(a.get(i)).cmp(&weight(b.get(j)));
            if order != Ordering::Equal {
                return order;
            }
            i += 1;
            j += 1;
        }
        let number = |text: &[u8], at: &mut usize| -> (usize, usize) {
            while text.get(*at) == Some(&b'0') {
                *at += 1;
            }
            let start = *at;
            while text.get(*at).is_some_and(u8::is_ascii_digit) {
                *at += 1;
            }
            (start, *at)
        };
        let (i, j) = (&mut i, &mut j);
        let (a_start, a_end) = number(a, i);
        let (b_start, b_end) = number(b, j);
        let digits = (a_end - a_start).cmp(&(b_end - b_start));
        let order = digits.then_with(|| a[a_start..a_end].cmp(&b[b_start..b_end]));
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}
