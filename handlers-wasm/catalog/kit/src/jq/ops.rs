//! Arithmetic on values.

use super::Error;
use crate::value::Val;

/// `l + r`
pub fn add(l: Val, r: Val) -> Result<Val, Error> {
    Err(Error::types(&l, &r, "cannot be added"))
}

/// `l - r`
pub fn subtract(l: Val, r: Val) -> Result<Val, Error> {
    Err(Error::types(&l, &r, "cannot be subtracted"))
}

/// `l * r`
pub fn multiply(l: Val, r: Val) -> Result<Val, Error> {
    Err(Error::types(&l, &r, "cannot be multiplied"))
}

/// `l / r`
pub fn divide(l: Val, r: Val) -> Result<Val, Error> {
    Err(Error::types(&l, &r, "cannot be divided"))
}

/// `l % r`
pub fn modulo(l: Val, r: Val) -> Result<Val, Error> {
    Err(Error::types(&l, &r, "cannot be divided (remainder)"))
}

/// `-v`
pub fn negate(v: Val) -> Result<Val, Error> {
    Err(Error::typ(&v, "cannot be negated"))
}
