//! Numbers as JSON Schema sees them: by their value, whatever they were written as.

use crate::value::Val;

/// Whether a number has no fraction.
pub fn is_whole(value: &Val) -> bool {
    match value {
        Val::Int(_) => true,
        Val::Float(_) | Val::Num(_) => value.as_float().is_ok_and(|f| f.fract() == 0.0),
        _ => false,
    }
}

/// Whether dividing gives a whole number; exact for numbers that are not huge.
pub fn is_multiple(value: &Val, of: &Val) -> bool {
    let exact = || {
        let ((value, value_exponent), (of, of_exponent)) = (decimal(value)?, decimal(of)?);
        let exponent = value_exponent.min(of_exponent);
        let aligned = |digits: i128, from: i32| {
            let zeros = u32::try_from(from - exponent).ok()?;
            digits.checked_mul(10_i128.checked_pow(zeros)?)
        };
        aligned(value, value_exponent)?.checked_rem(aligned(of, of_exponent)?)
    };
    match exact() {
        Some(rest) => rest == 0,
        None => {
            let quotient = value.as_float().unwrap_or(f64::NAN) / of.as_float().unwrap_or(f64::NAN);
            quotient.is_finite() && quotient.fract() == 0.0
        }
    }
}

/// A number as digits and a power of ten.
fn decimal(value: &Val) -> Option<(i128, i32)> {
    let text = match value {
        Val::Int(i) => return Some((i128::from(*i), 0)),
        Val::Float(f) => format!("{f:?}"),
        Val::Num(text) => text.to_string(),
        _ => return None,
    };
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (text.as_str(), 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{whole}{fraction}").parse().ok()?;
    let places = i32::try_from(fraction.len()).ok()?;
    Some((digits, exponent.checked_sub(places)?))
}

#[cfg(test)]
mod tests {
    use super::{is_multiple, is_whole};
    use crate::value::Val;

    #[test]
    fn multiples_are_decimal() {
        let cases = [
            ("0.0075", "0.0001", true),
            ("0.00751", "0.0001", false),
            ("1e2", "10", true),
            ("35", "1.5", false),
            ("4.50", "1.5", true),
            ("12391239123", "1e-8", true),
            ("1e308", "0.123456789", false),
        ];
        for (value, of, expected) in cases {
            let found = is_multiple(&Val::number(value), &Val::number(of));
            assert_eq!(found, expected, "{value} of {of}");
        }
    }

    #[test]
    fn a_number_is_whole_by_its_value() {
        assert!(is_whole(&Val::number("1.0")));
        assert!(is_whole(&Val::number("1e300")));
        assert!(!is_whole(&Val::number("1.5")));
        assert!(!is_whole(&Val::Float(f64::NAN)));
    }
}
