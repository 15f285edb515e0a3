//! Formats: `@csv` and the like.

use super::Native;
use super::strings::text;
use crate::jq::Error;
use crate::json;
use crate::value::Val;
use std::fmt::Write;

/// The filters of this file.
pub const TABLE: &[Native] = &[
    Native { name: "@text", arity: 0, run: |v, _| Ok(Val::Str(text(v))) },
    Native { name: "@json", arity: 0, run: |v, _| Ok(json::to_string(&v).into()) },
    Native { name: "@csv", arity: 0, run: |v, _| csv(&v) },
    Native { name: "@tsv", arity: 0, run: |v, _| tsv(&v) },
    Native { name: "@html", arity: 0, run: |v, _| Ok(html(&text(v)).into()) },
    Native { name: "@uri", arity: 0, run: |v, _| Ok(uri(&text(v)).into()) },
    Native { name: "@urid", arity: 0, run: |v, _| uri_decoded(v) },
    Native { name: "@sh", arity: 0, run: |v, _| shell(&v) },
    Native { name: "@base64", arity: 0, run: |v, _| Ok(encoded(text(v).as_bytes(), BASE64, 6).into()) },
    Native { name: "@base64d", arity: 0, run: |v, _| base64_decoded(v) },
    Native { name: "@base32", arity: 0, run: |v, _| Ok(encoded(text(v).as_bytes(), BASE32, 5).into()) },
    Native { name: "@base32d", arity: 0, run: |v, _| base32_decoded(v) },
    Native { name: "format", arity: 1, run: |v, args| format(v, &args[0]) },
];

const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn format(value: Val, name: &Val) -> Result<Val, Error> {
    let Val::Str(name) = name else {
        return Err(Error::typ(name, "is not a valid format"));
    };
    let is_it = |native: &&Native| native.name.strip_prefix('@') == Some(name.as_str());
    match TABLE.iter().find(is_it) {
        Some(native) => (native.run)(value, &[]),
        None => Err(Error::new(format_args!("{name} is not a valid format"))),
    }
}

/// Puts the values of an array together; strings by a function.
fn row(
    value: &Val,
    only: &str,
    separator: char,
    string: impl Fn(&mut String, &str),
) -> Result<Val, Error> {
    let Val::Arr(values) = value else {
        return Err(Error::typ(value, only));
    };
    let mut row = String::new();
    for (i, v) in values.iter().enumerate() {
        if i > 0 {
            row.push(separator);
        }
        match v {
            Val::Null => {}
            Val::Float(f) if f.is_nan() => {}
            Val::Str(s) => string(&mut row, s),
            Val::Arr(_) | Val::Obj(_) => return Err(Error::typ(v, "is not valid in a csv row")),
            v => json::write(&mut row, v),
        }
    }
    Ok(row.into())
}

fn csv(value: &Val) -> Result<Val, Error> {
    row(value, "cannot be csv-formatted, only array", ',', |row, s| {
        row.push('"');
        escape(row, s, |c| match c {
            '"' => Some("\"\""),
            '\0' => Some("\\0"),
            _ => None,
        });
        row.push('"');
    })
}

fn tsv(value: &Val) -> Result<Val, Error> {
    row(value, "cannot be tsv-formatted, only array", '\t', |row, s| {
        escape(row, s, |c| match c {
            '\t' => Some("\\t"),
            '\r' => Some("\\r"),
            '\n' => Some("\\n"),
            '\\' => Some("\\\\"),
            '\0' => Some("\\0"),
            _ => None,
        });
    })
}

fn html(s: &str) -> String {
    let mut html = String::with_capacity(s.len());
    escape(&mut html, s, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '\'' => Some("&apos;"),
        '"' => Some("&quot;"),
        '\0' => Some("\\0"),
        _ => None,
    });
    html
}

/// Appends a string; some characters are written otherwise.
fn escape(out: &mut String, s: &str, otherwise: impl Fn(char) -> Option<&'static str>) {
    let mut done = 0;
    for (at, c) in s.char_indices() {
        if let Some(escaped) = otherwise(c) {
            out.push_str(&s[done..at]);
            out.push_str(escaped);
            done = at + c.len_utf8();
        }
    }
    out.push_str(&s[done..]);
}

fn shell(value: &Val) -> Result<Val, Error> {
    let values = match value {
        Val::Arr(values) => &values[..],
        v => std::slice::from_ref(v),
    };
    let mut line = String::new();
    for (i, v) in values.iter().enumerate() {
        if i > 0 {
            line.push(' ');
        }
        match v {
            Val::Str(s) => {
                line.push('\'');
                escape(&mut line, s, |c| match c {
                    '\'' => Some("'\\''"),
                    '\0' => Some("\\0"),
                    _ => None,
                });
                line.push('\'');
            }
            Val::Arr(_) | Val::Obj(_) => return Err(Error::typ(v, "can not be escaped for shell")),
            v => json::write(&mut line, v),
        }
    }
    Ok(line.into())
}

fn uri(s: &str) -> String {
    let mut encoded = String::with_capacity(s.len());
    for byte in s.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn uri_decoded(value: Val) -> Result<Val, Error> {
    let text = text(value);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    let mut decode = || {
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'%' => {
                    let mut digit = || char::from(rest.next()?).to_digit(16);
                    u8::try_from(digit()? * 16 + digit()?).ok()?
                }
                byte => byte,
            });
        }
        Some(())
    };
    let decoded = decode().and_then(|()| String::from_utf8(bytes).ok());
    decoded
        .map(Val::from)
        .ok_or_else(|| Error::typ(&Val::Str(text), "is not a valid uri encoding"))
}

/// Encodes bytes, some bits a character, and fills up the last block.
fn encoded(bytes: &[u8], alphabet: &[u8], bits: u32) -> String {
    let block = if bits == 6 { 4 } else { 8 };
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + block);
    let (mut held, mut count) = (0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        count += 8;
        while count >= bits {
            count -= bits;
            text.push(char::from(alphabet[(held >> count) as usize % alphabet.len()]));
        }
        held &= (1 << count) - 1;
    }
    if count > 0 {
        text.push(char::from(alphabet[(held << (bits - count)) as usize % alphabet.len()]));
    }
    while text.len() % block != 0 {
        text.push('=');
    }
    text
}

fn base64_decoded(value: Val) -> Result<Val, Error> {
    let text = text(value);
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut held, mut count) = (0_u32, 0);
    for byte in text.bytes().take_while(|byte| *byte != b'=') {
        let Some(six) = base64_value(byte) else {
            return Err(Error::typ(&Val::Str(text.clone()), "is not valid base64 data"));
        };
        held = held << 6 | six;
        count += 1;
        if count == 4 {
            bytes.extend_from_slice(&held.to_be_bytes()[1..]);
            (held, count) = (0, 0);
        }
    }
    match count {
        1 => return Err(Error::typ(&Val::Str(text), "trailing base64 byte found")),
        2 => bytes.extend_from_slice(&(held << 12).to_be_bytes()[1..2]),
        3 => bytes.extend_from_slice(&(held << 6).to_be_bytes()[1..3]),
        _ => {}
    }
    Ok(lossy(bytes).into())
}

/// The text of bytes. What is no UTF-8 becomes a replacement character, as jq does it: one for a character of which
/// bytes are missing, also at the end, where it takes all that is left.
fn lossy(bytes: Vec<u8>) -> String {
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return text,
        Err(cause) => cause.into_bytes(),
    };
    let mut text = String::with_capacity(bytes.len());
    let mut rest = &bytes[..];
    while let Some(first) = rest.first() {
        let length = match first {
            0xc2..0xe0 => 2,
            0xe0..0xf0 => 3,
            0xf0..0xf5 => 4,
            _ => 1,
        };
        let present = rest.iter().skip(1).take(length - 1).take_while(|byte| **byte & 0xc0 == 0x80);
        let (character, others) = rest.split_at(if rest.len() < length { rest.len() } else { 1 + present.count() });
        match std::str::from_utf8(character) {
            Ok(character) => text.push_str(character),
            Err(_) => text.push(char::REPLACEMENT_CHARACTER),
        }
        rest = others;
    }
    text
}

fn base64_value(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

fn base32_decoded(value: Val) -> Result<Val, Error> {
    let text = text(value);
    let mut bytes = Vec::with_capacity(text.len());
    let (mut held, mut count) = (0_u32, 0);
    for byte in text.bytes().take_while(|byte| *byte != b'=') {
        let Some(five) = BASE32.iter().position(|known| *known == byte) else {
            return Err(Error::typ(&Val::Str(text.clone()), "is not valid base32 data"));
        };
        held = held << 5 | u32::try_from(five).unwrap_or(0);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(held >> count & 0xff).unwrap_or(0));
            held &= (1 << count) - 1;
        }
    }
    Ok(lossy(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;

    #[test]
    fn rows_quote_strings() {
        assert_eq!(run("@csv", r#"["a\"b",1,null,true,1.50]"#, &[]), r#""\"a\"\"b\",1,,true,1.50""#);
        assert_eq!(run("@tsv", r#"["a\tb","c\\"]"#, &[]), r#""a\\tb\tc\\\\""#);
        assert_eq!(run("@csv", "[[]]", &[]), "array ([]) is not valid in a csv row");
        assert_eq!(run("@csv", "1", &[]), "number (1) cannot be csv-formatted, only array");
    }

    #[test]
    fn base64_goes_there_and_back() {
        for (text, code) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("é?", "w6k/")] {
            assert_eq!(run("@base64", &format!("{text:?}"), &[]), format!("{code:?}"));
            assert_eq!(run("@base64d", &format!("{code:?}"), &[]), format!("{text:?}"));
        }
        assert_eq!(run("@base64d", r#""YQ""#, &[]), r#""a""#);
        assert_eq!(run("@base64d", r#""Y""#, &[]), r#"string ("Y") trailing base64 byte found"#);
        assert_eq!(run("@base64d", r#""a!""#, &[]), r#"string ("a!") is not valid base64 data"#);
    }

    #[test]
    fn decoded_bytes_that_are_no_text_are_replaced() {
        let decoded = |code: &str| run("@base64d", &format!("{code:?}"), &[]);
        assert_eq!(decoded("/w=="), "\"\u{fffd}\"");
        assert_eq!(decoded("null"), "\"\u{fffd}\u{fffd}\"");
        assert_eq!(decoded("4oJB"), "\"\u{fffd}A\"");
        assert_eq!(decoded("8J+Yww=="), "\"\u{fffd}\u{fffd}\"");
        assert_eq!(decoded("gICA"), "\"\u{fffd}\u{fffd}\u{fffd}\"");
    }

    #[test]
    fn base32_goes_there_and_back() {
        assert_eq!(run("@base32", r#""abc""#, &[]), r#""MFRGG===""#);
        assert_eq!(run("@base32d", r#""MFRGG===""#, &[]), r#""abc""#);
    }

    #[test]
    fn uris_are_encoded_and_decoded() {
        assert_eq!(run("@uri", r#""a b~é""#, &[]), r#""a%20b~%C3%A9""#);
        assert_eq!(run("@urid", r#""a%20b~%C3%A9""#, &[]), r#""a b~é""#);
        assert_eq!(run("@urid", r#""%f""#, &[]), r#"string ("%f") is not a valid uri encoding"#);
        assert_eq!(run("@urid", r#""%ff""#, &[]), r#"string ("%ff") is not a valid uri encoding"#);
    }

    #[test]
    fn other_formats_escape_what_is_special() {
        assert_eq!(run("@html", r#""<'&\">""#, &[]), r#""&lt;&apos;&amp;&quot;&gt;""#);
        assert_eq!(run("@sh", r#"["a'b",1]"#, &[]), r#""'a'\\''b' 1""#);
        assert_eq!(run("@sh", "{}", &[]), "object ({}) can not be escaped for shell");
        assert_eq!(run("format", "[1]", &[r#""json""#]), r#""[1]""#);
        assert_eq!(run("format", "[1]", &[r#""xml""#]), "xml is not a valid format");
    }
}
