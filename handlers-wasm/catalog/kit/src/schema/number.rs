//! Numbers as JSON Schema sees them: by their exact value, whatever they were written as and however large they are.

use crate::value::Val;
use std::cmp::Ordering;

/// So many significant digits has a divisor at most: twice as many as fit into 64 bits, so that the rest of a division
/// fits into 128.
pub const MAX_DIVISOR_DIGITS: usize = 38;
/// Larger exponents count as this one. No document is long enough to tell the difference.
const MAX_EXPONENT: i128 = 1_000_000_000_000_000_000;

/// A decimal number: 0.d₁d₂d₃… times a power of ten.
struct Decimal {
    negative: bool,
    /// Without zeros at either end; none for zero.
    digits: Vec<u8>,
    exponent: i128,
}

impl Decimal {
    /// The number that a value is; none for other values and for the numbers that JSON does not have.
    fn of(value: &Val) -> Option<Self> {
        match value {
            Val::Int(int) => Some(Self::read(&int.to_string())),
            Val::Float(float) if float.is_finite() => Some(Self::read(&format!("{float:?}"))),
            Val::Num(text) => Some(Self::read(text)),
            _ => None,
        }
    }

    /// Reads a number of JSON.
    fn read(text: &str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let zeros = |digits: &str| digits.bytes().take_while(|digit| *digit == b'0').count();
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let leading = match zeros(whole) {
            all if all == whole.len() => all + zeros(fraction),
            some => some,
        };
        digits.drain(..leading);
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        let place = |count: usize| i128::try_from(count).unwrap_or(MAX_EXPONENT);
        let exponent = read_exponent(exponent) + place(whole.len()) - place(leading);
        Self {
            negative: negative && !digits.is_empty(),
            exponent: if digits.is_empty() { 0 } else { exponent },
            digits,
        }
    }

    fn is_whole(&self) -> bool {
        self.last_place() >= 0
    }

    /// The power of ten of the last digit.
    fn last_place(&self) -> i128 {
        self.exponent - i128::try_from(self.digits.len()).unwrap_or(MAX_EXPONENT)
    }

    fn order(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.negative, number.digits.is_empty()) {
            (true, _) => -1,
            (false, empty) => i32::from(!empty),
        };
        sign(self).cmp(&sign(other)).then_with(|| {
            let sizes = self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits));
            if self.negative { sizes.reverse() } else { sizes }
        })
    }

    /// The digits as a number, if they are few.
    fn small_digits(&self) -> Option<u128> {
        let few = self.digits.len() <= MAX_DIVISOR_DIGITS;
        few.then(|| self.digits.iter().fold(0, |number, digit| number * 10 + u128::from(digit - b'0')))
    }
}

fn read_exponent(text: &str) -> i128 {
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    let size = digits.iter().fold(0, |size: i128, digit| {
        (size * 10 + i128::from(digit - b'0')).min(MAX_EXPONENT)
    });
    if negative { -size } else { size }
}

/// The order of two numbers; none if one is no number.
pub fn order(left: &Val, right: &Val) -> Option<Ordering> {
    match (left, right) {
        (Val::Int(left), Val::Int(right)) => Some(left.cmp(right)),
        _ => Some(Decimal::of(left)?.order(&Decimal::of(right)?)),
    }
}

/// Whether a number has no fraction.
pub fn is_whole(value: &Val) -> bool {
    matches!(value, Val::Int(_)) || Decimal::of(value).is_some_and(|number| number.is_whole())
}

/// Whether a number is whole and not negative.
pub fn is_count(value: &Val) -> bool {
    Decimal::of(value).is_some_and(|number| number.is_whole() && !number.negative)
}

/// Whether a number is greater than zero.
pub fn is_positive(value: &Val) -> bool {
    Decimal::of(value).is_some_and(|number| !number.negative && !number.digits.is_empty())
}

/// Whether a number can divide.
pub fn is_divisor(value: &Val) -> bool {
    Decimal::of(value).is_some_and(|number| number.digits.len() <= MAX_DIVISOR_DIGITS)
}

/// Whether a number is a multiple of a divisor.
pub fn is_multiple(value: &Val, of: &Val) -> bool {
    let (Some(value), Some(of)) = (Decimal::of(value), Decimal::of(of)) else {
        return true;
    };
    let (Some(divisor), false) = (of.small_digits(), value.digits.is_empty()) else {
        return value.digits.is_empty();
    };
    // Both are digits that do not end with a zero, times a power of ten. If the divisor's is the larger one, the
    // quotient has a fraction.
    let Ok(zeros) = u128::try_from(value.last_place() - of.last_place()) else {
        return false;
    };
    let modulo = Modulo(divisor);
    let rest = value.digits.iter().fold(0, |rest, digit| {
        modulo.add(modulo.multiply(rest, 10), u128::from(digit - b'0') % divisor)
    });
    modulo.multiply(rest, modulo.power(10, zeros)) == 0
}

/// Counting in the rests of a division by a number that is less than 2¹²⁷.
#[derive(Clone, Copy)]
struct Modulo(u128);

impl Modulo {
    fn add(self, left: u128, right: u128) -> u128 {
        (left + right) % self.0
    }

    fn multiply(self, left: u128, right: u128) -> u128 {
        if let (Ok(left), Ok(right)) = (u64::try_from(left), u64::try_from(right)) {
            return u128::from(left) * u128::from(right) % self.0;
        }
        let (mut doubled, mut factor, mut product) = (left % self.0, right, 0);
        while factor > 0 {
            if factor & 1 == 1 {
                product = self.add(product, doubled);
            }
            doubled = self.add(doubled, doubled);
            factor >>= 1;
        }
        product
    }

    fn power(self, base: u128, mut exponent: u128) -> u128 {
        let (mut square, mut power) = (base % self.0, 1 % self.0);
        while exponent > 0 {
            if exponent & 1 == 1 {
                power = self.multiply(power, square);
            }
            square = self.multiply(square, square);
            exponent >>= 1;
        }
        power
    }
}

#[cfg(test)]
mod tests {
    use super::{is_count, is_divisor, is_multiple, is_positive, is_whole, order};
    use crate::value::Val;
    use std::cmp::Ordering;

    #[test]
    fn multiples_are_exact() {
        for (value, of, expected) in [
            ("0.0075", "0.0001", true),
            ("0.00751", "0.0001", false),
            ("1e2", "10", true),
            ("35", "1.5", false),
            ("4.50", "1.5", true),
            ("12391239123", "1e-8", true),
            ("1e308", "0.123456789", false),
            ("1e308", "7", false),
            ("9007199254740993", "2", false),
            ("9007199254740994", "2", true),
            ("18446744073709551617", "3", false),
            ("1e1000000000", "3", false),
            ("3e1000000000000000000000", "3", true),
            ("340282366920938463463374607431768211457", "170141183460469231731687303715884105727", false),
            ("99999999999999999999999999999999999998", "99999999999999999999999999999999999999", false),
            ("99999999999999999999999999999999999999e5", "99999999999999999999999999999999999999", true),
            ("-0.3", "0.1", true),
            ("0", "7e99", true),
            ("7e98", "7e99", false),
        ] {
            let found = is_multiple(&Val::number(value), &Val::number(of));
            assert_eq!(found, expected, "{value} of {of}");
        }
    }

    #[test]
    fn a_number_is_whole_by_its_value() {
        for (number, whole) in [
            ("1.0", true),
            ("1e300", true),
            ("1e400", true),
            ("100e-2", true),
            ("10e-2", false),
            ("0e-9999999999999999999999", true),
            ("1.5", false),
            ("4.00000000000000000000001", false),
        ] {
            assert_eq!(is_whole(&Val::Num(number.into())), whole, "{number}");
        }
        assert!(!is_whole(&Val::Float(f64::NAN)));
        assert!(is_count(&Val::Num("1e30".into())) && is_count(&Val::Num("-0.0".into())));
        assert!(!is_count(&Val::Num("2.5".into())) && !is_count(&Val::Int(-1)));
        assert!(is_positive(&Val::Num("1e-400".into())) && !is_positive(&Val::Num("-0".into())));
        assert!(is_divisor(&Val::Num("1e400".into())) && !is_divisor(&Val::Num("1".repeat(39).into())));
    }

    #[test]
    fn numbers_are_ordered_by_their_exact_values() {
        let ascending = [
            "-1e400", "-1e3", "-999.5", "-1", "-1e-400", "0", "1e-401", "1e-400", "0.1", "0.10000000000000000001", "1",
            "9007199254740992", "9007199254740993", "18446744073709551614", "18446744073709551615", "1e400", "1.1e400",
        ];
        let numbers = ascending.map(|text| Val::Num(text.into()));
        for (i, left) in numbers.iter().enumerate() {
            for (j, right) in numbers.iter().enumerate() {
                assert_eq!(order(left, right), Some(i.cmp(&j)), "{left} and {right}");
            }
        }
        for (left, right) in [("1.0", "1"), ("100", "1e2"), ("-0.0", "0e5"), ("0.5e1", "5"), ("00.1e1", "1")] {
            assert_eq!(order(&Val::Num(left.into()), &Val::number(right)), Some(Ordering::Equal), "{left} and {right}");
        }
    }
}
