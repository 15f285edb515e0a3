//! The body of a response: what it is follows from what the response says of it, never from its bytes.

use crate::{Failure, Val, json};
use wasm_broker_sdk::base64;

/// A body that was read whole.
pub struct Body {
    bytes: Vec<u8>,
    kind: Kind,
    /// What the response says; if that is nothing, it is UTF-8.
    charset: Result<Charset, String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Text,
    /// The response does not say; it is text, and nothing else.
    Unknown,
    Binary,
}

/// An encoding of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Charset {
    Utf8,
    Utf16 { big_endian: bool },
    Windows1252,
}

/// Media types of text beside `text/…` and `…+xml`.
const TEXTS: [&str; 8] = [
    "application/xml", "application/javascript", "application/ecmascript", "application/x-www-form-urlencoded",
    "application/yaml", "application/x-yaml", "application/toml", "application/x-ndjson",
];
/// What the bytes from 0x80 to 0x9f are in windows-1252; those without a meaning stay what they are.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

impl Charset {
    /// The encoding of a name. As browsers do, ASCII and ISO-8859-1 are read as windows-1252, which they are a part of.
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "utf-8" | "utf8" => Self::Utf8,
            "utf-16" | "utf-16le" => Self::Utf16 { big_endian: false },
            "utf-16be" => Self::Utf16 { big_endian: true },
            "us-ascii" | "ascii" | "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "windows-1252" | "cp1252" => {
                Self::Windows1252
            }
            _ => return None,
        })
    }

    /// The text of some bytes, without a byte order mark, which says more of them than their declaration; what stands
    /// for no character becomes U+FFFD.
    fn decode(self, bytes: &[u8]) -> String {
        match (bytes, self) {
            ([0xef, 0xbb, 0xbf, rest @ ..], _) => String::from_utf8_lossy(rest).into_owned(),
            ([0xff, 0xfe, rest @ ..], _) => utf_16(rest, u16::from_le_bytes),
            ([0xfe, 0xff, rest @ ..], _) => utf_16(rest, u16::from_be_bytes),
            (bytes, Self::Utf8) => String::from_utf8_lossy(bytes).into_owned(),
            (bytes, Self::Utf16 { big_endian: false }) => utf_16(bytes, u16::from_le_bytes),
            (bytes, Self::Utf16 { big_endian: true }) => utf_16(bytes, u16::from_be_bytes),
            (bytes, Self::Windows1252) => bytes.iter().map(|byte| windows_1252(*byte)).collect(),
        }
    }
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks(2).map(|pair| match pair {
        [first, second] => unit([*first, *second]),
        _ => 0xfffd,
    });
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        byte => char::from(byte),
    }
}

impl Body {
    /// A body, with what the response says of it.
    #[must_use]
    pub fn new(bytes: Vec<u8>, content_type: &str) -> Self {
        let mut parts = content_type.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
        let charset = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_ascii_lowercase())
        });
        let charset = match charset {
            None => Ok(Charset::Utf8),
            Some(name) => Charset::named(&name).ok_or(name),
        };
        let is_text = media_type.starts_with("text/") || media_type.ends_with("+xml") || TEXTS.contains(&media_type.as_str());
        let kind = if media_type == "application/json" || media_type.ends_with("+json") {
            Kind::Json
        } else if media_type.is_empty() {
            Kind::Unknown
        } else if is_text && charset.is_ok() {
            Kind::Text
        } else {
            Kind::Binary
        };
        Self { bytes, kind, charset }
    }

    /// The JSON value if it is declared as JSON; its text if it is declared as text in an encoding that is known, or not
    /// declared at all; else base64. Null if it is empty.
    ///
    /// # Errors
    ///
    /// `bad_response` when it is not what it is declared as.
    pub fn value(&self) -> Result<Val, Failure> {
        if self.bytes.is_empty() {
            return Ok(Val::Null);
        }
        match (self.kind, &self.charset) {
            (Kind::Json, Ok(charset)) => self.json(*charset),
            (Kind::Json, Err(name)) => {
                let message = format!("the body is declared as JSON in the encoding {name:?}, which is not known");
                Err(Failure::new("bad_response", message))
            }
            (Kind::Text, Ok(charset)) => Ok(charset.decode(&self.bytes).into()),
            (Kind::Unknown, _) => match std::str::from_utf8(&self.bytes) {
                Ok(text) => Ok(Val::str(text)),
                Err(cause) => {
                    let message = "the response has no content-type, and its body is not UTF-8";
                    Err(Failure::new("bad_response", message).with_count("offset", cause.valid_up_to()))
                }
            },
            (Kind::Text | Kind::Binary, _) => Ok(base64::encode(&self.bytes).into()),
        }
    }

    fn json(&self, charset: Charset) -> Result<Val, Failure> {
        let marked = matches!(self.bytes[..], [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
        let parsed = match (charset, &self.bytes[..]) {
            (Charset::Utf8, [0xef, 0xbb, 0xbf, rest @ ..]) => json::parse_bytes(rest),
            (Charset::Utf8, bytes) if !marked => json::parse_bytes(bytes),
            (charset, bytes) => json::parse(&charset.decode(bytes)),
        };
        parsed.map_err(|cause| {
            Failure::new("bad_response", format!("the body is declared as JSON but is not: {cause}"))
                .with_count("offset", cause.offset)
        })
    }

    /// Whether the value is base64.
    #[must_use]
    pub fn is_binary(&self) -> bool {
        self.kind == Kind::Binary && !self.bytes.is_empty()
    }

    /// The text, whatever the body is, for people.
    #[must_use]
    pub fn shown(&self) -> String {
        self.charset.as_ref().copied().unwrap_or(Charset::Utf8).decode(&self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::Body;
    use crate::json;

    fn value(bytes: &[u8], content_type: &str) -> String {
        let body = Body::new(bytes.to_vec(), content_type);
        let value = body.value().map_or_else(|_| "bad".to_owned(), |value| json::to_string(&value));
        if body.is_binary() { format!("base64 {value}") } else { value }
    }

    #[test]
    fn the_declared_encoding_is_respected() {
        for (bytes, content_type, expected) in [
            (&b"caf\xe9 \x80"[..], "text/plain; charset=ISO-8859-1", r#""café €""#),
            (b"caf\xe9", "text/plain; charset=\"windows-1252\"", r#""café""#),
            (b"caf\xc3\xa9", "text/plain", r#""café""#),
            (b"caf\xe9", "text/plain", "\"caf\u{fffd}\""),
            (b"\xef\xbb\xbfa", "text/html; charset=us-ascii", r#""a""#),
            (b"a\0\xe9\0", "text/csv; Charset=UTF-16LE", r#""aé""#),
            (b"\xfe\xff\0a\xd8=\xdc\x32", "text/plain; charset=utf-16", r#""a🐲""#),
            (b"a\0b", "text/plain; charset=utf-16", "\"a\u{fffd}\""),
            (b"\x82\xa0", "text/plain; charset=shift_jis", r#"base64 "gqA=""#),
            (b"<a/>", "application/atom+xml", r#""<a/>""#),
            (b"abc", "application/octet-stream", r#"base64 "YWJj""#),
            (b"abc", "", r#""abc""#),
            (b"ab\xe9", "", "bad"),
            (b"", "image/png", "null"),
        ] {
            assert_eq!(value(bytes, content_type), expected, "{content_type}");
        }
    }

    #[test]
    fn json_may_have_a_byte_order_mark_and_another_encoding() {
        for (bytes, content_type, expected) in [
            (&b"\xef\xbb\xbf{\"a\":1}"[..], "application/json", r#"{"a":1}"#),
            (b"\xff\xfe1\0", "application/json", "1"),
            (b"\"\xe9\"", "application/problem+json; charset=iso-8859-1", r#""é""#),
            (b"\"\xe9\"", "application/json", "bad"),
            (b"1", "application/json; charset=utf-7", "bad"),
            (b"{", "application/json", "bad"),
        ] {
            assert_eq!(value(bytes, content_type), expected, "{content_type}");
        }
    }
}
