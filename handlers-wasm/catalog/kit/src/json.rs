//! JSON text to values and back.
//!
//! A number that is no integer of 64 bits keeps the text that it was written in until somebody counts with it.

use crate::value::Val;
use std::fmt::{self, Write};
use std::rc::Rc;

/// How deep arrays and objects may lie in each other, in a document and in a result.
pub const MAX_DEPTH: usize = 512;

/// Why a text is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    reason: &'static str,
    /// The byte at which it went wrong.
    pub offset: usize,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.reason, self.offset)
    }
}

/// Reads one JSON value; white space may be around it.
pub fn parse_bytes(bytes: &[u8]) -> Result<Val, Error> {
    let text = std::str::from_utf8(bytes).map_err(|cause| Error {
        reason: "not UTF-8",
        offset: cause.valid_up_to(),
    })?;
    parse(text)
}

/// Reads one JSON value; white space may be around it.
pub fn parse(text: &str) -> Result<Val, Error> {
    let mut parser = Parser {
        text,
        bytes: text.as_bytes(),
        at: 0,
        values: Vec::with_capacity(64),
        members: Vec::with_capacity(64),
        keys: [const { None }; KEYS],
    };
    let value = parser.value(0)?;
    parser.space();
    if parser.at < text.len() {
        return Err(parser.error("unexpected text after the value"));
    }
    Ok(value)
}

/// How many keys a parser remembers.
const KEYS: usize = 32;

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// The values of the arrays, and below the members of the objects, that are not at their end yet. An array is made
    /// when it is known how long it is.
    values: Vec<Val>,
    members: Vec<(Rc<String>, Val)>,
    /// Keys that came lately: objects of one kind have the same ones, and can share them.
    keys: [Option<Rc<String>>; KEYS],
}

type Parsed<T> = Result<T, Error>;

impl Parser<'_> {
    fn error(&self, reason: &'static str) -> Error {
        Error {
            reason,
            offset: self.at,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// The next byte that is not white space.
    fn next(&mut self) -> Option<u8> {
        self.space();
        self.peek()
    }

    fn value(&mut self, depth: usize) -> Parsed<Val> {
        match self.next() {
            Some(b'"') => Ok(Val::Str(Rc::new(self.string()?))),
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Val::Bool(true)),
            Some(b'f') => self.word("false", Val::Bool(false)),
            Some(b'n') => self.word("null", Val::Null),
            Some(_) => Err(self.error("expected a value")),
            None => Err(self.error("expected a value, found the end")),
        }
    }

    fn word(&mut self, word: &str, value: Val) -> Parsed<Val> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.error("expected a value"))
        }
    }

    fn deeper(&self, depth: usize) -> Parsed<()> {
        if depth > MAX_DEPTH {
            return Err(self.error("nested deeper than 512 levels"));
        }
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Parsed<Val> {
        self.deeper(depth)?;
        self.at += 1;
        let start = self.values.len();
        if self.next() != Some(b']') {
            loop {
                let value = self.value(depth)?;
                self.values.push(value);
                match self.next() {
                    Some(b',') => self.at += 1,
                    Some(b']') => break,
                    _ => return Err(self.error("expected ',' or ']'")),
                }
            }
        }
        self.at += 1;
        Ok(Val::Arr(Rc::new(self.values.drain(start..).collect())))
    }

    fn object(&mut self, depth: usize) -> Parsed<Val> {
        self.deeper(depth)?;
        self.at += 1;
        let start = self.members.len();
        if self.next() != Some(b'}') {
            loop {
                if self.next() != Some(b'"') {
                    return Err(self.error("expected a key"));
                }
                let key = self.key()?;
                if self.next() != Some(b':') {
                    return Err(self.error("expected ':'"));
                }
                self.at += 1;
                let value = self.value(depth)?;
                self.members.push((key, value));
                match self.next() {
                    Some(b',') => self.at += 1,
                    Some(b'}') => break,
                    _ => return Err(self.error("expected ',' or '}'")),
                }
            }
        }
        self.at += 1;
        Ok(Val::obj(self.members.drain(start..).collect()))
    }

    fn number(&mut self) -> Parsed<Val> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        let mut whole = true;
        if self.peek() == Some(b'.') {
            whole = false;
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            whole = false;
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        if whole && self.at - start <= 18 {
            let int = small(&self.bytes[start..self.at]);
            if int != 0 || self.bytes[start] != b'-' {
                return Ok(Val::Int(int));
            }
            // A zero keeps its sign.
            return Ok(Val::Float(-0.0));
        }
        let text = &self.text[start..self.at];
        Ok(if whole { Val::number(text) } else { Val::Num(text.into()) })
    }

    fn digits(&mut self) -> Parsed<()> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.error("expected a digit"));
        }
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        Ok(())
    }

    /// Reads a key; gives one that is shared if it came before.
    fn key(&mut self) -> Parsed<Rc<String>> {
        let start = self.at + 1;
        let plain = self.plain(start);
        if self.bytes.get(plain) != Some(&b'"') {
            return self.string().map(Rc::new);
        }
        self.at = plain + 1;
        let key = &self.text[start..plain];
        let last = key.as_bytes().last().copied().unwrap_or_default();
        let seat = &mut self.keys[(key.len() * 7 + usize::from(last)) % KEYS];
        match seat {
            Some(known) if known.as_str() == key => Ok(Rc::clone(known)),
            _ => Ok(Rc::clone(seat.insert(Rc::new(key.to_owned())))),
        }
    }

    /// Where the part of a string ends that stands for itself.
    fn plain(&self, start: usize) -> usize {
        const ONES: u64 = u64::MAX / 255;
        let mut at = start;
        while let Some(eight) = self.bytes.get(at..).and_then(<[u8]>::first_chunk) {
            let eight = u64::from_le_bytes(*eight);
            // The high bit of each byte of a term tells of a byte that is a quote, a backslash, or less than a space; it
            // may also be set, wrongly, above a byte where it is set rightly, but the lowest one is right.
            let quote = eight ^ (ONES * 0x22);
            let backslash = eight ^ (ONES * 0x5c);
            let found = (quote.wrapping_sub(ONES) & !quote)
                | (backslash.wrapping_sub(ONES) & !backslash)
                | (eight.wrapping_sub(ONES * 0x20) & !eight);
            let found = found & (ONES * 0x80);
            if found != 0 {
                return at + found.trailing_zeros() as usize / 8;
            }
            at += 8;
        }
        let rest = self.bytes[at..].iter();
        let stops = |byte: &u8| *byte == b'"' || *byte == b'\\' || *byte < b' ';
        at + rest.take_while(|byte| !stops(byte)).count()
    }

    /// Reads a string, from quote to quote.
    fn string(&mut self) -> Parsed<String> {
        let mut start = self.at + 1;
        let mut string = String::new();
        loop {
            self.at = self.plain(start);
            if string.is_empty() {
                string.reserve_exact(self.at - start);
            }
            string.push_str(&self.text[start..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(string);
                }
                Some(b'\\') => string.push(self.escape()?),
                Some(_) => return Err(self.error("control character in a string")),
                None => return Err(self.error("expected '\"', found the end")),
            }
            start = self.at;
        }
    }

    fn escape(&mut self) -> Parsed<char> {
        self.at += 1;
        let plain = match self.peek() {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.error("unknown escape in a string")),
        };
        self.at += 1;
        Ok(plain)
    }

    /// Reads what comes after a backslash: `u` and four digits, or two such halves of a character.
    fn unicode(&mut self) -> Parsed<char> {
        let start = self.at;
        let alone = |start| Error {
            reason: "unpaired surrogate in a string",
            offset: start,
        };
        let first = self.unit()?;
        if !(0xd800..0xe000).contains(&first) {
            return char::from_u32(first).ok_or(alone(start));
        }
        if first >= 0xdc00 || !self.bytes[self.at..].starts_with(b"\\u") {
            return Err(alone(start));
        }
        self.at += 1;
        let second = self.unit()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(alone(start));
        }
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(alone(start))
    }

    fn unit(&mut self) -> Parsed<u32> {
        self.at += 1;
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            unit = unit << 4 | digit.ok_or_else(|| self.error("expected four hexadecimal digits"))?;
            self.at += 1;
        }
        Ok(unit)
    }
}

/// An integer of at most 17 digits and a sign.
fn small(text: &[u8]) -> i64 {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let number = digits
        .iter()
        .fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
    if negative { -number } else { number }
}

/// Writes a value as compact JSON. There is no infinite number in JSON, so the largest one is written; nan is null.
pub fn to_string(value: &Val) -> String {
    let mut out = String::new();
    write(&mut out, value);
    out
}

/// How deep arrays and objects lie in each other, as far as `limit`.
pub fn is_deeper_than(value: &Val, limit: usize) -> bool {
    let deeper = |v: &Val| limit == 0 || is_deeper_than(v, limit - 1);
    match value {
        Val::Arr(a) => limit == 0 || a.iter().any(deeper),
        Val::Obj(o) => limit == 0 || o.values().any(deeper),
        _ => false,
    }
}

/// Appends a value as compact JSON.
pub fn write(out: &mut String, value: &Val) {
    match value {
        Val::Null => out.push_str("null"),
        Val::Bool(true) => out.push_str("true"),
        Val::Bool(false) => out.push_str("false"),
        Val::Int(i) => write_int(out, *i),
        Val::Float(f) => write_float(out, *f),
        Val::Num(n) => out.push_str(n),
        Val::Str(s) => write_str(out, s),
        Val::Arr(a) => {
            let mut separator = '[';
            for v in a.iter() {
                out.push(separator);
                write(out, v);
                separator = ',';
            }
            out.push_str(if a.is_empty() { "[]" } else { "]" });
        }
        Val::Obj(o) => {
            let mut separator = '{';
            for (key, v) in o.iter() {
                out.push(separator);
                write_str(out, key);
                out.push(':');
                write(out, v);
                separator = ',';
            }
            out.push_str(if o.is_empty() { "{}" } else { "}" });
        }
    }
}

/// Appends a number with as few digits as tell it from others, as jq writes it: `100000`, `1e+17`, `1e-05`.
fn write_float(out: &mut String, float: f64) {
    if float.is_nan() {
        return out.push_str("null");
    }
    let mut text = Digits::default();
    let size = float.clamp(f64::MIN, f64::MAX).abs();
    let _ = write!(text, "{size:e}");
    text.round_half_to_even(size);
    let text = text.as_str();
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (first, others) = mantissa.split_at(1);
    let others = others.strip_prefix('.').unwrap_or_default();
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let count = i32::try_from(1 + others.len()).unwrap_or(i32::MAX);
    if float.is_sign_negative() {
        out.push('-');
    }
    // The digits with the point in front of them would have the exponent one higher.
    if exponent + 1 <= -4 || exponent + 1 > count + 15 {
        out.push_str(first);
        if !others.is_empty() {
            out.push('.');
            out.push_str(others);
        }
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "e{sign}{:02}", exponent.abs());
    } else if exponent < 0 {
        out.push_str("0.");
        (exponent + 1..0).for_each(|_| out.push('0'));
        out.push_str(first);
        out.push_str(others);
    } else {
        let whole = usize::try_from(exponent).unwrap_or(0);
        out.push_str(first);
        if whole < others.len() {
            out.push_str(&others[..whole]);
            out.push('.');
            out.push_str(&others[whole..]);
        } else {
            out.push_str(others);
            (others.len()..whole).for_each(|_| out.push('0'));
        }
    }
}

/// The text of a number, without memory of its own.
#[derive(Default)]
struct Digits {
    bytes: [u8; 32],
    len: usize,
}

impl Digits {
    /// Of two texts that are equally close to the number, takes the one whose last digit is even, as jq does.
    fn round_half_to_even(&mut self, number: f64) {
        const POINT: usize = 1;
        const MOST: usize = 17;
        // The number ends half-way between two texts only if it has few binary places.
        let has_most = self.bytes[..self.len].iter().position(|b| *b == b'e') == Some(MOST + POINT);
        if !has_most || self.bytes[MOST] % 2 == 0 || (number * f64::from(1 << 18)).fract() != 0.0 {
            return;
        }
        let mut exact = Self::default();
        let _ = write!(exact, "{number:.24e}");
        let (shorter, rest) = exact.bytes[..POINT + 25].split_at(MOST + POINT);
        let is_half = rest[0] == b'5' && rest[1..].iter().all(|b| *b == b'0');
        if is_half && shorter[..MOST] == self.bytes[..MOST] && shorter[MOST] + 1 == self.bytes[MOST] {
            self.bytes[MOST] -= 1;
        }
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).expect("it was a text")
    }
}

impl Write for Digits {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

fn write_int(out: &mut String, int: i64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = int.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).expect("a digit");
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if int < 0 {
        out.push('-');
    }
    out.push_str(std::str::from_utf8(&digits[at..]).expect("digits are ASCII"));
}

/// Appends a string with its quotes.
pub fn write_str(out: &mut String, string: &str) {
    out.push('"');
    let mut rest = string;
    while let Some(plain) = rest.bytes().position(|b| b < b' ' || b == b'"' || b == b'\\' || b == 0x7f) {
        out.push_str(&rest[..plain]);
        match rest.as_bytes()[plain] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x8 => out.push_str("\\b"),
            0xc => out.push_str("\\f"),
            control => {
                let _ = write!(out, "\\u{control:04x}");
            }
        }
        rest = &rest[plain + 1..];
    }
    out.push_str(rest);
    out.push('"');
}
