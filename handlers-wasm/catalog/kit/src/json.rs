//! JSON text to values and back.
//!
//! A number that is no integer of 64 bits keeps the text that it was written in until somebody counts with it.

use crate::map::Map;
use crate::text::{Text, same};
use crate::value::Val;
use std::fmt::{self, Write};

/// How deep arrays and objects may lie in each other, in a document and in a result.
pub const MAX_DEPTH: usize = 512;

const TOO_DEEP: &str = "nested deeper than 512 levels";

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
    parse(utf8(bytes)?)
}

fn utf8(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|cause| Error {
        reason: "not UTF-8",
        offset: cause.valid_up_to(),
    })
}

/// Reads one JSON value; white space may be around it.
pub fn parse(text: &str) -> Result<Val, Error> {
    read(text, None, 0)
}

/// Reads one JSON value, without the value of the member `left_out` if it is an object: what somebody else has read
/// already, and found to be JSON.
pub fn parse_without(bytes: &[u8], left_out: &str) -> Result<Val, Error> {
    read(utf8(bytes)?, Some(left_out), 0)
}

/// Reads one JSON value that is a member of an object: one level less can lie in it.
pub fn parse_member(bytes: &[u8]) -> Result<Val, Error> {
    read(utf8(bytes)?, None, 1)
}

/// Reads the next of several JSON values, behind a place in a text; gives it with the place where it ends. Without one, only
/// white space is left.
pub fn parse_next(text: &str, from: usize) -> Result<Option<(Val, usize)>, Error> {
    let mut parser = Parser::new(text, None);
    let start = parser.space(from);
    if start == text.len() {
        return Ok(None);
    }
    let end = parser.value(start, 0)?;
    Ok(Some((parser.values.pop().unwrap_or_default(), end)))
}

fn read(text: &str, left_out: Option<&str>, depth: usize) -> Result<Val, Error> {
    let mut parser = Parser::new(text, left_out);
    let end = parser.value(0, depth)?;
    let end = parser.space(end);
    if end < text.len() {
        return Err(Error::new("unexpected text after the value", end));
    }
    Ok(parser.values.pop().unwrap_or_default())
}

/// How many keys a parser remembers.
const KEYS: usize = 64;

/// Reads values. Places are handed from function to function, and not kept here, so that they stay in registers.
struct Parser<'a> {
    /// The member of the outermost object whose value is not read.
    left_out: Option<&'a str>,
    text: &'a str,
    bytes: &'a [u8],
    /// The values of the arrays and objects that are not at their end yet, the latest last. An array or an object is made
    /// when it is known how long it is.
    values: Vec<Val>,
    /// The keys of the objects that are not at their end yet.
    names: Vec<Text>,
    /// Keys that came lately: objects of one kind have the same ones, and can share them.
    known: [Option<Text>; KEYS],
}

type Parsed<T> = Result<T, Error>;

impl Error {
    const fn new(reason: &'static str, offset: usize) -> Self {
        Self { reason, offset }
    }
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, left_out: Option<&'a str>) -> Self {
        Self {
            left_out,
            text,
            bytes: text.as_bytes(),
            values: Vec::with_capacity(64),
            names: Vec::with_capacity(64),
            known: [const { None }; KEYS],
        }
    }

    #[inline(always)]
    fn peek(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// Where the white space at a place ends.
    #[inline(always)]
    fn space(&self, mut at: usize) -> usize {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek(at) {
            at += 1;
        }
        at
    }

    /// Reads the value behind a place, which becomes the last one; returns where it ends.
    fn value(&mut self, at: usize, depth: usize) -> Parsed<usize> {
        let at = self.space(at);
        let (value, end) = match self.peek(at) {
            Some(b'"') => {
                let start = at + 1;
                let plain = plain(self.bytes, start, NOTHING);
                if self.peek(plain) == Some(b'"') {
                    (Val::Str(self.text[start..plain].into()), plain + 1)
                } else {
                    let (text, end) = self.string(start, plain)?;
                    (Val::Str(text), end)
                }
            }
            Some(b'-' | b'0'..=b'9') => self.number(at)?,
            Some(b'{') => self.object(at, depth + 1)?,
            Some(b'[') => self.array(at, depth + 1)?,
            Some(b't') => self.word(at, "true", Val::Bool(true))?,
            Some(b'f') => self.word(at, "false", Val::Bool(false))?,
            Some(b'n') => self.word(at, "null", Val::Null)?,
            Some(_) => return Err(Error::new("expected a value", at)),
            None => return Err(Error::new("expected a value, found the end", at)),
        };
        self.values.push(value);
        Ok(end)
    }

    fn word(&self, at: usize, word: &str, value: Val) -> Parsed<(Val, usize)> {
        if self.bytes[at..].starts_with(word.as_bytes()) {
            Ok((value, at + word.len()))
        } else {
            Err(Error::new("expected a value", at))
        }
    }

    fn array(&mut self, at: usize, depth: usize) -> Parsed<(Val, usize)> {
        if depth > MAX_DEPTH {
            return Err(Error::new(TOO_DEEP, at));
        }
        let start = self.values.len();
        let mut at = self.space(at + 1);
        if self.peek(at) != Some(b']') {
            loop {
                at = self.value(at, depth)?;
                at = self.space(at);
                match self.peek(at) {
                    Some(b',') => at += 1,
                    Some(b']') => break,
                    _ => return Err(Error::new("expected ',' or ']'", at)),
                }
            }
        }
        Ok((Val::arr(self.values.split_off(start)), at + 1))
    }

    fn object(&mut self, at: usize, depth: usize) -> Parsed<(Val, usize)> {
        if depth > MAX_DEPTH {
            return Err(Error::new(TOO_DEEP, at));
        }
        let start = self.values.len();
        let first = self.names.len();
        // A bit for each seat that a key of this object has: keys of different seats are different.
        let mut seats = 0_u64;
        let mut distinct = true;
        let mut at = self.space(at + 1);
        if self.peek(at) != Some(b'}') {
            loop {
                at = self.space(at);
                if self.peek(at) != Some(b'"') {
                    return Err(Error::new("expected a key", at));
                }
                let (seat, end) = self.key(at + 1)?;
                distinct &= seats >> seat & 1 == 0;
                seats |= 1 << seat;
                at = self.space(end);
                if self.peek(at) != Some(b':') {
                    return Err(Error::new("expected ':'", at));
                }
                if depth == 1 && self.left_out.is_some() && self.left_out == self.names.last().map(Text::as_str) {
                    at = self.pass(at + 1)?;
                    self.names.pop();
                } else {
                    at = self.value(at + 1, depth)?;
                }
                at = self.space(at);
                match self.peek(at) {
                    Some(b',') => at += 1,
                    Some(b'}') => break,
                    _ => return Err(Error::new("expected ',' or '}'", at)),
                }
            }
        }
        let members = self.names.drain(first..).zip(self.values.drain(start..));
        let map = if distinct { Map::of_distinct(members.collect()) } else { members.collect() };
        Ok((Val::obj(map), at + 1))
    }

    /// Goes to the end of a value without reading it.
    fn pass(&self, mut at: usize) -> Parsed<usize> {
        let mut open = 0_u32;
        loop {
            at = self.space(at);
            match self.peek(at) {
                Some(b'"') => at = self.pass_string(at + 1)?,
                Some(b'{' | b'[') => {
                    open += 1;
                    at += 1;
                }
                Some(b'}' | b']') if open > 0 => {
                    open -= 1;
                    at += 1;
                }
                Some(b',' | b':') if open > 0 => {
                    at += 1;
                    continue;
                }
                Some(b'-' | b'a'..=b'z' | b'0'..=b'9') => {
                    let ends = |byte: &u8| !matches!(byte, b'+' | b'-' | b'.' | b'E' | b'a'..=b'z' | b'0'..=b'9');
                    let rest = &self.bytes[at..];
                    at += rest.iter().position(ends).unwrap_or(rest.len());
                }
                Some(_) => return Err(Error::new("expected a value", at)),
                None => return Err(Error::new("expected a value, found the end", at)),
            }
            if open == 0 {
                return Ok(at);
            }
        }
    }

    fn pass_string(&self, mut at: usize) -> Parsed<usize> {
        loop {
            at = plain(self.bytes, at, NOTHING);
            match self.peek(at) {
                Some(b'"') => return Ok(at + 1),
                // What is escaped may be a quote.
                Some(b'\\') => at = (at + 2).min(self.bytes.len()),
                Some(_) => return Err(Error::new("control character in a string", at)),
                None => return Err(Error::new("expected '\"', found the end", at)),
            }
        }
    }

    fn number(&self, start: usize) -> Parsed<(Val, usize)> {
        let negative = self.peek(start) == Some(b'-');
        let mut at = start + usize::from(negative);
        let mut whole = 0_i64;
        match self.peek(at) {
            Some(b'0') => at += 1,
            Some(b'1'..=b'9') => {
                while let Some(digit @ b'0'..=b'9') = self.peek(at) {
                    // More digits than fit are read again below.
                    whole = whole.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
                    at += 1;
                }
            }
            _ => return Err(Error::new("expected a digit", at)),
        }
        if let Some(b'.' | b'e' | b'E') = self.peek(at) {
            at = self.rest_of_number(at)?;
            return Ok((Val::Num(self.text[start..at].into()), at));
        }
        if at - start > 18 {
            return Ok((Val::number(&self.text[start..at]), at));
        }
        let value = match (negative, whole) {
            // A zero keeps its sign.
            (true, 0) => Val::Float(-0.0),
            (true, whole) => Val::Int(-whole),
            (false, whole) => Val::Int(whole),
        };
        Ok((value, at))
    }

    /// Reads the fraction and the exponent.
    fn rest_of_number(&self, mut at: usize) -> Parsed<usize> {
        if self.peek(at) == Some(b'.') {
            at = self.digits(at + 1)?;
        }
        if let Some(b'e' | b'E') = self.peek(at) {
            at += 1;
            if let Some(b'+' | b'-') = self.peek(at) {
                at += 1;
            }
            at = self.digits(at)?;
        }
        Ok(at)
    }

    fn digits(&self, mut at: usize) -> Parsed<usize> {
        if !matches!(self.peek(at), Some(b'0'..=b'9')) {
            return Err(Error::new("expected a digit", at));
        }
        while let Some(b'0'..=b'9') = self.peek(at) {
            at += 1;
        }
        Ok(at)
    }

    /// Reads a key, of which the quote was read; it becomes the last one. Returns the seat of all keys like it, and where
    /// it ends.
    fn key(&mut self, start: usize) -> Parsed<(usize, usize)> {
        let plain = plain(self.bytes, start, NOTHING);
        if self.peek(plain) != Some(b'"') {
            let (key, end) = self.string(start, plain)?;
            let seat = seat(&key);
            self.names.push(key);
            return Ok((seat, end));
        }
        let key = &self.text[start..plain];
        let seat = seat(key);
        let key = match &mut self.known[seat] {
            Some(known) if same(known, key) => known.clone(),
            other => other.insert(key.into()).clone(),
        };
        self.names.push(key);
        Ok((seat, plain + 1))
    }

    /// Reads a string that has escapes, of which the part up to the first one was read.
    #[inline(never)]
    fn string(&self, start: usize, plain_end: usize) -> Parsed<(Text, usize)> {
        let mut string = String::new();
        let (mut start, mut at) = (start, plain_end);
        loop {
            string.push_str(&self.text[start..at]);
            match self.peek(at) {
                Some(b'"') => return Ok((string.as_str().into(), at + 1)),
                Some(b'\\') => {
                    let (escaped, end) = self.escape(at + 1)?;
                    string.push(escaped);
                    start = end;
                }
                Some(_) => return Err(Error::new("control character in a string", at)),
                None => return Err(Error::new("expected '\"', found the end", at)),
            }
            at = plain(self.bytes, start, NOTHING);
        }
    }

    /// Reads what comes after a backslash.
    fn escape(&self, at: usize) -> Parsed<(char, usize)> {
        let plain = match self.peek(at) {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(at),
            _ => return Err(Error::new("unknown escape in a string", at)),
        };
        Ok((plain, at + 1))
    }

    /// Reads `u` and four digits, or two such halves of a character.
    fn unicode(&self, start: usize) -> Parsed<(char, usize)> {
        const ALONE: &str = "unpaired surrogate in a string";
        let first = self.unit(start + 1)?;
        let at = start + 5;
        if !(0xd800..0xe000).contains(&first) {
            return char::from_u32(first).map(|c| (c, at)).ok_or(Error::new(ALONE, start));
        }
        if first >= 0xdc00 || !self.bytes[at..].starts_with(b"\\u") {
            return Err(Error::new(ALONE, start));
        }
        let second = self.unit(at + 2)?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(Error::new(ALONE, start));
        }
        let pair = char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
        pair.map(|c| (c, at + 6)).ok_or(Error::new(ALONE, start))
    }

    fn unit(&self, start: usize) -> Parsed<u32> {
        let mut unit = 0;
        for at in start..start + 4 {
            let digit = self.peek(at).and_then(|byte| char::from(byte).to_digit(16));
            unit = unit << 4 | digit.ok_or(Error::new("expected four hexadecimal digits", at))?;
        }
        Ok(unit)
    }
}

/// The seat of a key among those that a parser remembers: that of all keys that are the same.
#[inline]
fn seat(key: &str) -> usize {
    let bytes = key.as_bytes();
    let first = bytes.first().copied().unwrap_or_default();
    let last = bytes.last().copied().unwrap_or_default();
    (key.len() * 31 + usize::from(first) * 5 + usize::from(last)) % KEYS
}

/// No byte of a text.
const NOTHING: u8 = 0xff;
/// What is a control character, and no less than a space.
const DELETE: u8 = 0x7f;

/// Where the part of a string ends that stands for itself: before a quote, a backslash, a control character, or a byte.
#[inline]
fn plain(bytes: &[u8], start: usize, other: u8) -> usize {
    const ONES: u64 = u64::MAX / 255;
    let mut at = start;
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let eight = u64::from_le_bytes(*eight);
        // The high bit of each byte of a term tells of a byte that is a quote, a backslash, or less than a space; it
        // may also be set, wrongly, above a byte where it is set rightly, but the lowest one is right.
        let quote = eight ^ (ONES * 0x22);
        let backslash = eight ^ (ONES * 0x5c);
        let mut found = (quote.wrapping_sub(ONES) & !quote)
            | (backslash.wrapping_sub(ONES) & !backslash)
            | (eight.wrapping_sub(ONES * 0x20) & !eight);
        if other != NOTHING {
            let other = eight ^ (ONES * u64::from(other));
            found |= other.wrapping_sub(ONES) & !other;
        }
        let found = found & (ONES * 0x80);
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes[at..].iter();
    let stops = |byte: u8| byte == b'"' || byte == b'\\' || byte < b' ' || byte == other;
    at + rest.take_while(|byte| !stops(**byte)).count()
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
    let bytes = string.as_bytes();
    let mut start = 0;
    loop {
        let end = plain(bytes, start, DELETE);
        out.push_str(&string[start..end]);
        let Some(byte) = bytes.get(end) else {
            out.push('"');
            return;
        };
        match byte {
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
        start = end + 1;
    }
}
