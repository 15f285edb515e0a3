//! The values that filters, schemas and results work on.
//!
//! Whole numbers have 64 bits on every target, and other numbers keep the text that they were written in until somebody
//! counts with them.

use crate::text::Text;
use crate::array::Array;
use crate::json;
use crate::map::Map;
use std::fmt;
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
    Str(Text),
    /// An array.
    Arr(Rc<Array>),
    /// An object.
    Obj(Rc<Map>),
}

/// A value is not of the type that was asked for.
#[derive(Clone, Copy, Debug)]
pub struct OtherType;

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
        Self::Str(text.into())
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
    pub fn as_float(&self) -> Result<f64, OtherType> {
        match self {
            Self::Int(i) => Ok(float(*i)),
            Self::Float(f) => Ok(*f),
            Self::Num(text) => text.parse().map_err(|_| OtherType),
            _ => Err(OtherType),
        }
    }

    /// The integer, or an error.
    pub fn as_int(&self) -> Result<i64, OtherType> {
        match self {
            Self::Int(i) => Ok(*i),
            _ => Err(OtherType),
        }
    }

    /// The string, or an error.
    pub fn as_string(&self) -> Result<&Text, OtherType> {
        match self {
            Self::Str(s) => Ok(s),
            _ => Err(OtherType),
        }
    }

    /// The array, or an error.
    pub fn as_array(&self) -> Result<&Rc<Array>, OtherType> {
        match self {
            Self::Arr(a) => Ok(a),
            _ => Err(OtherType),
        }
    }

    /// Whether a filter takes it for true: all but null and false are.
    pub fn is_true(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }
}

#[expect(clippy::cast_precision_loss, reason = "what conversion to floating point means")]
fn float(int: i64) -> f64 {
    int as f64
}

impl From<bool> for Val {
    fn from(b: bool) -> Self {
        Self::Bool(b)
    }
}

impl From<f64> for Val {
    fn from(f: f64) -> Self {
        Self::Float(f)
    }
}

impl From<String> for Val {
    fn from(s: String) -> Self {
        Self::Str(s.into())
    }
}

impl FromIterator<Self> for Val {
    fn from_iter<T: IntoIterator<Item = Self>>(values: T) -> Self {
        Self::arr(values.into_iter().collect::<Array>())
    }
}

impl fmt::Display for Val {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&json::to_string(self))
    }
}
