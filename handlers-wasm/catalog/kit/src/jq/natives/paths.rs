//! Paths, and objects as lists of their members.

use super::Native;
use crate::array::Array;
use crate::jq::Error;
use crate::jq::access;
use crate::jq::error::Shown;
use crate::map::Map;
use crate::text::Text;
use crate::value::Val;
use std::rc::Rc;

pub const TABLE: &[Native] = &[
    Native { name: "setpath", arity: 2, run: |mut input, arguments| {
        access::set_at(&mut input, &arguments[0], &arguments[1])?;
        Ok(input)
    } },
    Native { name: "delpaths", arity: 1, run: |mut input, arguments| {
        access::delete(&mut input, &arguments[0])?;
        Ok(input)
    } },
    Native { name: "to_entries", arity: 0, run: |input, _| to_entries(input) },
    Native { name: "from_entries", arity: 0, run: |input, _| from_entries(&input) },
    Native { name: "_tostream", arity: 0, run: |input, _| {
        let mut events = Array::default();
        stream(&input, &mut Vec::new(), &mut events);
        Ok(Val::arr(events))
    } },
];

fn to_entries(input: Val) -> Result<Val, Error> {
    let names = ["key", "value"].map(|name| Text::from(name));
    let entry = |key: Val, value: Val| {
        let mut entry = Map::with_capacity(2);
        entry.insert(names[0].clone(), key);
        entry.insert(names[1].clone(), value);
        Val::obj(entry)
    };
    match input {
        Val::Obj(members) => {
            let members = Rc::unwrap_or_clone(members).into_iter();
            Ok(members.map(|(key, value)| entry(Val::Str(key), value)).collect())
        }
        Val::Arr(values) => {
            let values = Rc::unwrap_or_clone(values).into_iter();
            Ok((0..).map(Val::Int).zip(values).map(|(key, value)| entry(key, value)).collect())
        }
        other => Err(Error::typ(&other, "has no keys")),
    }
}

/// A member of an entry; null if it has none of that name.
fn member(entry: &Val, name: &str) -> Result<Val, Error> {
    match entry {
        Val::Obj(members) => Ok(members.get(name).cloned().unwrap_or_default()),
        entry => access::get(entry, &Val::str(name)),
    }
}

/// Makes an object of entries, whose keys have one of several names.
fn from_entries(input: &Val) -> Result<Val, Error> {
    let mut object = Map::default();
    let mut add = |entry: &Val| {
        let mut key = Val::Null;
        for name in ["key", "Key", "name", "Name"] {
            key = member(entry, name)?;
            if key.is_true() {
                break;
            }
        }
        let Val::Str(key) = key else {
            let shown = if key.is_true() { &key } else { &Val::Null };
            return Err(Error::new(format_args!("Cannot use {} as object key", Shown(shown))));
        };
        let value = match entry {
            Val::Obj(entry) => entry.get("value").or_else(|| entry.get("Value")).cloned(),
            _ => None,
        };
        object.insert(key, value.unwrap_or_default());
        Ok(())
    };
    match input {
        Val::Arr(entries) => entries.iter().try_for_each(&mut add)?,
        Val::Obj(entries) => entries.values().try_for_each(&mut add)?,
        _ => return Err(access::not_iterable(input)),
    }
    Ok(Val::obj(object))
}

/// The events of a value: its leaves with their paths, and where an array or an object with parts ends.
fn stream(value: &Val, path: &mut Vec<Val>, events: &mut Array) {
    let mut last = None;
    let mut part = |key: Val, value: &Val, path: &mut Vec<Val>| {
        path.push(key.clone());
        stream(value, path, events);
        path.pop();
        last = Some(key);
    };
    match value {
        Val::Arr(values) => (0..).zip(values.iter()).for_each(|(i, value)| part(Val::Int(i), value, path)),
        Val::Obj(members) => members.iter().for_each(|(key, value)| part(Val::Str(key.clone()), value, path)),
        _ => {}
    }
    match last {
        None => events.push(Val::arr(vec![Val::arr(path.clone()), value.clone()])),
        Some(last) => {
            path.push(last);
            events.push(Val::arr(vec![Val::arr(path.clone())]));
            path.pop();
        }
    }
}
