//! Filters on strings.

use super::Native;
use super::collections::iterated;
use crate::jq::Error;
use crate::jq::ops::{add, double, split};
use crate::json;
use crate::text::Text;
use crate::value::Val;

/// The filters of this file.
pub const TABLE: &[Native] = &[
    Native { name: "tojson", arity: 0, run: |v, _| Ok(json::to_string(&v).into()) },
    Native { name: "fromjson", arity: 0, run: |v, _| from_json(&v) },
    Native { name: "tostring", arity: 0, run: |v, _| Ok(Val::Str(text(v))) },
    Native { name: "tonumber", arity: 0, run: |v, _| to_number(v) },
    Native { name: "toboolean", arity: 0, run: |v, _| to_boolean(v) },
    Native { name: "startswith", arity: 1, run: |v, args| starts_with(&v, &args[0]).map(Val::Bool) },
    Native { name: "endswith", arity: 1, run: |v, args| ends_with(&v, &args[0]).map(Val::Bool) },
    Native { name: "ltrimstr", arity: 1, run: |v, args| without_start(v, &args[0]) },
    Native { name: "rtrimstr", arity: 1, run: |v, args| without_end(v, &args[0]) },
    Native {
        name: "trimstr",
        arity: 1,
        run: |v, args| without_end(without_start(v, &args[0])?, &args[0]),
    },
    Native { name: "trim", arity: 0, run: |v, _| trimmed(v, str::trim) },
    Native { name: "ltrim", arity: 0, run: |v, _| trimmed(v, str::trim_start) },
    Native { name: "rtrim", arity: 0, run: |v, _| trimmed(v, str::trim_end) },
    Native {
        name: "split",
        arity: 1,
        run: |v, args| match (&v, &args[0]) {
            (Val::Str(s), Val::Str(separator)) => Ok(split(s, separator)),
            _ => Err(Error::new("split input and separator must be strings")),
        },
    },
    Native { name: "join", arity: 1, run: |v, args| join(v, &args[0]) },
    Native { name: "explode", arity: 0, run: |v, _| explode(&v) },
    Native { name: "implode", arity: 0, run: |v, _| implode(&v) },
    Native { name: "ascii", arity: 0, run: |v, _| implode(&Val::arr(vec![v])) },
    Native { name: "ascii_downcase", arity: 0, run: |v, _| in_case(v, str::make_ascii_lowercase) },
    Native { name: "ascii_upcase", arity: 0, run: |v, _| in_case(v, str::make_ascii_uppercase) },
    Native {
        name: "utf8bytelength",
        arity: 0,
        run: |v, _| match &v {
            Val::Str(s) => Ok(super::collections::count(s.len())),
            _ => Err(Error::typ(&v, "only strings have UTF-8 byte length")),
        },
    },
];

/// A string as it is, and other values as JSON.
pub fn text(value: Val) -> Text {
    match value {
        Val::Str(s) => s,
        v => json::to_string(&v).into(),
    }
}

fn from_json(value: &Val) -> Result<Val, Error> {
    let Val::Str(text) = value else {
        return Err(Error::typ(value, "only strings can be parsed"));
    };
    match json::parse(text) {
        Ok(v) => Ok(v),
        Err(cause) => match text.trim_matches([' ', '\t', '\r', '\n']) {
            "nan" | "NaN" | "-nan" | "-NaN" => Ok(Val::Float(f64::NAN)),
            _ => Err(Error::new(format_args!("{cause} (while parsing '{text}')"))),
        },
    }
}

fn to_number(value: Val) -> Result<Val, Error> {
    match &value {
        Val::Int(_) | Val::Float(_) | Val::Num(_) => Ok(value),
        Val::Str(text) => {
            number(text).ok_or_else(|| Error::typ(&value, "cannot be parsed as a number"))
        }
        _ => Err(Error::typ(&value, "cannot be parsed as a number")),
    }
}

/// The number that a text is, also in spellings that JSON does not have: `+1`, `.5`, `5.`, `007`, `nan`, `infinity`.
fn number(text: &str) -> Option<Val> {
    if text == "-0" {
        return Some(Val::Num(text.into()));
    }
    if let Ok(int) = text.parse() {
        return Some(Val::Int(int));
    }
    let (sign, size) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    let is = |name| size.eq_ignore_ascii_case(name);
    if is("nan") {
        return Some(Val::Float(f64::NAN));
    }
    if is("inf") || is("infinity") {
        return Some(Val::Float(if sign.is_empty() { f64::INFINITY } else { f64::NEG_INFINITY }));
    }
    let (mantissa, exponent) = match size.find(['e', 'E']) {
        Some(at) => (&size[..at], &size[at..]),
        None => (size, ""),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let has_exponent = exponent.is_empty() || {
        let digits = exponent[1..].strip_prefix(['+', '-']).unwrap_or(&exponent[1..]);
        !digits.is_empty() && are_digits(digits)
    };
    let is_number = are_digits(whole) && are_digits(fraction) && whole.len() + fraction.len() > 0;
    if !is_number || !has_exponent {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(Val::number(&format!("{sign}{whole}{point}{fraction}{exponent}")))
}

fn to_boolean(value: Val) -> Result<Val, Error> {
    match &value {
        Val::Bool(_) => Ok(value),
        Val::Str(text) if text.as_str() == "true" => Ok(Val::Bool(true)),
        Val::Str(text) if text.as_str() == "false" => Ok(Val::Bool(false)),
        _ => Err(Error::typ(&value, "cannot be parsed as a boolean")),
    }
}

fn starts_with(value: &Val, start: &Val) -> Result<bool, Error> {
    match (value, start) {
        (Val::Str(s), Val::Str(start)) => Ok(s.starts_with(start.as_str())),
        _ => Err(Error::new("startswith() requires string inputs")),
    }
}

fn ends_with(value: &Val, end: &Val) -> Result<bool, Error> {
    match (value, end) {
        (Val::Str(s), Val::Str(end)) => Ok(s.ends_with(end.as_str())),
        _ => Err(Error::new("endswith() requires string inputs")),
    }
}

fn without_start(value: Val, start: &Val) -> Result<Val, Error> {
    let starts = starts_with(&value, start)?;
    Ok(match (value, start) {
        (Val::Str(s), Val::Str(start)) if starts && !start.is_empty() => Val::str(&s[start.len()..]),
        (v, _) => v,
    })
}

fn without_end(value: Val, end: &Val) -> Result<Val, Error> {
    let ends = ends_with(&value, end)?;
    Ok(match (value, end) {
        (Val::Str(mut s), Val::Str(end)) if ends && !end.is_empty() => {
            let rest = s.len() - end.len();
            s.truncate(rest);
            Val::Str(s)
        }
        (v, _) => v,
    })
}

fn trimmed(value: Val, trim: fn(&str) -> &str) -> Result<Val, Error> {
    let Val::Str(s) = value else {
        return Err(Error::new("trim input must be a string"));
    };
    let rest = trim(&s);
    Ok(if rest.len() == s.len() { Val::Str(s) } else { Val::str(rest) })
}

/// Puts texts together with something between them; null is nothing.
fn join(value: Val, separator: &Val) -> Result<Val, Error> {
    let values = iterated(&value)?;
    if let Val::Str(separator) = separator {
        if let Some(joined) = joined(&values, separator) {
            return Ok(joined);
        }
    }
    let mut text = Val::Null;
    for v in values {
        let before = match text {
            Val::Null => Val::from(String::new()),
            text => add(text, separator.clone())?,
        };
        let piece = match v {
            v @ (Val::Bool(_) | Val::Int(_) | Val::Float(_) | Val::Num(_)) => {
                Val::from(json::to_string(v))
            }
            Val::Null => Val::from(String::new()),
            v => v.clone(),
        };
        text = add(before, piece)?;
    }
    Ok(match text {
        Val::Null => Val::from(String::new()),
        text => text,
    })
}

/// The same for what is no array and no object.
fn joined(values: &[&Val], separator: &str) -> Option<Val> {
    let mut text = String::new();
    for (i, v) in values.iter().enumerate() {
        if i > 0 {
            text.push_str(separator);
        }
        match v {
            Val::Null => {}
            Val::Str(s) => text.push_str(s),
            Val::Arr(_) | Val::Obj(_) => return None,
            v => json::write(&mut text, v),
        }
    }
    Some(text.into())
}

fn explode(value: &Val) -> Result<Val, Error> {
    match value {
        Val::Str(s) => Ok(s.chars().map(|c| Val::Int(i64::from(u32::from(c)))).collect()),
        _ => Err(Error::new("explode input must be a string")),
    }
}

fn implode(value: &Val) -> Result<Val, Error> {
    let Val::Arr(codes) = value else {
        return Err(Error::new("implode input must be an array"));
    };
    let character = |v: &Val| match double(v) {
        #[expect(clippy::cast_possible_truncation, reason = "truncation is meant")]
        Some(code) if !code.is_nan() => {
            let code = u32::try_from(code as i64).ok();
            Ok(code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER))
        }
        _ => Err(Error::typ(v, "can't be imploded, unicode codepoint needs to be numeric")),
    };
    codes.iter().map(character).collect::<Result<String, _>>().map(Val::from)
}

fn in_case(value: Val, change: fn(&mut str)) -> Result<Val, Error> {
    let Val::Str(mut s) = value else {
        return Err(Error::new("explode input must be a string"));
    };
    change(s.as_mut_str());
    Ok(Val::Str(s))
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;

    #[test]
    fn numbers_are_read_from_strings() {
        let number = |text: &str| run("tonumber", &format!("{text:?}"), &[]);
        assert_eq!(number("12"), "12");
        assert_eq!(number("-0"), "-0");
        assert_eq!(number("+1"), "1");
        assert_eq!(number(".5"), "0.5");
        assert_eq!(number("5."), "5");
        assert_eq!(number("007"), "7");
        assert_eq!(number("1.10"), "1.10");
        assert_eq!(number("-Infinity"), "-1.7976931348623157e+308");
        assert_eq!(number("nan"), "null");
        assert_eq!(number("18446744073709551616"), "18446744073709551616");
        for text in ["", ".", "1e", "0x1", "1 ", " 1", "nan1", "--1"] {
            let message = format!("string ({text:?}) cannot be parsed as a number");
            assert_eq!(number(text), message);
        }
    }

    #[test]
    fn booleans_are_read_from_strings() {
        assert_eq!(run("toboolean", r#""true""#, &[]), "true");
        assert_eq!(run("toboolean", "false", &[]), "false");
        assert_eq!(run("toboolean", "1", &[]), "number (1) cannot be parsed as a boolean");
    }

    #[test]
    fn ends_of_strings_are_removed() {
        assert_eq!(run("ltrimstr", r#""aab""#, &[r#""a""#]), r#""ab""#);
        assert_eq!(run("rtrimstr", r#""aab""#, &[r#""b""#]), r#""aa""#);
        assert_eq!(run("trimstr", r#""xax""#, &[r#""x""#]), r#""a""#);
        assert_eq!(run("trimstr", r#""x""#, &[r#""x""#]), r#""""#);
        assert_eq!(run("ltrimstr", "1", &[r#""a""#]), "startswith() requires string inputs");
        assert_eq!(run("trim", r#""\u00a0 a\n""#, &[]), r#""a""#);
        assert_eq!(run("rtrim", r#"" a ""#, &[]), r#"" a""#);
    }

    #[test]
    fn joining_spells_numbers_and_skips_null() {
        assert_eq!(run("join", r#"["a",null,1,true]"#, &[r#"",""#]), r#""a,,1,true""#);
        assert_eq!(run("join", "[]", &[r#"",""#]), r#""""#);
        assert_eq!(run("join", r#"["a","b"]"#, &["null"]), r#""ab""#);
        assert_eq!(run("join", r#"{"x":1}"#, &[r#"",""#]), r#""1""#);
        assert_eq!(
            run("join", r#"["a",[]]"#, &[r#"",""#]),
            r#"string ("a,") and array ([]) cannot be added"#
        );
    }

    #[test]
    fn codes_that_are_no_characters_are_replaced() {
        assert_eq!(run("implode", "[65,55296,1114112,-1]", &[]), "\"A\u{fffd}\u{fffd}\u{fffd}\"");
        assert_eq!(run("explode", r#""é""#, &[]), "[233]");
    }
}
