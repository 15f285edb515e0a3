//! The values that filters work on.
//!
//! jaq is generic over them. Those of `jaq-json` hold machine-sized integers, so on a 32-bit target they would count
//! differently than on a 64-bit one: a time in milliseconds is already too large. These hold 64-bit integers everywhere,
//! and behave like the others on a 64-bit machine, with three differences that make results exact or keep runs alive:
//! an integer that leaves 64 bits becomes a floating-point number and does not wrap around, deleting a key keeps the
//! order of the others, and sorting puts NaN in one place.

use crate::array::Array;
use crate::json;
use crate::map::Map;
use jaq_core::path::Opt;
use jaq_core::{Exn, ops};
use std::collections::BTreeSet;
use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};
use std::rc::Rc;

/// A JSON value that is cheap to copy.
#[derive(Clone, Debug, Default)]
pub enum Val {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number of 64 bits.
    Int(i64),
    /// A number that was computed.
    Float(f64),
    /// A number that is not an integer of 64 bits, as it was written.
    Num(Rc<str>),
    /// A string.
    Str(Rc<String>),
    /// An array.
    Arr(Rc<Array>),
    /// An object.
    Obj(Rc<Map>),
}

/// What a filter raises.
pub type Error = jaq_core::Error<Val>;
/// A value or an error.
pub type ValR = jaq_core::ValR<Val>;
/// A value, or an error or another way out of a filter.
pub type ValX<'a> = jaq_core::ValX<'a, Val>;

const INTEGER: &str = "integer";
const FLOAT: &str = "floating-point number";
const NUMBER: &str = "number";
const STRING: &str = "string";
const ARRAY: &str = "array";
const ITERABLE: &str = "iterable (array or object)";
const RANGEABLE: &str = "rangeable (array or string)";

impl Val {
    /// An object.
    pub fn obj(map: Map) -> Self {
        Self::Obj(Rc::new(map))
    }

    /// An array.
    pub fn arr(values: impl Into<Array>) -> Self {
        Self::Arr(Rc::new(values.into()))
    }

    /// How many levels of arrays and objects there are at most: 0 for what has no parts.
    pub fn height(&self) -> u32 {
        match self {
            Self::Arr(a) => a.height(),
            Self::Obj(o) => o.height(),
            _ => 0,
        }
    }

    /// A string.
    pub fn str(text: &str) -> Self {
        Self::Str(Rc::new(text.to_owned()))
    }

    /// A number as it is written in JSON or in a filter.
    pub fn number(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Num(text.into()), Self::Int)
    }

    /// A whole number, as an integer if it fits.
    pub fn whole(number: f64) -> Self {
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        if (-LIMIT..LIMIT).contains(&number) {
            #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
            Self::Int(number as i64)
        } else {
            Self::Float(number)
        }
    }

    /// The name of the type in JSON.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Int(_) | Self::Float(_) | Self::Num(_) => "number",
            Self::Str(_) => "string",
            Self::Arr(_) => "array",
            Self::Obj(_) => "object",
        }
    }

    /// The number, or an error.
    pub fn as_float(&self) -> Result<f64, Error> {
        match self {
            Self::Int(i) => Ok(float(*i)),
            Self::Float(f) => Ok(*f),
            Self::Num(text) => text.parse().map_err(|_| Error::typ(self.clone(), FLOAT)),
            _ => Err(Error::typ(self.clone(), FLOAT)),
        }
    }

    /// The integer, or an error.
    pub fn as_int(&self) -> Result<i64, Error> {
        match self {
            Self::Int(i) => Ok(*i),
            _ => Err(Error::typ(self.clone(), INTEGER)),
        }
    }

    /// The string, or an error.
    pub fn as_string(&self) -> Result<&Rc<String>, Error> {
        match self {
            Self::Str(s) => Ok(s),
            _ => Err(Error::typ(self.clone(), STRING)),
        }
    }

    /// The array, or an error.
    pub fn as_array(&self) -> Result<&Rc<Array>, Error> {
        match self {
            Self::Arr(a) => Ok(a),
            _ => Err(Error::typ(self.clone(), ARRAY)),
        }
    }

    /// The error of a value that has no parts.
    pub fn not_iterable(self) -> Error {
        Error::typ(self, ITERABLE)
    }

    fn into_string(self) -> Result<Rc<String>, Error> {
        match self {
            Self::Str(s) => Ok(s),
            _ => Err(Error::typ(self, STRING)),
        }
    }

    fn into_array(self) -> Result<Rc<Array>, Error> {
        match self {
            Self::Arr(a) => Ok(a),
            _ => Err(Error::typ(self, ARRAY)),
        }
    }
}

/// The number that was written; null if nobody can tell.
pub fn written(text: &str) -> Val {
    text.parse().map_or(Val::Null, Val::Float)
}

#[expect(clippy::cast_precision_loss, reason = "what conversion to floating point means")]
fn float(int: i64) -> f64 {
    int as f64
}

fn unshare<T: Clone>(shared: Rc<T>) -> T {
    Rc::try_unwrap(shared).unwrap_or_else(|shared| (*shared).clone())
}

/// The place of an index that may count from the end; none if it is before the start.
fn wrap(index: i64, len: usize) -> Option<usize> {
    if index >= 0 {
        Some(usize::try_from(index).unwrap_or(usize::MAX))
    } else {
        let back = usize::try_from(index.unsigned_abs()).ok()?;
        len.checked_sub(back)
    }
}

fn position(index: i64, len: usize) -> Option<usize> {
    wrap(index, len).filter(|i| *i < len)
}

/// What a slice covers: how many elements to skip, and how many to take.
fn span(range: &jaq_core::val::Range<&Val>, len: usize) -> Result<(usize, usize), Error> {
    let bound = |value: Option<&Val>, absent: usize| -> Result<usize, Error> {
        let index = value.map(Val::as_int).transpose()?;
        Ok(index.map_or(absent, |i| wrap(i, len).unwrap_or(0).min(len)))
    };
    let from = bound(range.start, 0)?;
    let upto = bound(range.end, len)?;
    Ok((from, upto.saturating_sub(from)))
}

impl jaq_core::ValT for Val {
    fn from_num(text: &str) -> ValR {
        Ok(match text.as_bytes() {
            // A filter may write zeros in front, JSON may not.
            [b'0', b'0'..=b'9', ..] => text.parse().map_or_else(|_| written(text), Self::Int),
            _ => Self::number(text),
        })
    }

    fn from_map<I: IntoIterator<Item = (Self, Self)>>(members: I) -> ValR {
        let members = members
            .into_iter()
            .map(|(key, value)| Ok((key.into_string()?, value)));
        members.collect::<Result<Map, Error>>().map(Self::obj)
    }

    fn values(self) -> Box<dyn Iterator<Item = ValR>> {
        match self {
            Self::Arr(a) => Box::new(unshare(a).into_iter().map(Ok)),
            Self::Obj(o) => Box::new(unshare(o).into_values().map(Ok)),
            _ => Box::new(std::iter::once(Err(self.not_iterable()))),
        }
    }

    fn index(self, index: &Self) -> ValR {
        match (self, index) {
            (Self::Arr(a), Self::Int(i)) => {
                Ok(position(*i, a.len()).map_or(Self::Null, |i| a[i].clone()))
            }
            (Self::Obj(o), Self::Str(key)) => Ok(o.get(key).cloned().unwrap_or_default()),
            (v @ (Self::Arr(_) | Self::Obj(_)), _) => Err(Error::index(v, index.clone())),
            (v, _) => Err(v.not_iterable()),
        }
    }

    fn range(self, range: jaq_core::val::Range<&Self>) -> ValR {
        match self {
            Self::Arr(a) => {
                let (skip, take) = span(&range, a.len())?;
                Ok(a[skip..skip + take].iter().cloned().collect())
            }
            Self::Str(s) => {
                let (skip, take) = span(&range, s.chars().count())?;
                Ok(s.chars().skip(skip).take(take).collect::<String>().into())
            }
            _ => Err(Error::typ(self, RANGEABLE)),
        }
    }

    fn map_values<'a, I: Iterator<Item = ValX<'a>>>(
        self,
        opt: Opt,
        f: impl Fn(Self) -> I,
    ) -> ValX<'a> {
        match self {
            Self::Arr(a) => unshare(a).into_iter().flat_map(f).collect(),
            Self::Obj(o) => {
                let members = unshare(o).into_iter();
                let members =
                    members.filter_map(|(key, v)| f(v).next().map(|v| Ok((key, v?))));
                Ok(Self::obj(members.collect::<Result<_, Exn<_>>>()?))
            }
            v => opt.fail(v, |v| Exn::from(v.not_iterable())),
        }
    }

    fn map_index<'a, I: Iterator<Item = ValX<'a>>>(
        mut self,
        index: &Self,
        opt: Opt,
        f: impl Fn(Self) -> I,
    ) -> ValX<'a> {
        match &mut self {
            Self::Obj(o) => {
                let Self::Str(key) = index else {
                    return opt.fail(self, |v| Exn::from(Error::index(v, index.clone())));
                };
                let o = Rc::make_mut(o);
                match o.place(key) {
                    Some(place) => match f(o.take(place)).next().transpose()? {
                        Some(value) => o.set(place, value),
                        None => o.remove(place),
                    },
                    None => {
                        if let Some(value) = f(Self::Null).next().transpose()? {
                            o.insert(Rc::clone(key), value);
                        }
                    }
                }
                Ok(self)
            }
            Self::Arr(a) => {
                let place = index.as_int().and_then(|i| {
                    position(i, a.len())
                        .ok_or_else(|| Error::str(format_args!("index {i} out of bounds")))
                });
                let i = match place {
                    Ok(i) => i,
                    Err(cause) => return opt.fail(self, |_| Exn::from(cause)),
                };
                let a = Rc::make_mut(a);
                match f(a.take(i)).next().transpose()? {
                    Some(value) => a.set(i, value),
                    None => a.splice(i..i + 1, Array::default()),
                }
                Ok(self)
            }
            _ => opt.fail(self, |v| Exn::from(v.not_iterable())),
        }
    }

    fn map_range<'a, I: Iterator<Item = ValX<'a>>>(
        mut self,
        range: jaq_core::val::Range<&Self>,
        opt: Opt,
        f: impl Fn(Self) -> I,
    ) -> ValX<'a> {
        let Self::Arr(a) = &mut self else {
            return opt.fail(self, |v| Exn::from(Error::typ(v, ARRAY)));
        };
        let (skip, take) = match span(&range, a.len()) {
            Ok(covered) => covered,
            Err(cause) => return opt.fail(self, |_| Exn::from(cause)),
        };
        let a = Rc::make_mut(a);
        let slice = a[skip..skip + take].iter().cloned().collect();
        let replacement = match f(slice).next() {
            Some(value) => unshare(value?.into_array()?),
            None => Array::default(),
        };
        a.splice(skip..skip + take, replacement);
        Ok(self)
    }

    fn as_bool(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(s) => Some(s),
            _ => None,
        }
    }
}

#[cfg(feature = "jq")]
impl jaq_std::ValT for Val {
    fn into_seq<S: FromIterator<Self>>(self) -> Result<S, Self> {
        match self {
            Self::Arr(a) => Ok(match Rc::try_unwrap(a) {
                Ok(own) => own.into_iter().collect(),
                Err(shared) => shared.iter().cloned().collect(),
            }),
            _ => Err(self),
        }
    }

    /// Integers of 32 bits, so that the functions that ask for it behave the same on every target. Those that need
    /// larger ones are our own (see `natives`).
    fn as_isize(&self) -> Option<isize> {
        match self {
            Self::Int(i) => i32::try_from(*i).ok()?.try_into().ok(),
            _ => None,
        }
    }

    fn as_f64(&self) -> Result<f64, Error> {
        self.as_float()
    }
}

impl From<bool> for Val {
    fn from(b: bool) -> Self {
        Self::Bool(b)
    }
}

impl From<isize> for Val {
    fn from(i: isize) -> Self {
        Self::Int(i as i64)
    }
}

impl From<f64> for Val {
    fn from(f: f64) -> Self {
        Self::Float(f)
    }
}

impl From<String> for Val {
    fn from(s: String) -> Self {
        Self::Str(Rc::new(s))
    }
}

impl FromIterator<Self> for Val {
    fn from_iter<T: IntoIterator<Item = Self>>(values: T) -> Self {
        Self::Arr(Rc::new(values.into_iter().collect()))
    }
}

impl Add for Val {
    type Output = ValR;

    fn add(self, other: Self) -> ValR {
        use Val::{Arr, Float, Int, Null, Num, Obj, Str};
        match (self, other) {
            (Null, v) | (v, Null) => Ok(v),
            (Int(l), Int(r)) => {
                Ok(l.checked_add(r).map_or_else(|| Float(float(l) + float(r)), Int))
            }
            (Int(i), Float(f)) | (Float(f), Int(i)) => Ok(Float(f + float(i))),
            (Float(l), Float(r)) => Ok(Float(l + r)),
            (Num(n), v) => written(&n) + v,
            (v, Num(n)) => v + written(&n),
            (Str(mut l), Str(r)) => {
                Rc::make_mut(&mut l).push_str(&r);
                Ok(Str(l))
            }
            (Arr(mut l), Arr(r)) => {
                Rc::make_mut(&mut l).extend(r.iter().cloned());
                Ok(Arr(l))
            }
            (Obj(mut l), Obj(r)) => {
                let members = r.iter().map(|(key, v)| (Rc::clone(key), v.clone()));
                Rc::make_mut(&mut l).extend(members);
                Ok(Obj(l))
            }
            (l, r) => Err(Error::math(l, ops::Math::Add, r)),
        }
    }
}

impl Sub for Val {
    type Output = ValR;

    fn sub(self, other: Self) -> ValR {
        use Val::{Arr, Float, Int, Num};
        match (self, other) {
            (Int(l), Int(r)) => {
                Ok(l.checked_sub(r).map_or_else(|| Float(float(l) - float(r)), Int))
            }
            (Float(f), Int(i)) => Ok(Float(f - float(i))),
            (Int(i), Float(f)) => Ok(Float(float(i) - f)),
            (Float(l), Float(r)) => Ok(Float(l - r)),
            (Num(n), v) => written(&n) - v,
            (v, Num(n)) => v - written(&n),
            (Arr(mut l), Arr(r)) => {
                let unwanted: BTreeSet<_> = r.iter().collect();
                Rc::make_mut(&mut l).retain(|v| !unwanted.contains(v));
                Ok(Arr(l))
            }
            (l, r) => Err(Error::math(l, ops::Math::Sub, r)),
        }
    }
}

impl Mul for Val {
    type Output = ValR;

    fn mul(self, other: Self) -> ValR {
        use Val::{Float, Int, Null, Num, Obj, Str};
        match (self, other) {
            (Int(l), Int(r)) => {
                Ok(l.checked_mul(r).map_or_else(|| Float(float(l) * float(r)), Int))
            }
            (Float(f), Int(i)) | (Int(i), Float(f)) => Ok(Float(f * float(i))),
            (Float(l), Float(r)) => Ok(Float(l * r)),
            (Str(s), Int(i)) | (Int(i), Str(s)) => match usize::try_from(i) {
                Ok(0) | Err(_) => Ok(Null),
                Ok(times) if s.len().checked_mul(times).is_some_and(|l| l <= MAX_STRING) => {
                    Ok(s.repeat(times).into())
                }
                Ok(_) => Err(Error::str(format_args!(
                    "cannot repeat a string of {} bytes {i} times",
                    s.len()
                ))),
            },
            (Num(n), v) => written(&n) * v,
            (v, Num(n)) => v * written(&n),
            (Obj(mut l), Obj(r)) => {
                merge(&mut l, r);
                Ok(Obj(l))
            }
            (l, r) => Err(Error::math(l, ops::Math::Mul, r)),
        }
    }
}

/// No string may be longer, on any target.
const MAX_STRING: usize = 1 << 30;

/// Puts the members of `r` into `l`; where both have an object, goes on inside.
fn merge(l: &mut Rc<Map>, r: Rc<Map>) {
    let l = Rc::make_mut(l);
    for (key, v) in unshare(r) {
        match l.place(&key) {
            Some(place) => l.update(place, |l| match (l, v) {
                (Val::Obj(l), Val::Obj(r)) => merge(l, r),
                (l, v) => *l = v,
            }),
            None => l.insert(key, v),
        }
    }
}

impl Div for Val {
    type Output = ValR;

    fn div(self, other: Self) -> ValR {
        use Val::{Float, Int, Num, Str};
        match (self, other) {
            (Int(l), Int(r)) => Ok(Float(float(l) / float(r))),
            (Float(f), Int(i)) => Ok(Float(f / float(i))),
            (Int(i), Float(f)) => Ok(Float(float(i) / f)),
            (Float(l), Float(r)) => Ok(Float(l / r)),
            (Num(n), v) => written(&n) / v,
            (v, Num(n)) => v / written(&n),
            (Str(s), Str(separator)) => Ok(split(&s, &separator)),
            (l, r) => Err(Error::math(l, ops::Math::Div, r)),
        }
    }
}

fn split(s: &str, separator: &str) -> Val {
    if s.is_empty() {
        Val::from_iter([])
    } else if separator.is_empty() {
        s.chars().map(|c| Val::from(c.to_string())).collect()
    } else {
        s.split(separator).map(Val::str).collect()
    }
}

impl Rem for Val {
    type Output = ValR;

    fn rem(self, other: Self) -> ValR {
        use Val::{Float, Int, Num};
        match (self, other) {
            (Int(l), Int(r)) if r != 0 => Ok(Int(l.wrapping_rem(r))),
            (Float(f), Int(i)) => Ok(Float(f % float(i))),
            (Int(i), Float(f)) => Ok(Float(float(i) % f)),
            (Float(l), Float(r)) => Ok(Float(l % r)),
            (Num(n), v) => written(&n) % v,
            (v, Num(n)) => v % written(&n),
            (l, r) => Err(Error::math(l, ops::Math::Rem, r)),
        }
    }
}

impl Neg for Val {
    type Output = ValR;

    fn neg(self) -> ValR {
        match self {
            Self::Int(i) => Ok(i.checked_neg().map_or_else(|| Self::Float(-float(i)), Self::Int)),
            Self::Float(f) => Ok(Self::Float(-f)),
            Self::Num(n) => -written(&n),
            v => Err(Error::typ(v, NUMBER)),
        }
    }
}

impl fmt::Display for Val {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&json::to_string(self))
    }
}
