//! Filters on arrays and objects.

use super::Native;
use crate::array::Array;
use crate::jq::{Error, access};
use crate::jq::ops::{add, double, negate};
use crate::text::Text;
use crate::value::Val;
use std::cmp::Ordering;
use std::rc::Rc;

/// The filters of this file.
pub const TABLE: &[Native] = &[
    Native { name: "type", arity: 0, run: |v, _| Ok(Val::str(v.type_name())) },
    Native { name: "length", arity: 0, run: |v, _| length(v) },
    Native { name: "keys", arity: 0, run: |v, _| keys(&v, true) },
    Native { name: "keys_unsorted", arity: 0, run: |v, _| keys(&v, false) },
    Native { name: "has", arity: 1, run: |v, args| has(&v, &args[0]) },
    Native { name: "contains", arity: 1, run: |v, args| contained(&v, &args[0]) },
    Native { name: "inside", arity: 1, run: |v, args| contained(&args[0], &v) },
    Native { name: "in", arity: 1, run: |v, args| has(&args[0], &v) },
    Native { name: "add", arity: 0, run: |v, _| sum(v) },
    Native { name: "reverse", arity: 0, run: |v, _| reversed(v) },
    Native { name: "flatten", arity: 0, run: |v, _| flattened(v, None) },
    Native { name: "flatten", arity: 1, run: |v, args| flattened(v, Some(&args[0])) },
    Native { name: "transpose", arity: 0, run: |v, _| transposed(&v) },
    Native { name: "indices", arity: 1, run: |v, args| indices(&v, &args[0]) },
    Native { name: "index", arity: 1, run: |v, args| end_of(indices(&v, &args[0])?, false) },
    Native { name: "rindex", arity: 1, run: |v, args| end_of(indices(&v, &args[0])?, true) },
    Native { name: "sort", arity: 0, run: |v, _| sorted(v) },
    Native { name: "unique", arity: 0, run: |v, _| unique(v) },
    Native { name: "min", arity: 0, run: |v, _| extreme(&v, &v, false) },
    Native { name: "max", arity: 0, run: |v, _| extreme(&v, &v, true) },
    Native { name: "_sort_by", arity: 1, run: |v, args| sorted_by(&v, &args[0]) },
    Native { name: "_group_by", arity: 1, run: |v, args| grouped_by(&v, &args[0]) },
    Native { name: "_unique_by", arity: 1, run: |v, args| unique_by(&v, &args[0]) },
    Native { name: "_min_by", arity: 1, run: |v, args| extreme(&v, &args[0], false) },
    Native { name: "_max_by", arity: 1, run: |v, args| extreme(&v, &args[0], true) },
    Native { name: "bsearch", arity: 1, run: |v, args| search(&v, &args[0]) },
    Native {
        name: "toarray",
        arity: 0,
        run: |v, _| Ok(if let Val::Arr(_) = v { v } else { Val::arr(vec![v]) }),
    },
];

/// A number of things.
pub fn count(count: usize) -> Val {
    Val::Int(i64::try_from(count).expect("there are no more than the memory holds"))
}

/// The values that `.[]` gives.
pub fn iterated(value: &Val) -> Result<Vec<&Val>, Error> {
    match value {
        Val::Arr(a) => Ok(a.iter().collect()),
        Val::Obj(o) => Ok(o.values().collect()),
        v => Err(not_iterable(v)),
    }
}

fn not_iterable(value: &Val) -> Error {
    Error::new(format_args!("Cannot iterate over {} ({})", value.type_name(), crate::jq::error::brief(value)))
}

fn not_indexed(value: &Val, index: &Val) -> Error {
    Error::new(format_args!(
        "Cannot index {} with {} ({})",
        value.type_name(),
        index.type_name(),
        crate::jq::error::brief(index)
    ))
}

fn length(value: Val) -> Result<Val, Error> {
    Ok(match value {
        Val::Null => Val::Int(0),
        Val::Bool(_) => return Err(Error::typ(&value, "has no length")),
        Val::Int(0..) => value,
        Val::Float(f) => Val::Float(f.abs()),
        Val::Num(ref text) if !text.starts_with('-') => value,
        v @ (Val::Int(_) | Val::Num(_)) => negate(v)?,
        Val::Str(s) => count(s.chars().count()),
        Val::Arr(a) => count(a.len()),
        Val::Obj(o) => count(o.len()),
    })
}

fn keys(value: &Val, sorted: bool) -> Result<Val, Error> {
    match value {
        Val::Arr(a) => Ok((0..a.len()).map(count).collect()),
        Val::Obj(o) => {
            let mut keys: Vec<&Text> = o.keys().collect();
            if sorted {
                keys.sort_unstable();
            }
            Ok(keys.into_iter().map(|key| Val::Str(key.clone())).collect())
        }
        v => Err(Error::typ(v, "has no keys")),
    }
}

fn has(value: &Val, key: &Val) -> Result<Val, Error> {
    match (value, key) {
        (Val::Null, _) => Ok(Val::Bool(false)),
        (Val::Obj(o), Val::Str(key)) => Ok(Val::Bool(o.contains_key(key))),
        (Val::Arr(a), key) if double(key).is_some() => {
            let place = double(key).filter(|place| !place.is_nan());
            #[expect(clippy::cast_possible_truncation, reason = "truncation is meant")]
            let place = place.and_then(|place| usize::try_from(place as i64).ok());
            Ok(Val::Bool(place.is_some_and(|place| place < a.len())))
        }
        _ => Err(Error::new(format_args!(
            "Cannot check whether {} has a {} key",
            value.type_name(),
            key.type_name()
        ))),
    }
}

fn contained(value: &Val, part: &Val) -> Result<Val, Error> {
    let kind = |v: &Val| match v {
        Val::Bool(true) => "true",
        v => v.type_name(),
    };
    if kind(value) == kind(part) {
        Ok(Val::Bool(contains(value, part)))
    } else {
        Err(Error::types(value, part, "cannot have their containment checked"))
    }
}

fn contains(value: &Val, part: &Val) -> bool {
    match (value, part) {
        (Val::Str(l), Val::Str(r)) => l.contains(r.as_str()),
        (Val::Arr(l), Val::Arr(r)) => r.iter().all(|r| l.iter().any(|l| contains(l, r))),
        (Val::Obj(l), Val::Obj(r)) => {
            r.iter().all(|(key, r)| l.get(key).is_some_and(|l| contains(l, r)))
        }
        _ => value == part,
    }
}

fn sum(value: Val) -> Result<Val, Error> {
    match value {
        Val::Arr(a) => match Rc::try_unwrap(a) {
            Ok(own) => own.into_iter().try_fold(Val::Null, add),
            Err(shared) => shared.iter().cloned().try_fold(Val::Null, add),
        },
        Val::Obj(o) => o.values().cloned().try_fold(Val::Null, add),
        v => Err(not_iterable(&v)),
    }
}

fn reversed(value: Val) -> Result<Val, Error> {
    match value {
        Val::Arr(a) => Ok(match Rc::try_unwrap(a) {
            Ok(own) => {
                let mut values = own.into_vec();
                values.reverse();
                Val::arr(values)
            }
            Err(shared) => shared.iter().rev().cloned().collect(),
        }),
        v => match length(v.clone())? {
            length if length == Val::Int(0) => Ok(Val::arr(Vec::new())),
            length => Err(not_indexed(&v, &crate::jq::ops::subtract(length, Val::Int(1))?)),
        },
    }
}

fn flattened(value: Val, depth: Option<&Val>) -> Result<Val, Error> {
    if depth.is_some_and(|depth| *depth < Val::Int(0)) {
        return Err(Error::new("flatten depth must not be negative"));
    }
    let values = iterated(&value)?;
    let is_nested = || values.iter().any(|v| matches!(v, Val::Arr(_)));
    let depth = match depth {
        None => f64::INFINITY,
        Some(depth) => match double(depth) {
            Some(depth) => depth,
            None if is_nested() => return Err(Error::types(depth, &Val::Int(1), "cannot be subtracted")),
            None => 0.0,
        },
    };
    let mut flat = Vec::with_capacity(values.len());
    for v in values {
        flatten_into(v, depth, &mut flat);
    }
    Ok(Val::arr(flat))
}

fn flatten_into(value: &Val, depth: f64, flat: &mut Vec<Val>) {
    match value {
        Val::Arr(a) if depth != 0.0 => {
            a.iter().for_each(|v| flatten_into(v, depth - 1.0, flat));
        }
        v => flat.push(v.clone()),
    }
}

fn transposed(value: &Val) -> Result<Val, Error> {
    let rows = iterated(value)?;
    let mut width: Option<Val> = None;
    for row in &rows {
        let length = length((*row).clone())?;
        if width.as_ref().is_none_or(|width| length >= *width) {
            width = Some(length);
        }
    }
    let width = width.as_ref().and_then(double).unwrap_or(0.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length is a small count")]
    let width = width.ceil() as usize;
    let mut columns = Array::with_capacity(width.min(1024));
    for i in 0..width {
        let mut column = Array::with_capacity(rows.len());
        for row in &rows {
            column.push(match row {
                Val::Arr(a) => a.get(i).cloned().unwrap_or_default(),
                Val::Null => Val::Null,
                v => return Err(not_indexed(v, &count(i))),
            });
        }
        columns.push(Val::Arr(Rc::new(column)));
    }
    Ok(Val::Arr(Rc::new(columns)))
}

/// Where a part is in a string, in characters, or one value or several in an array.
pub fn indices(value: &Val, wanted: &Val) -> Result<Val, Error> {
    Ok(match (value, wanted) {
        (Val::Str(s), Val::Str(wanted)) => places(s, wanted),
        (Val::Arr(_), Val::Arr(wanted)) if wanted.is_empty() => Val::arr(Vec::new()),
        (Val::Arr(a), Val::Arr(wanted)) => {
            let windows = a.windows(wanted.len()).enumerate();
            windows.filter(|(_, window)| *window == &wanted[..]).map(|(i, _)| count(i)).collect()
        }
        (Val::Arr(a), wanted) => {
            let values = a.iter().enumerate();
            values.filter(|(_, v)| *v == wanted).map(|(i, _)| count(i)).collect()
        }
        _ => return access::get(value, wanted),
    })
}

fn places(s: &str, wanted: &str) -> Val {
    if wanted.is_empty() {
        return Val::arr(Vec::new());
    }
    let mut found = Vec::new();
    // Characters are counted up to a byte.
    let (mut from, mut counted, mut characters) = (0, 0, 0);
    while let Some(place) = s[from..].find(wanted).map(|place| from + place) {
        characters += s[counted..place].chars().count();
        counted = place;
        found.push(count(characters));
        // Places may overlap.
        from = place + s[place..].chars().next().map_or(1, char::len_utf8);
    }
    Val::arr(found)
}

/// The first or the last of an array.
fn end_of(value: Val, last: bool) -> Result<Val, Error> {
    match &value {
        Val::Null => Ok(Val::Null),
        Val::Arr(a) => Ok(if last { a.last() } else { a.first() }.cloned().unwrap_or_default()),
        Val::Str(s) if last => Err(not_indexed(
            &Val::from(s.chars().next_back().map(String::from).unwrap_or_default()),
            &Val::Int(0),
        )),
        v => Err(not_indexed(v, &if last { slice_index() } else { Val::Int(0) })),
    }
}

/// What `.[-1:]` indexes with.
fn slice_index() -> Val {
    let key = |name: &str| Text::from(name);
    Val::obj([(key("start"), Val::Int(-1)), (key("end"), Val::Null)].into_iter().collect())
}

// --- order --------------------------------------------------------------------------------------------------------------

const NOT_SORTED: &str = "cannot be sorted, as it is not an array";

fn sorted(value: Val) -> Result<Val, Error> {
    let Val::Arr(a) = value else {
        return Err(Error::typ(&value, NOT_SORTED));
    };
    let mut values = Rc::try_unwrap(a).map_or_else(|shared| shared.to_vec(), Array::into_vec);
    values.sort();
    Ok(Val::arr(values))
}

fn unique(value: Val) -> Result<Val, Error> {
    let Val::Arr(a) = value else {
        return Err(Error::typ(&value, NOT_SORTED));
    };
    let mut values = Rc::try_unwrap(a).map_or_else(|shared| shared.to_vec(), Array::into_vec);
    values.sort();
    values.dedup();
    Ok(Val::arr(values))
}

/// The values of an array with their keys, in the order of the keys.
fn in_order<'v>(value: &'v Val, keys: &'v Val) -> Result<Vec<(&'v Val, &'v Val)>, Error> {
    match (value, keys) {
        (Val::Arr(values), Val::Arr(keys)) if values.len() == keys.len() => {
            let mut pairs: Vec<_> = keys.iter().zip(values.iter()).collect();
            pairs.sort_by(|(l, _), (r, _)| l.cmp(r));
            Ok(pairs)
        }
        _ => Err(Error::types(value, keys, "cannot be sorted, as they are not both arrays")),
    }
}

fn sorted_by(value: &Val, keys: &Val) -> Result<Val, Error> {
    Ok(in_order(value, keys)?.into_iter().map(|(_, v)| v.clone()).collect())
}

fn grouped_by(value: &Val, keys: &Val) -> Result<Val, Error> {
    let pairs = in_order(value, keys)?;
    let groups = pairs.chunk_by(|(l, _), (r, _)| l == r);
    Ok(groups.map(|group| group.iter().map(|(_, v)| (*v).clone()).collect()).collect())
}

fn unique_by(value: &Val, keys: &Val) -> Result<Val, Error> {
    let mut pairs = in_order(value, keys)?;
    pairs.dedup_by(|(r, _), (l, _)| l == r);
    Ok(pairs.into_iter().map(|(_, v)| v.clone()).collect())
}

/// The value with the least key, the first one of several, or with the greatest, the last one of several.
fn extreme(value: &Val, keys: &Val, greatest: bool) -> Result<Val, Error> {
    let (Val::Arr(values), Val::Arr(keys)) = (value, keys) else {
        return Err(Error::types(value, keys, "cannot be iterated over"));
    };
    if values.len() != keys.len() {
        return Err(Error::types(value, &Val::Arr(Rc::clone(keys)), "have wrong length"));
    }
    let mut best = 0;
    for i in 1..keys.len() {
        if (keys[i] < keys[best]) != greatest {
            best = i;
        }
    }
    Ok(values.get(best).cloned().unwrap_or_default())
}

/// The place of a value in a sorted array; -1 minus the place where it would be if it is not there.
fn search(value: &Val, wanted: &Val) -> Result<Val, Error> {
    let Val::Arr(a) = value else {
        return Err(Error::typ(value, "cannot be searched from"));
    };
    let (mut start, mut end) = (0, a.len());
    while start < end {
        let middle = start + (end - start) / 2;
        match wanted.partial_cmp(&a[middle]) {
            Some(Ordering::Equal) => return Ok(count(middle)),
            Some(Ordering::Less) => end = middle,
            _ => start = middle + 1,
        }
    }
    negate(count(start + 1))
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;

    #[test]
    fn a_length_is_in_characters_or_the_size_of_a_number() {
        assert_eq!(run("length", r#""aé""#, &[]), "2");
        assert_eq!(run("length", "-1.10", &[]), "1.10");
        assert_eq!(run("length", "-5", &[]), "5");
        assert_eq!(run("length", "true", &[]), "boolean (true) has no length");
    }

    #[test]
    fn parts_are_found_where_they_are() {
        assert_eq!(run("indices", r#""aébéb""#, &[r#""éb""#]), "[1,3]");
        assert_eq!(run("indices", r#""aaa""#, &[r#""aa""#]), "[0,1]");
        assert_eq!(run("indices", r#""a""#, &[r#""""#]), "[]");
        assert_eq!(run("indices", "[1,2,1,2]", &["[1,2]"]), "[0,2]");
        assert_eq!(run("indices", "[1,2,1]", &["1.0"]), "[0,2]");
        assert_eq!(run("index", "[1,2]", &["3"]), "null");
        assert_eq!(run("rindex", r#""a,b,c""#, &[r#"",""#]), "3");
        assert_eq!(run("index", "null", &[r#""a""#]), "null");
        assert_eq!(run("indices", r#""abc""#, &[r#"{"start":1,"end":null}"#]), r#""bc""#);
        assert_eq!(run("index", r#""a""#, &["1"]), "Cannot index string with number (1)");
    }

    #[test]
    fn values_of_equal_keys_keep_their_order() {
        assert_eq!(run("_sort_by", r#"["b","a","c"]"#, &["[[2],[1],[1]]"]), r#"["a","c","b"]"#);
        assert_eq!(run("_group_by", r#"["b","a","c"]"#, &["[[2],[1],[1]]"]), r#"[["a","c"],["b"]]"#);
        assert_eq!(run("_unique_by", r#"["b","a","c"]"#, &["[[2],[1],[1]]"]), r#"["a","b"]"#);
        assert_eq!(run("_min_by", r#"["b","a","c"]"#, &["[[2],[1],[1]]"]), r#""a""#);
        assert_eq!(run("_max_by", r#"["b","a","c"]"#, &["[[1],[2],[2]]"]), r#""c""#);
        assert_eq!(run("max", "[]", &[]), "null");
    }

    #[test]
    fn numbers_of_any_size_are_told_apart() {
        let numbers = "[18446744073709551615,18446744073709551614,18446744073709551615]";
        assert_eq!(run("unique", numbers, &[]), "[18446744073709551614,18446744073709551615]");
        assert_eq!(run("max", numbers, &[]), "18446744073709551615");
        assert_eq!(run("index", numbers, &["18446744073709551614"]), "1");
    }

    #[test]
    fn arrays_are_flattened_so_deep() {
        assert_eq!(run("flatten", "[1,[2,[3]]]", &[]), "[1,2,3]");
        assert_eq!(run("flatten", "[1,[2,[3]]]", &["1"]), "[1,2,[3]]");
        assert_eq!(run("flatten", r#"{"a":[1]}"#, &[]), "[1]");
        assert_eq!(run("flatten", "[]", &["-1"]), "flatten depth must not be negative");
        assert_eq!(run("flatten", "[[1]]", &["[]"]), "array ([]) and number (1) cannot be subtracted");
        assert_eq!(run("flatten", "[1]", &["[]"]), "[1]");
        assert_eq!(run("flatten", "null", &[]), "Cannot iterate over null (null)");
    }

    #[test]
    fn arrays_and_what_is_empty_are_reversed() {
        assert_eq!(run("reverse", "[1,2]", &[]), "[2,1]");
        assert_eq!(run("reverse", "null", &[]), "[]");
        assert_eq!(run("reverse", "-0", &[]), "[]");
        assert_eq!(run("reverse", r#""ab""#, &[]), "Cannot index string with number (1)");
    }

    #[test]
    fn rows_become_columns() {
        assert_eq!(run("transpose", "[[1],null,[2,3]]", &[]), "[[1,null,2],[null,null,3]]");
        assert_eq!(run("transpose", r#"["a"]"#, &[]), "Cannot index string with number (0)");
    }

    #[test]
    fn a_sorted_array_is_searched_by_halves() {
        assert_eq!(run("bsearch", "[1,2,3]", &["2"]), "1");
        assert_eq!(run("bsearch", "[1,2,3]", &["0"]), "-1");
        assert_eq!(run("bsearch", "[1,2,3]", &["4"]), "-4");
        assert_eq!(run("bsearch", "1", &["4"]), "number (1) cannot be searched from");
    }

    #[test]
    fn parts_are_contained() {
        assert_eq!(run("contains", r#"{"a":["xyz"]}"#, &[r#"{"a":["y"]}"#]), "true");
        assert_eq!(run("inside", "[1]", &["[1,2]"]), "true");
        let message = "array ([1]) and number (1) cannot have their containment checked";
        assert_eq!(run("contains", "[1]", &["1"]), message);
        assert_eq!(run("has", "[1]", &["0.5"]), "true");
        assert_eq!(run("has", "[1]", &["-1"]), "false");
    }
}
