//! Parts of values: getting, setting and deleting what lies at a key or a path.

use super::Error;
use super::error::{Shown, brief};
use crate::array::Array;
use crate::map::Map;
use crate::value::Val;
use std::ops::Range;
use std::rc::Rc;

/// Arrays and objects in a filter may be nested so deep.
pub const MAX_HEIGHT: u32 = 640;
/// An array that is made longer by setting an element far behind its end may become so long.
const MAX_LENGTH: usize = 1 << 29;

/// What is to become of a part of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Keep,
    /// It is deleted.
    Gone,
    /// Nothing happened to it; if it was not there, it does not come into being.
    Untouched,
}

/// What there is at a key: null if there is nothing, an error if there can be nothing.
pub fn get(value: &Val, key: &Val) -> Result<Val, Error> {
    match (value, key) {
        (Val::Obj(o), Val::Str(key)) => Ok(o.get(key).cloned().unwrap_or_default()),
        (Val::Arr(a), Val::Int(_) | Val::Float(_) | Val::Num(_)) => {
            Ok(place(key, a.len()).and_then(|i| a.get(i)).cloned().unwrap_or_default())
        }
        (Val::Arr(a), Val::Obj(bounds)) => {
            let range = range(bounds, a.len())?;
            Ok(a[range].iter().cloned().collect())
        }
        (Val::Str(s), Val::Obj(bounds)) => {
            if s.is_ascii() {
                return Ok(Val::str(&s[range(bounds, s.len())?]));
            }
            let range = range(bounds, s.chars().count())?;
            Ok(s.chars().skip(range.start).take(range.len()).collect::<String>().into())
        }
        (Val::Arr(a), Val::Arr(part)) => Ok(occurrences(a, part)),
        (Val::Null, Val::Str(_) | Val::Int(_) | Val::Float(_) | Val::Num(_) | Val::Obj(_)) => Ok(Val::Null),
        _ => Err(Error::new(format_args!("Cannot index {} with {}", value.type_name(), Shown(key)))),
    }
}

/// The error of a value without parts.
pub fn not_iterable(value: &Val) -> Error {
    Error::new(format_args!("Cannot iterate over {}", Shown(value)))
}

/// Where a part occurs in an array.
fn occurrences(array: &[Val], part: &[Val]) -> Val {
    if part.is_empty() {
        return Val::arr(Vec::new());
    }
    let windows = array.windows(part.len()).enumerate();
    windows.filter(|(_, window)| *window == part).map(|(i, _)| index(i)).collect()
}

fn index(i: usize) -> Val {
    Val::Int(i64::try_from(i).expect("an index is smaller than the memory"))
}

/// The place of an index, which may have a fraction, or count from the end; none before the start and for NaN.
fn place(key: &Val, length: usize) -> Option<usize> {
    let index = match key {
        Val::Int(i) => *i,
        _ => {
            let index = key.as_float().ok().filter(|index| !index.is_nan())?;
            #[expect(clippy::cast_possible_truncation, reason = "what is too large lies outside either way")]
            let index = index as i64;
            index
        }
    };
    if index >= 0 {
        return usize::try_from(index).ok().or(Some(usize::MAX));
    }
    length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)
}

/// What a slice covers: its start is rounded down, its end up.
fn range(bounds: &Map, length: usize) -> Result<Range<usize>, Error> {
    let bound = |name: &str| match bounds.get(name) {
        Some(Val::Null) => Ok(None),
        Some(v @ (Val::Int(_) | Val::Float(_) | Val::Num(_))) => Ok(v.as_float().ok().filter(|f| !f.is_nan())),
        _ => Err(Error::new("Array/string slice indices must be integers")),
    };
    #[expect(clippy::cast_precision_loss, reason = "no array is that long")]
    let whole = length as f64;
    let from_start = |bound: f64| if bound < 0.0 { bound + whole } else { bound };
    let start = from_start(bound("start")?.unwrap_or(0.0)).clamp(0.0, whole).floor();
    let end = from_start(bound("end")?.unwrap_or(whole));
    let end = end.ceil().clamp(start, whole);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both are between 0 and the length")]
    let range = start as usize..end as usize;
    Ok(range)
}

/// Changes what there is at a key, with a function that also says what becomes of it.
///
/// With `optional`, a value that can have no such part stays as it is.
pub fn change(
    value: &mut Val,
    key: &Val,
    optional: bool,
    f: &mut dyn FnMut(&mut Val) -> Result<Fate, Error>,
) -> Result<Fate, Error> {
    match (&mut *value, key) {
        (Val::Obj(o), Val::Str(name)) => {
            if let Some(at) = o.place(name) {
                let members = Rc::make_mut(o);
                let mut part = members.take(at);
                match f(&mut part)? {
                    Fate::Keep | Fate::Untouched => members.set(at, part),
                    Fate::Gone => members.remove(at),
                }
                return Ok(Fate::Keep);
            }
        }
        (Val::Arr(a), Val::Int(_) | Val::Float(_) | Val::Num(_)) => {
            if let Some(at) = place(key, a.len()).filter(|at| *at < a.len()) {
                let values = Rc::make_mut(a);
                let mut part = values.take(at);
                match f(&mut part)? {
                    Fate::Keep | Fate::Untouched => values.set(at, part),
                    Fate::Gone => values.splice(at..at + 1, Array::default()),
                }
                return Ok(Fate::Keep);
            }
        }
        (Val::Arr(a), Val::Obj(bounds)) => {
            let range = range(bounds, a.len())?;
            let mut part: Val = a[range.clone()].iter().cloned().collect();
            match f(&mut part)? {
                Fate::Untouched => return Ok(Fate::Untouched),
                Fate::Gone => Rc::make_mut(a).splice(range, Array::default()),
                Fate::Keep => Rc::make_mut(a).splice(range, elements(part)?),
            }
            return Ok(Fate::Keep);
        }
        _ => {}
    }
    // There is no such part, or none that could be changed where it lies.
    let mut part = match get(value, key) {
        Ok(part) => part,
        Err(_) if optional => return Ok(Fate::Untouched),
        Err(cause) => return Err(cause),
    };
    match f(&mut part)? {
        Fate::Keep => set(value, key, part).map(|()| Fate::Keep),
        Fate::Gone | Fate::Untouched => Ok(Fate::Untouched),
    }
}

fn elements(part: Val) -> Result<Array, Error> {
    match part {
        Val::Arr(part) => Ok(Rc::unwrap_or_clone(part)),
        _ => Err(Error::new("A slice of an array can only be assigned another array")),
    }
}

/// Sets what was not there.
fn set(value: &mut Val, key: &Val, part: Val) -> Result<(), Error> {
    match (&mut *value, key) {
        (Val::Obj(o), Val::Str(name)) => Rc::make_mut(o).insert(name.clone(), part),
        (Val::Null, Val::Str(name)) => {
            let mut members = Map::with_capacity(1);
            members.insert(name.clone(), part);
            *value = Val::obj(members);
        }
        (Val::Arr(_) | Val::Null, Val::Int(_) | Val::Float(_) | Val::Num(_)) => {
            if key.as_float().is_ok_and(f64::is_nan) {
                return Err(Error::new("Cannot set array element at NaN index"));
            }
            let mut values = match std::mem::take(value) {
                Val::Arr(values) => values,
                _ => Rc::default(),
            };
            let at = place(key, values.len()).ok_or_else(|| Error::new("Out of bounds negative array index"))?;
            if at >= MAX_LENGTH {
                return Err(Error::new("Array index too large"));
            }
            let array = Rc::make_mut(&mut values);
            array.resize(at);
            array.push(part);
            *value = Val::Arr(values);
        }
        (Val::Null, Val::Obj(bounds)) => {
            range(bounds, 0)?;
            *value = Val::arr(elements(part)?);
        }
        (Val::Str(_), Val::Obj(_)) => return Err(Error::new("Cannot update string slices")),
        _ => {
            let (key, value) = (key.type_name(), value.type_name());
            return Err(Error::new(format_args!("Cannot update field at {key} index of {value}")));
        }
    }
    Ok(())
}

/// Changes what there is at a path.
pub fn change_at(
    value: &mut Val,
    path: &[Val],
    f: &mut dyn FnMut(&mut Val) -> Result<Fate, Error>,
) -> Result<Fate, Error> {
    match path {
        [] => f(value),
        [key, rest @ ..] => change(value, key, false, &mut |part| change_at(part, rest, f)),
    }
}

/// The keys of a path.
pub fn keys(path: &Val) -> Result<&[Val], Error> {
    match path {
        Val::Arr(keys) if keys.len() <= MAX_HEIGHT as usize => Ok(keys),
        Val::Arr(_) => Err(Error::new("Path too deep")),
        _ => Err(Error::new("Path must be specified as an array")),
    }
}

/// What there is at a path.
pub fn get_at(value: &Val, path: &Val) -> Result<Val, Error> {
    let mut found = value.clone();
    for key in keys(path)? {
        found = get(&found, key)?;
    }
    Ok(found)
}

/// Puts a value at a path.
pub fn set_at(value: &mut Val, path: &Val, part: &Val) -> Result<(), Error> {
    let mut put = |place: &mut Val| {
        *place = part.clone();
        Ok(Fate::Keep)
    };
    change_at(value, keys(path)?, &mut put).map(drop)
}

/// Deletes what there is at paths, longer ones before shorter ones.
pub fn delete(value: &mut Val, paths: &Val) -> Result<(), Error> {
    let Val::Arr(paths) = paths else {
        return Err(Error::new("Paths must be specified as an array"));
    };
    let mut sorted = Vec::with_capacity(paths.len());
    for path in paths.iter() {
        let Val::Arr(_) = path else {
            let found = path.type_name();
            return Err(Error::new(format_args!("Path must be specified as array, not {found}")));
        };
        sorted.push(keys(path)?);
    }
    sorted.sort_by(|l, r| l.cmp(r));
    match sorted.first() {
        None => Ok(()),
        Some([]) => {
            *value = Val::Null;
            Ok(())
        }
        Some(_) => delete_sorted(value, &sorted, 0),
    }
}

/// Deletes what there is at paths that agree in their first keys, which were already followed.
fn delete_sorted(value: &mut Val, paths: &[&[Val]], followed: usize) -> Result<(), Error> {
    let mut whole: Vec<&Val> = Vec::new();
    for group in paths.chunk_by(|l, r| l[followed] == r[followed]) {
        let key = &group[0][followed];
        if group[0].len() == followed + 1 {
            // What lies inside goes with it.
            whole.push(key);
            continue;
        }
        if matches!(get(value, key)?, Val::Null) {
            continue;
        }
        change(value, key, false, &mut |part| {
            delete_sorted(part, group, followed + 1)?;
            Ok(Fate::Keep)
        })?;
    }
    if whole.is_empty() { Ok(()) } else { delete_keys(value, &whole) }
}

fn delete_keys(value: &mut Val, keys: &[&Val]) -> Result<(), Error> {
    match value {
        Val::Null => Ok(()),
        Val::Arr(a) => {
            let mut stays = vec![true; a.len()];
            for key in keys {
                match key {
                    Val::Int(_) | Val::Float(_) | Val::Num(_) => {
                        if let Some(stays) = place(key, a.len()).and_then(|i| stays.get_mut(i)) {
                            *stays = false;
                        }
                    }
                    Val::Obj(bounds) => stays[range(bounds, a.len())?].fill(false),
                    _ => {
                        let found = key.type_name();
                        return Err(Error::new(format_args!("Cannot delete {found} element of array")));
                    }
                }
            }
            let mut stays = stays.into_iter();
            Rc::make_mut(a).retain(|_| stays.next().unwrap_or(true));
            Ok(())
        }
        Val::Obj(o) => {
            let members = Rc::make_mut(o);
            let mut places = Vec::with_capacity(keys.len());
            for key in keys {
                let Val::Str(name) = key else {
                    let found = key.type_name();
                    return Err(Error::new(format_args!("Cannot delete {found} field of object")));
                };
                places.extend(members.place(name));
            }
            places.sort_unstable();
            members.remove_all(&places);
            Ok(())
        }
        _ => Err(Error::new(format_args!("Cannot delete fields from {}", value.type_name()))),
    }
}

/// Whether two values are one: the same, not only equal, as far as that can be told.
pub fn identical(l: &Val, r: &Val) -> bool {
    match (l, r) {
        (Val::Null, Val::Null) => true,
        (Val::Bool(l), Val::Bool(r)) => l == r,
        (Val::Int(l), Val::Int(r)) => l == r,
        (Val::Float(l), Val::Float(r)) => l.to_bits() == r.to_bits(),
        (Val::Num(l), Val::Num(r)) => Rc::ptr_eq(l, r),
        (Val::Str(l), Val::Str(r)) => l.address() == r.address(),
        (Val::Arr(l), Val::Arr(r)) => Rc::ptr_eq(l, r),
        (Val::Obj(l), Val::Obj(r)) => Rc::ptr_eq(l, r),
        _ => false,
    }
}

/// The error of a filter that does not lead to a place in its input, but has a result.
pub fn no_path(result: &Val) -> Error {
    Error::new(format_args!("Invalid path expression with result {}", brief(result)))
}

/// The error of a filter that goes on from a value which is no place in its input.
pub fn no_path_to(key: &Val, value: &Val) -> Error {
    let (key, value) = (brief(key), brief(value));
    Error::new(format_args!("Invalid path expression near attempt to access element {key} of {value}"))
}

/// The error of a filter that goes through a value which is no place in its input.
pub fn no_path_through(value: &Val) -> Error {
    Error::new(format_args!("Invalid path expression near attempt to iterate through {}", brief(value)))
}
