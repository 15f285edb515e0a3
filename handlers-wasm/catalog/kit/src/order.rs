//! The order of values, and which are equal.
//!
//! Numbers are compared by their exact values, of whatever size and however they are written. The value of a double is
//! the shortest decimal number that reads as it, or, if it is a whole number of 64 bits, that number.

use crate::json;
use crate::map::Map;
use crate::text::Text;
use crate::value::Val;
use std::cmp::Ordering;
use std::rc::Rc;

impl PartialEq for Val {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(l), Self::Bool(r)) => l == r,
            (Self::Int(l), Self::Int(r)) => l == r,
            (Self::Float(l), Self::Float(r)) => l == r,
            (Self::Num(l), Self::Num(r)) if l == r => true,
            (Self::Int(_) | Self::Float(_) | Self::Num(_), Self::Int(_) | Self::Float(_) | Self::Num(_)) => {
                order_numbers(self, other, Ordering::Less).is_eq()
            }
            (Self::Str(l), Self::Str(r)) => l == r,
            (Self::Arr(l), Self::Arr(r)) => l == r,
            (Self::Obj(l), Self::Obj(r)) => l == r,
            _ => false,
        }
    }
}

impl Eq for Val {}

/// The order that filters see with `<`: NaN is less than everything, also than NaN.
#[expect(clippy::non_canonical_partial_ord_impl, reason = "jq says that nan < nan; sorting needs an order")]
impl PartialOrd for Val {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(order(self, other, Ordering::Less))
    }
}

/// The order for sorting: NaN is less than everything but NaN.
impl Ord for Val {
    fn cmp(&self, other: &Self) -> Ordering {
        order(self, other, Ordering::Equal)
    }
}

fn rank(value: &Val) -> u8 {
    match value {
        Val::Null => 0,
        Val::Bool(false) => 1,
        Val::Bool(true) => 2,
        Val::Int(_) | Val::Float(_) | Val::Num(_) => 3,
        Val::Str(_) => 4,
        Val::Arr(_) => 5,
        Val::Obj(_) => 6,
    }
}

fn order(l: &Val, r: &Val, nans: Ordering) -> Ordering {
    use Val::{Arr, Float, Int, Num, Obj, Str};
    match (l, r) {
        (Int(l), Int(r)) => l.cmp(r),
        (Int(_) | Float(_) | Num(_), Int(_) | Float(_) | Num(_)) => order_numbers(l, r, nans),
        (Str(l), Str(r)) => l.cmp(r),
        (Arr(l), Arr(r)) => {
            let differing = l.iter().zip(r.iter()).map(|(l, r)| order(l, r, nans));
            let mut differing = differing.filter(|o| o.is_ne());
            differing.next().unwrap_or_else(|| l.len().cmp(&r.len()))
        }
        (Obj(l), Obj(r)) => order_objects(l, r, nans),
        _ => rank(l).cmp(&rank(r)),
    }
}

/// First by the sorted keys, then by the values in the order of the keys.
fn order_objects(l: &Map, r: &Map, nans: Ordering) -> Ordering {
    let sorted = |map| {
        let mut members: Vec<(&Text, &Val)> = Map::iter(map).collect();
        members.sort_unstable_by_key(|(key, _)| *key);
        members
    };
    let (l, r) = (sorted(l), sorted(r));
    let keys = l.iter().map(|(key, _)| key).cmp(r.iter().map(|(key, _)| key));
    keys.then_with(|| {
        let differing = l.iter().zip(&r).map(|((_, l), (_, r))| order(l, r, nans));
        let mut differing = differing.filter(|o| o.is_ne());
        differing.next().unwrap_or(Ordering::Equal)
    })
}

/// The order of two numbers.
fn order_numbers(l: &Val, r: &Val, nans: Ordering) -> Ordering {
    let (l_double, r_double) = (nearest(l), nearest(r));
    match l_double.partial_cmp(&r_double) {
        // Of numbers that round to one double, their digits tell more.
        Some(Ordering::Equal) => match (l, r) {
            (Val::Float(_), Val::Float(_)) => Ordering::Equal,
            (Val::Num(l), Val::Num(r)) if l == r => Ordering::Equal,
            _ => compare_exactly(l, r),
        },
        Some(order) => order,
        None => match (l_double.is_nan(), r_double.is_nan()) {
            (true, true) => nans,
            (true, false) => Ordering::Less,
            _ => Ordering::Greater,
        },
    }
}

/// The double that is nearest to a number.
fn nearest(value: &Val) -> f64 {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "what conversion to floating point means")]
        Val::Int(int) => *int as f64,
        Val::Float(float) => *float,
        Val::Num(text) => text.parse().unwrap_or(f64::NAN),
        _ => f64::NAN,
    }
}

fn compare_exactly(l: &Val, r: &Val) -> Ordering {
    // Doubles that overflowed are beyond every number that was written.
    let infinite = |v: &Val| matches!(v, Val::Float(f) if f.is_infinite());
    match (infinite(l), infinite(r)) {
        (true, _) if nearest(l) > 0.0 => return Ordering::Greater,
        (true, _) => return Ordering::Less,
        (_, true) if nearest(r) > 0.0 => return Ordering::Less,
        (_, true) => return Ordering::Greater,
        _ => {}
    }
    let text = |value: &Val| match value {
        Val::Num(text) => Rc::clone(text),
        Val::Float(float) => match whole(*float) {
            Some(int) => int.to_string().into(),
            None => json::to_string(value).into(),
        },
        value => json::to_string(value).into(),
    };
    compare(&text(l), &text(r))
}

/// The whole number that a double is, if it has 64 bits.
fn whole(float: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    ((-LIMIT..LIMIT).contains(&float) && float.fract() == 0.0).then_some(float as i64)
}

/// The order of two numbers that are written as in JSON.
pub fn compare(l: &str, r: &str) -> Ordering {
    let (l, r) = (Decimal::read(l), Decimal::read(r));
    match (l.sign(), r.sign()) {
        (0, 0) => Ordering::Equal,
        (sign, other) if sign != other => sign.cmp(&other),
        (sign, _) => {
            let sizes = l.exponent.cmp(&r.exponent).then_with(|| l.digits().cmp(r.digits()));
            if sign < 0 { sizes.reverse() } else { sizes }
        }
    }
}

/// A number taken apart: its digits, and the power of ten of the first that is not zero.
struct Decimal<'t> {
    negative: bool,
    mantissa: &'t str,
    exponent: i64,
}

impl<'t> Decimal<'t> {
    /// Larger exponents count as this one. No text is long enough to tell the difference.
    const MAX_EXPONENT: i64 = 1 << 60;

    fn read(text: &'t str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
        let exponent = exponent.parse().unwrap_or(if exponent.starts_with('-') {
            -Self::MAX_EXPONENT
        } else {
            Self::MAX_EXPONENT
        });
        let exponent = exponent.clamp(-Self::MAX_EXPONENT, Self::MAX_EXPONENT);
        let point = mantissa.find('.').unwrap_or(mantissa.len());
        let first = mantissa.find(|c: char| matches!(c, '1'..='9'));
        let Some(first) = first else {
            return Self { negative: false, mantissa: "", exponent: 0 };
        };
        let place = |at: usize| i64::try_from(at).unwrap_or(Self::MAX_EXPONENT);
        let before_point = if first < point { place(point - first) - 1 } else { -place(first - point) };
        Self { negative, mantissa: &mantissa[first..], exponent: exponent + before_point }
    }

    fn sign(&self) -> i32 {
        match (self.mantissa.is_empty(), self.negative) {
            (true, _) => 0,
            (_, true) => -1,
            _ => 1,
        }
    }

    /// The digits, without zeros at either end.
    fn digits(&self) -> impl Iterator<Item = u8> {
        let end = self.mantissa.trim_end_matches(['0', '.']).len();
        // `10` without its zero is `1`, whatever the exponent; `10.0` too.
        self.mantissa[..end].bytes().filter(|byte| *byte != b'.')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Val {
        json::parse(text).expect("JSON")
    }

    #[test]
    fn numbers_are_compared_by_all_their_digits() {
        let ascending = [
            "-1e400", "-18446744073709551616", "-18446744073709551615", "-9223372036854775808", "-1.5", "-1e-400",
            "0", "1e-400", "0.1", "0.10000000000000000000000000000001", "0.2", "9007199254740992",
            "9007199254740992.5", "9007199254740993", "18446744073709551614", "18446744073709551615", "1e30", "1e400",
            "1e401",
        ];
        for (i, l) in ascending.iter().enumerate() {
            for (j, r) in ascending.iter().enumerate() {
                assert_eq!(value(l).cmp(&value(r)), i.cmp(&j), "{l} and {r}");
                assert_eq!(value(l) == value(r), i == j, "{l} and {r}");
            }
        }
    }

    #[test]
    fn spellings_of_one_number_are_equal() {
        for same in [["1", "1.0"], ["100", "1e2"], ["0", "-0"], ["0.0", "0e5"], ["10.50", "105e-1"], ["1E+30", "1000000000000000000000000000000"]] {
            assert_eq!(value(same[0]), value(same[1]));
            assert!(value(same[0]).cmp(&value(same[1])).is_eq());
        }
    }

    #[test]
    fn a_computed_number_equals_the_one_that_reads_as_it() {
        assert_eq!(Val::Float(0.1), value("0.1"));
        assert_eq!(Val::Float(1e23), value("1e23"));
        assert_eq!(Val::Float(1_152_921_504_606_846_976.0), Val::Int(1 << 60));
        assert_ne!(Val::Float(9_007_199_254_740_992.0), Val::Int(9_007_199_254_740_993));
        assert!(Val::Float(f64::INFINITY) > value("1e400"));
        assert!(Val::Float(f64::NEG_INFINITY) < value("-1e400"));
    }

    #[test]
    fn nan_is_less_than_everything_but_sorts_to_one_place() {
        let nan = Val::Float(f64::NAN);
        assert!(nan < nan.clone() && nan < value("-1e400") && nan > Val::Null);
        assert!(nan.cmp(&nan).is_eq() && nan != nan.clone());
    }

    #[test]
    fn objects_are_ordered_by_their_keys_first() {
        assert!(value(r#"{"a":2}"#) < value(r#"{"b":1}"#));
        assert!(value(r#"{"a":1,"b":2}"#) < value(r#"{"b":1,"a":2}"#));
        assert!(value(r#"{"a":9}"#) < value(r#"{"a":1,"b":1}"#));
    }
}
