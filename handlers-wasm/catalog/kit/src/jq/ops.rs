//! Arithmetic on values.
//!
//! Whole numbers of 64 bits are added, subtracted, multiplied and divided exactly as long as the result is one; all else
//! is arithmetic of doubles, as in jq.

use super::Error;
use crate::array::Array;
use crate::map::Map;
use crate::text::Text;
use crate::value::Val;
use std::rc::Rc;

/// No string may be longer, on any target.
pub const MAX_STRING: usize = 1 << 30;
/// From this size on, values are looked up in sorted order.
const MANY: usize = 8;
/// Beyond it, doubles are further apart than whole numbers.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The number that a computation gave: an integer if it is whole and exact.
#[must_use]
pub fn number(result: f64) -> Val {
    if result.abs() <= EXACT && result.fract() == 0.0 && (result != 0.0 || result.is_sign_positive()) {
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
        Val::Int(result as i64)
    } else {
        Val::Float(result)
    }
}

/// The double nearest to a number; none for other values.
#[must_use]
pub fn double(value: &Val) -> Option<f64> {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "what conversion to floating point means")]
        Val::Int(i) => Some(*i as f64),
        Val::Float(f) => Some(*f),
        Val::Num(text) => text.parse().ok(),
        _ => None,
    }
}

fn doubles(l: &Val, r: &Val) -> Option<(f64, f64)> {
    Some((double(l)?, double(r)?))
}

/// `l + r`
///
/// # Errors
///
/// When values of these types cannot be added.
pub fn add(l: Val, r: Val) -> Result<Val, Error> {
    use Val::{Arr, Int, Null, Obj, Str};
    match (l, r) {
        (Int(l), Int(r)) => {
            Ok(l.checked_add(r).map_or_else(|| of_doubles(l, r, |l, r| l + r), Int))
        }
        (Null, v) | (v, Null) => Ok(v),
        (Str(mut l), Str(r)) => {
            if l.len() + r.len() > MAX_STRING {
                return Err(Error::new("String too long"));
            }
            l.push_str(&r);
            Ok(Str(l))
        }
        (Arr(l), Arr(r)) => Ok(Arr(concatenated(l, r))),
        (Obj(mut l), Obj(r)) => {
            if r.is_empty() {
                return Ok(Obj(l));
            }
            if l.is_empty() {
                return Ok(Obj(r));
            }
            let members = Rc::make_mut(&mut l);
            match Rc::try_unwrap(r) {
                Ok(own) => members.extend(own),
                Err(r) => members.extend(r.iter().map(|(key, v)| (key.clone(), v.clone()))),
            }
            Ok(Obj(l))
        }
        (l, r) => match doubles(&l, &r) {
            Some((l, r)) => Ok(number(l + r)),
            None => Err(Error::types(&l, &r, "cannot be added")),
        },
    }
}

fn concatenated(mut l: Rc<Array>, r: Rc<Array>) -> Rc<Array> {
    if l.is_empty() {
        return r;
    }
    let values = Rc::make_mut(&mut l);
    match Rc::try_unwrap(r) {
        Ok(own) => values.extend(own),
        Err(r) => values.extend(r.iter().cloned()),
    }
    l
}

/// The result where it is no whole number of 64 bits.
#[expect(clippy::cast_precision_loss, reason = "what conversion to floating point means")]
fn of_doubles(l: i64, r: i64, f: impl Fn(f64, f64) -> f64) -> Val {
    Val::Float(f(l as f64, r as f64))
}

/// `l - r`
///
/// # Errors
///
/// When values of these types cannot be subtracted.
pub fn subtract(l: Val, r: Val) -> Result<Val, Error> {
    use Val::{Arr, Int};
    match (l, r) {
        (Int(l), Int(r)) => {
            Ok(l.checked_sub(r).map_or_else(|| of_doubles(l, r, |l, r| l - r), Int))
        }
        (Arr(mut l), Arr(r)) => {
            if r.len() < MANY {
                let is_unwanted = |v: &Val| r.iter().any(|unwanted| unwanted == v);
                if l.iter().any(is_unwanted) {
                    Rc::make_mut(&mut l).retain(|v| !is_unwanted(v));
                }
            } else {
                let mut unwanted: Vec<&Val> = r.iter().collect();
                unwanted.sort();
                // What is sorted to the same place need not be equal: nan is not.
                let is_unwanted = |v: &Val| {
                    let found = unwanted.binary_search(&v);
                    found.is_ok_and(|place| unwanted[place] == v)
                };
                Rc::make_mut(&mut l).retain(|v| !is_unwanted(v));
            }
            Ok(Arr(l))
        }
        (l, r) => match doubles(&l, &r) {
            Some((l, r)) => Ok(number(l - r)),
            None => Err(Error::types(&l, &r, "cannot be subtracted")),
        },
    }
}

/// `l * r`
///
/// # Errors
///
/// When values of these types cannot be multiplied, or a string would be too long.
pub fn multiply(l: Val, r: Val) -> Result<Val, Error> {
    use Val::{Int, Obj, Str};
    match (l, r) {
        (Int(l), Int(r)) => Ok(match l.checked_mul(r) {
            // A zero has the sign that doubles would give it.
            Some(0) if l < 0 || r < 0 => Val::Float(-0.0),
            Some(product) => Int(product),
            None => of_doubles(l, r, |l, r| l * r),
        }),
        (Obj(mut l), Obj(r)) => {
            merge(&mut l, r);
            Ok(Obj(l))
        }
        (Str(s), n @ (Int(_) | Val::Float(_) | Val::Num(_)))
        | (n @ (Int(_) | Val::Float(_) | Val::Num(_)), Str(s)) => repeated(s, &n),
        (l, r) => match doubles(&l, &r) {
            Some((l, r)) => Ok(number(l * r)),
            None => Err(Error::types(&l, &r, "cannot be multiplied")),
        },
    }
}

fn repeated(mut s: Text, times: &Val) -> Result<Val, Error> {
    let times = double(times).unwrap_or(f64::NAN);
    if times < 0.0 || times.is_nan() {
        return Ok(Val::Null);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "truncation is meant")]
    let times = times as usize;
    if s.len().checked_mul(times).is_none_or(|len| len > MAX_STRING) {
        return Err(Error::new("Repeat string result too long"));
    }
    if times != 1 {
        s = s.repeat(times).into();
    }
    Ok(Val::Str(s))
}

/// Puts the members of `r` into `l`; where both have an object, goes on inside.
fn merge(l: &mut Rc<Map>, r: Rc<Map>) {
    let l = Rc::make_mut(l);
    let r = Rc::try_unwrap(r).unwrap_or_else(|r| (*r).clone());
    for (key, v) in r {
        match l.place(&key) {
            Some(place) => l.update(place, |l| match (l, v) {
                (Val::Obj(l), Val::Obj(r)) => merge(l, r),
                (l, v) => *l = v,
            }),
            None => l.insert(key, v),
        }
    }
}

/// `l / r`
///
/// # Errors
///
/// When values of these types cannot be divided, or the divisor is 0.
pub fn divide(l: Val, r: Val) -> Result<Val, Error> {
    use Val::{Int, Str};
    match (l, r) {
        (Int(l), Int(r)) if r != 0 => Ok(match l.checked_rem(r) {
            Some(0) if l != 0 || r > 0 => Int(l / r),
            _ => of_doubles(l, r, |l, r| l / r),
        }),
        (Str(s), Str(separator)) => Ok(split(&s, &separator)),
        (l, r) => match doubles(&l, &r) {
            Some((_, 0.0)) => {
                Err(Error::types(&l, &r, "cannot be divided because the divisor is zero"))
            }
            Some((l, r)) => Ok(number(l / r)),
            None => Err(Error::types(&l, &r, "cannot be divided")),
        },
    }
}

/// The parts of a string between separators; its characters if the separator is empty.
#[must_use]
pub fn split(s: &str, separator: &str) -> Val {
    if s.is_empty() {
        Val::arr(Vec::new())
    } else if separator.is_empty() {
        s.chars().map(|c| Val::from(c.to_string())).collect()
    } else if let [byte @ ..=0x7f] = separator.as_bytes() {
        s.split(char::from(*byte)).map(Val::str).collect()
    } else {
        s.split(separator).map(Val::str).collect()
    }
}

/// `l % r`: both are made whole first; the result has the sign of `l`.
///
/// # Errors
///
/// When these are not numbers, or the divisor is 0.
pub fn modulo(l: Val, r: Val) -> Result<Val, Error> {
    let (Some(dividend), Some(divisor)) = (truncated(&l), truncated(&r)) else {
        return Err(Error::types(&l, &r, "cannot be divided (remainder)"));
    };
    match (dividend, divisor) {
        (Some(_), Some(0)) => {
            Err(Error::types(&l, &r, "cannot be divided (remainder) because the divisor is zero"))
        }
        (Some(dividend), Some(divisor)) => Ok(Val::Int(dividend.wrapping_rem(divisor))),
        _ => Ok(Val::Float(f64::NAN)),
    }
}

/// A number without its fraction, within 64 bits; no number in it if it is nan.
#[expect(clippy::option_option, reason = "there are two reasons to have none")]
fn truncated(value: &Val) -> Option<Option<i64>> {
    match value {
        Val::Int(i) => Some(Some(*i)),
        _ => double(value).map(|f| {
            #[expect(clippy::cast_possible_truncation, reason = "truncation is meant")]
            (!f.is_nan()).then_some(f as i64)
        }),
    }
}

/// `-v`
///
/// # Errors
///
/// When this is no number.
pub fn negate(v: Val) -> Result<Val, Error> {
    match v {
        Val::Int(i) => Ok(i.checked_neg().map_or_else(|| Val::Num(i.unsigned_abs().to_string().into()), Val::Int)),
        Val::Float(f) => Ok(Val::Float(-f)),
        Val::Num(text) => Ok(match text.strip_prefix('-') {
            Some(rest) => Val::number(rest),
            None if is_zero(&text) => Val::Num(text),
            None => Val::Num(format!("-{text}").into()),
        }),
        v => Err(Error::typ(&v, "cannot be negated")),
    }
}

/// Whether the text of a number says zero.
fn is_zero(text: &str) -> bool {
    text.bytes().take_while(|b| !matches!(b, b'e' | b'E')).all(|b| !matches!(b, b'1'..=b'9'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn parsed(text: &str) -> Val {
        json::parse(text).expect("JSON")
    }

    fn of(f: fn(Val, Val) -> Result<Val, Error>, l: &str, r: &str) -> String {
        match f(parsed(l), parsed(r)) {
            Ok(v) => v.to_string(),
            Err(cause) => cause.value().to_string(),
        }
    }

    #[test]
    fn whole_numbers_of_64_bits_stay_exact() {
        assert_eq!(of(add, "9007199254740993", "1"), "9007199254740994");
        assert_eq!(of(subtract, "9007199254740993", "2"), "9007199254740991");
        assert_eq!(of(multiply, "3037000499", "3037000499"), "9223372030926249001");
        assert_eq!(of(divide, "9007199254740993", "3"), "3002399751580331");
        assert_eq!(of(modulo, "9007199254740993", "10"), "3");
    }

    #[test]
    fn what_leaves_64_bits_becomes_a_double() {
        assert_eq!(of(add, "9223372036854775807", "1"), "9223372036854775807".replace("5807", "6000"));
        assert_eq!(of(multiply, "9223372036854775807", "10"), "92233720368547760000");
        assert_eq!(of(divide, "1", "3"), "0.3333333333333333");
    }

    #[test]
    fn zeros_keep_the_sign_that_doubles_give_them() {
        assert_eq!(of(multiply, "0", "-1"), "-0");
        assert_eq!(of(divide, "0", "-1"), "-0");
        assert_eq!(of(subtract, "0", "0"), "0");
    }

    #[test]
    fn a_remainder_is_that_of_whole_numbers() {
        assert_eq!(of(modulo, "10", "3.9"), "1");
        assert_eq!(of(modulo, "-5", "3"), "-2");
        assert_eq!(of(modulo, "5", "-3"), "2");
        assert_eq!(of(modulo, "5", "1e300"), "5");
        assert_eq!(
            of(modulo, "5", "0.5"),
            r#""number (5) and number (0.5) cannot be divided (remainder) because the divisor is zero""#
        );
        assert_eq!(modulo(Val::Float(f64::NAN), Val::Int(0)).expect("a number").to_string(), "null");
    }

    #[test]
    fn nothing_is_divided_by_zero() {
        let message = r#""number (1) and number (0) cannot be divided because the divisor is zero""#;
        assert_eq!(of(divide, "1", "0"), message);
    }

    #[test]
    fn strings_are_repeated_and_split() {
        assert_eq!(of(multiply, r#""ab""#, "2.9"), r#""abab""#);
        assert_eq!(of(multiply, "0", r#""ab""#), r#""""#);
        assert_eq!(of(multiply, r#""ab""#, "-1"), "null");
        assert_eq!(of(multiply, r#""ab""#, "1e10"), r#""Repeat string result too long""#);
        assert_eq!(of(divide, r#""a,b,""#, r#"",""#), r#"["a","b",""]"#);
    }

    #[test]
    fn negation_keeps_the_text_of_a_number() {
        let negated = |text: &str| negate(parsed(text)).expect("a number").to_string();
        assert_eq!(negated("1.10"), "-1.10");
        assert_eq!(negated("-1.10"), "1.10");
        assert_eq!(negated("0"), "0");
        assert_eq!(negated("-9223372036854775808"), "9223372036854775808");
    }

    #[test]
    fn objects_are_merged_in_depth() {
        assert_eq!(of(multiply, r#"{"a":{"b":1}}"#, r#"{"a":{"c":2}}"#), r#"{"a":{"b":1,"c":2}}"#);
        assert_eq!(of(add, r#"{"a":{"b":1}}"#, r#"{"a":{"c":2}}"#), r#"{"a":{"c":2}}"#);
    }

    #[test]
    fn arrays_lose_what_is_subtracted() {
        let many = format!("[{}]", (0..20).map(|i| i.to_string()).collect::<Vec<_>>().join(","));
        assert_eq!(of(subtract, "[1,2,3,2]", "[2]"), "[1,3]");
        assert_eq!(of(subtract, "[1,25,19.0,null]", &many), "[25,null]");
    }
}
