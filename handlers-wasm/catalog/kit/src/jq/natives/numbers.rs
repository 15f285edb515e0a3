//! Filters on numbers: those of C's mathematical library, and what tells of a number.

use super::Native;
use crate::jq::Error;
use crate::jq::ops::{double, negate, number};
use crate::value::Val;

/// A function of one number.
macro_rules! of_one {
    ($name:literal, $f:expr) => {
        Native { name: $name, arity: 0, run: |v, _| Ok(number($f(required(&v)?))) }
    };
}

/// A function of two numbers.
macro_rules! of_two {
    ($name:literal, $f:expr) => {
        Native {
            name: $name,
            arity: 2,
            run: |_, args| Ok(number($f(required(&args[0])?, required(&args[1])?))),
        }
    };
}

/// A function that gives a whole number, and leaves one as it is.
macro_rules! to_whole {
    ($name:literal, $f:expr) => {
        Native {
            name: $name,
            arity: 0,
            run: |v, _| match v {
                Val::Int(_) => Ok(v),
                v => Ok(number($f(required(&v)?))),
            },
        }
    };
}

/// The filters of this file.
pub const TABLE: &[Native] = &[
    to_whole!("floor", f64::floor),
    to_whole!("ceil", f64::ceil),
    to_whole!("round", f64::round),
    to_whole!("trunc", f64::trunc),
    to_whole!("rint", f64::round_ties_even),
    to_whole!("nearbyint", f64::round_ties_even),
    of_one!("sqrt", f64::sqrt),
    of_one!("cbrt", f64::cbrt),
    of_one!("exp", f64::exp),
    of_one!("exp2", f64::exp2),
    of_one!("exp10", |x| 10_f64.powf(x)),
    of_one!("expm1", f64::exp_m1),
    of_one!("log", f64::ln),
    of_one!("log2", f64::log2),
    of_one!("log10", f64::log10),
    of_one!("log1p", f64::ln_1p),
    of_one!("logb", exponent),
    of_one!("significand", significand),
    of_one!("sin", f64::sin),
    of_one!("cos", f64::cos),
    of_one!("tan", f64::tan),
    of_one!("asin", f64::asin),
    of_one!("acos", f64::acos),
    of_one!("atan", f64::atan),
    of_one!("sinh", f64::sinh),
    of_one!("cosh", f64::cosh),
    of_one!("tanh", f64::tanh),
    of_one!("asinh", libm::asinh),
    of_one!("acosh", libm::acosh),
    of_one!("atanh", libm::atanh),
    of_one!("gamma", libm::lgamma),
    of_one!("lgamma", libm::lgamma),
    of_one!("tgamma", libm::tgamma),
    of_one!("erf", libm::erf),
    of_one!("erfc", libm::erfc),
    of_one!("j0", libm::j0),
    of_one!("j1", libm::j1),
    of_one!("y0", libm::y0),
    of_one!("y1", libm::y1),
    of_two!("pow", f64::powf),
    of_two!("atan2", f64::atan2),
    of_two!("hypot", f64::hypot),
    of_two!("fmod", |l: f64, r: f64| l % r),
    of_two!("fmin", f64::min),
    of_two!("fmax", f64::max),
    of_two!("fdim", libm::fdim),
    of_two!("drem", libm::remainder),
    of_two!("remainder", libm::remainder),
    of_two!("copysign", f64::copysign),
    of_two!("nextafter", libm::nextafter),
    of_two!("nexttoward", libm::nextafter),
    of_two!("ldexp", |x, exponent| libm::ldexp(x, whole(exponent))),
    of_two!("scalbln", |x, exponent| libm::ldexp(x, whole(exponent))),
    of_two!("scalb", scalb),
    of_two!("jn", |order, x| libm::jn(whole(order), x)),
    of_two!("yn", |order, x| libm::yn(whole(order), x)),
    Native {
        name: "fma",
        arity: 3,
        run: |_, args| {
            let (x, y, z) = (required(&args[0])?, required(&args[1])?, required(&args[2])?);
            Ok(number(x.mul_add(y, z)))
        },
    },
    Native { name: "frexp", arity: 0, run: |v, _| Ok(frexp(required(&v)?)) },
    Native { name: "modf", arity: 0, run: |v, _| Ok(modf(required(&v)?)) },
    Native {
        name: "lgamma_r",
        arity: 0,
        run: |v, _| {
            let (value, sign) = libm::lgamma_r(required(&v)?);
            Ok(Val::arr(vec![number(value), Val::Int(i64::from(sign))]))
        },
    },
    Native {
        name: "fabs",
        arity: 0,
        run: |v, _| match v {
            Val::Int(i) if i >= 0 => Ok(v),
            v => Ok(number(required(&v)?.abs())),
        },
    },
    Native { name: "abs", arity: 0, run: |v, _| if v < Val::Int(0) { negate(v) } else { Ok(v) } },
    Native { name: "infinite", arity: 0, run: |_, _| Ok(Val::Float(f64::INFINITY)) },
    Native { name: "nan", arity: 0, run: |_, _| Ok(Val::Float(f64::NAN)) },
    Native { name: "isinfinite", arity: 0, run: |v, _| Ok(is(&v, f64::is_infinite)) },
    Native { name: "isnan", arity: 0, run: |v, _| Ok(is(&v, f64::is_nan)) },
    Native { name: "isnormal", arity: 0, run: |v, _| Ok(is(&v, f64::is_normal)) },
    Native { name: "have_decnum", arity: 0, run: |_, _| Ok(Val::Bool(true)) },
    Native { name: "have_literal_numbers", arity: 0, run: |_, _| Ok(Val::Bool(true)) },
];

/// The number, as a double.
fn required(value: &Val) -> Result<f64, Error> {
    double(value).ok_or_else(|| Error::typ(value, "number required"))
}

fn is(value: &Val, test: fn(f64) -> bool) -> Val {
    Val::Bool(double(value).is_some_and(test))
}

#[expect(clippy::cast_possible_truncation, reason = "truncation is meant")]
fn whole(number: f64) -> i32 {
    number as i32
}

/// The exponent of a number to the base 2.
fn exponent(x: f64) -> f64 {
    if x == 0.0 {
        f64::NEG_INFINITY
    } else if x.is_finite() {
        f64::from(libm::ilogb(x))
    } else {
        x.abs()
    }
}

/// The number without its exponent: from 1 to below 2.
fn significand(x: f64) -> f64 {
    if x == 0.0 || !x.is_finite() { x } else { libm::ldexp(x, -libm::ilogb(x)) }
}

fn scalb(x: f64, exponent: f64) -> f64 {
    if x.is_nan() || exponent.is_nan() {
        f64::NAN
    } else if exponent.is_infinite() {
        if exponent > 0.0 { x * exponent } else { x / -exponent }
    } else if exponent.fract() != 0.0 {
        f64::NAN
    } else {
        libm::ldexp(x, whole(exponent))
    }
}

fn frexp(x: f64) -> Val {
    let (fraction, exponent) = if x.is_finite() { libm::frexp(x) } else { (x, 0) };
    Val::arr(vec![number(fraction), Val::Int(i64::from(exponent))])
}

fn modf(x: f64) -> Val {
    let fraction = if x.is_infinite() { 0_f64.copysign(x) } else { x - x.trunc() };
    let fraction = if fraction == 0.0 { fraction.copysign(x) } else { fraction };
    Val::arr(vec![number(fraction), number(x.trunc())])
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;

    #[test]
    fn whole_numbers_are_rounded_to_themselves() {
        assert_eq!(run("floor", "9007199254740993", &[]), "9007199254740993");
        assert_eq!(run("round", "-0.4", &[]), "-0");
        assert_eq!(run("round", "2.5", &[]), "3");
        assert_eq!(run("rint", "2.5", &[]), "2");
        assert_eq!(run("trunc", "-1.9", &[]), "-1");
    }

    #[test]
    fn numbers_are_taken_apart() {
        assert_eq!(run("frexp", "8", &[]), "[0.5,4]");
        assert_eq!(run("modf", "-3.25", &[]), "[-0.25,-3]");
        assert_eq!(run("logb", "10", &[]), "3");
        assert_eq!(run("significand", "10", &[]), "1.25");
        assert_eq!(run("lgamma_r", "1", &[]), "[0,1]");
    }

    #[test]
    fn numbers_are_put_together() {
        assert_eq!(run("ldexp", "null", &["3", "2"]), "12");
        assert_eq!(run("scalb", "null", &["3", "2"]), "12");
        assert_eq!(run("scalb", "null", &["3", "0.5"]), "null");
        assert_eq!(run("pow", "null", &["2", "10"]), "1024");
        assert_eq!(run("fma", "null", &["2", "3", "4"]), "10");
    }

    #[test]
    fn only_numbers_have_mathematics() {
        assert_eq!(run("floor", r#""a""#, &[]), r#"string ("a") number required"#);
        assert_eq!(run("pow", "null", &["1", "[]"]), "array ([]) number required");
        assert_eq!(run("isnan", r#""a""#, &[]), "false");
    }

    #[test]
    fn the_size_of_a_number_keeps_its_text() {
        assert_eq!(run("abs", "-1.10", &[]), "1.10");
        assert_eq!(run("abs", "-9223372036854775808", &[]), "9223372036854775808");
        assert_eq!(run("abs", "null", &[]), "null (null) cannot be negated");
    }
}
