//! From text to tokens.

/// A token with the offset of its first byte.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Token<'s> {
    pub kind: Kind<'s>,
    pub at: usize,
    pub end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind<'s> {
    /// An operator or a bracket.
    Sign(&'s str),
    /// A name that is no keyword.
    Name(&'s str),
    Keyword(&'s str),
    /// `.name`, without the dot.
    Field(&'s str),
    /// `$name`, without the dollar sign.
    Variable(&'s str),
    /// `@name`, with the sign.
    Format(&'s str),
    Number(&'s str),
    /// The quote that opens a string.
    Quote,
    /// What means nothing.
    Unknown,
    End,
}

const KEYWORDS: [&str; 18] = [
    "and", "as", "break", "catch", "def", "elif", "else", "end", "foreach", "if", "import", "include", "label",
    "module", "or", "reduce", "then", "try",
];

/// Longer ones come before those that they begin with.
const SIGNS: [&str; 33] = [
    "?//", "//=", "!=", "==", "//", "|=", "+=", "-=", "*=", "/=", "%=", "<=", ">=", "..", ".", "?", "=", ";", ",", ":",
    "|", "+", "-", "*", "/", "%", "<", ">", "(", ")", "[", "]", "{",
];

/// The token that begins at an offset, or after white space and comments there.
pub fn token(text: &str, from: usize) -> Token<'_> {
    let at = skip(text, from);
    let rest = &text[at..];
    let take = |length: usize| &rest[..length];
    let (kind, length) = match rest.as_bytes() {
        [] => (Kind::End, 0),
        [b'"', ..] => (Kind::Quote, 1),
        [b'}', ..] => (Kind::Sign(take(1)), 1),
        [b'0'..=b'9', ..] | [b'.', b'0'..=b'9', ..] => {
            let length = number(rest.as_bytes());
            (Kind::Number(take(length)), length)
        }
        [b'.', b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] => {
            let length = 1 + word(&rest[1..]);
            (Kind::Field(&rest[1..length]), length)
        }
        [b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] => {
            let length = name(rest);
            let found = take(length);
            (if KEYWORDS.contains(&found) { Kind::Keyword(found) } else { Kind::Name(found) }, length)
        }
        [b'$', b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] => {
            let length = 1 + name(&rest[1..]);
            (Kind::Variable(&rest[1..length]), length)
        }
        [b'@', b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_', ..] => {
            let length = 1 + word(&rest[1..]);
            (Kind::Format(take(length)), length)
        }
        _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            Some(sign) => (Kind::Sign(take(sign.len())), sign.len()),
            None => (Kind::Unknown, rest.chars().next().map_or(0, char::len_utf8)),
        },
    };
    Token { kind, at, end: at + length }
}

/// The end of white space and comments.
fn skip(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\n' | b'\r') => at += 1,
            Some(b'#') => at = comment(bytes, at + 1),
            _ => return at,
        }
    }
}

/// The end of a comment: that of its line, but a line goes on after an odd number of backslashes at its end.
fn comment(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        at += match &bytes[at..] {
            [] | [b'\n', ..] | [b'\r', b'\n', ..] => return at,
            [b'\\', b'\r', b'\n', ..] => 3,
            [b'\\', b'\\' | b'\n', ..] => 2,
            _ => 1,
        };
    }
}

fn word(text: &str) -> usize {
    text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count()
}

/// The length of a name, which may be one in a module: `a::b`.
fn name(text: &str) -> usize {
    let mut length = word(text);
    while let Some(after) = text[length..].strip_prefix("::") {
        match after.bytes().next() {
            Some(b) if b.is_ascii_alphabetic() || b == b'_' => length += 2 + word(after),
            _ => break,
        }
    }
    length
}

fn number(bytes: &[u8]) -> usize {
    let digits = |from: usize| from + bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = end + 1 + sign;
        if matches!(bytes.get(exponent), Some(b'0'..=b'9')) {
            end = digits(exponent);
        }
    }
    end
}
