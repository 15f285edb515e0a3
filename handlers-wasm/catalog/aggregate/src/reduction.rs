//! From the values of the sources to one.

use crate::HIGH;
use crate::report::{count, object};
use crate::settings::{Conflict, Order, Reduction, Settings};
use crate::sources::Source;
use catalog_kit::filter::Filter;
use catalog_kit::jq::ops;
use catalog_kit::{Failure, Map, Text, Val, deep, json};
use std::rc::Rc;

/// A value, and the source that it is from.
#[derive(Clone)]
struct Item {
    source: Text,
    value: Val,
}

/// Reduces the values of the sources that are used.
pub fn reduce(settings: &Settings, used: &[Source], seen: &Val) -> Result<Val, Failure> {
    let items = items(settings, used);
    if items.iter().any(|item| item.value.height() > HIGH) {
        return deep::on_large_stack(|| reduced(settings, items, seen));
    }
    reduced(settings, items, seen)
}

/// The values; an array may be several.
fn items(settings: &Settings, used: &[Source]) -> Vec<Item> {
    let mut items = Vec::with_capacity(used.len());
    for Source { name, value } in used {
        match value {
            Val::Arr(values) if settings.flatten => {
                items.extend(values.iter().map(|value| Item { source: name.clone(), value: value.clone() }));
            }
            value => items.push(Item { source: name.clone(), value: value.clone() }),
        }
    }
    items
}

fn reduced(settings: &Settings, items: Vec<Item>, seen: &Val) -> Result<Val, Failure> {
    let items = ordered(settings, items)?;
    match &settings.reduction {
        Reduction::Merge(conflict) => merge(*conflict, items),
        Reduction::Concat => Ok(concat(items)),
        Reduction::Sum => sum(items),
        Reduction::Min => Ok(values(items).min().unwrap_or_default()),
        // Of equal ones the first, as for the least.
        Reduction::Max => Ok(values(items).reduce(|most, value| if value > most { value } else { most }).unwrap_or_default()),
        Reduction::Count => Ok(count(items.len())),
        Reduction::Group(key) => group(key, items),
        Reduction::Custom(filter) => custom(filter, &items, seen),
    }
}

/// The values but null, which is none.
fn values(items: Vec<Item>) -> impl Iterator<Item = Val> {
    items.into_iter().map(|item| item.value).filter(|value| !matches!(value, Val::Null))
}

/// The values in the order that is wanted; equal ones stay as they are.
fn ordered(settings: &Settings, mut items: Vec<Item>) -> Result<Vec<Item>, Failure> {
    if settings.order == Order::Sources {
        return Ok(items);
    }
    let Some(filter) = &settings.order_by else {
        items.sort_by(|l, r| in_order(settings.order, l.source.cmp(&r.source)));
        return Ok(items);
    };
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        keyed.push((key(filter, &item, "/config/order_by")?, item));
    }
    let is_high = keyed.iter().any(|(key, _)| key.height() > HIGH);
    let mut sort = || keyed.sort_by(|(l, _), (r, _)| in_order(settings.order, l.cmp(r)));
    if is_high {
        deep::on_large_stack(sort);
    } else {
        sort();
    }
    Ok(keyed.into_iter().map(|(_, item)| item).collect())
}

fn in_order(order: Order, ordering: std::cmp::Ordering) -> std::cmp::Ordering {
    if order == Order::Descending { ordering.reverse() } else { ordering }
}

fn key(filter: &Filter, item: &Item, pointer: &str) -> Result<Val, Failure> {
    filter.run(item.value.clone()).map_err(|failure| failure.at(pointer).with("source", Val::Str(item.source.clone())))
}

fn merge(conflict: Conflict, items: Vec<Item>) -> Result<Val, Failure> {
    let mut merged = Rc::new(Map::default());
    for Item { source, value } in items {
        let members = match value {
            Val::Null => continue,
            Val::Obj(members) => members,
            other => return Err(invalid(&source, format!("expected an object to merge, found {}", other.type_name()))),
        };
        if conflict == Conflict::Deep {
            let Ok(Val::Obj(both)) = ops::multiply(Val::Obj(merged), Val::Obj(members)) else {
                return Err(invalid(&source, "cannot be merged"));
            };
            merged = both;
            continue;
        }
        let all = Rc::make_mut(&mut merged);
        for (name, value) in members.iter() {
            match conflict {
                Conflict::First if all.contains_key(name) => {}
                Conflict::Fail if all.contains_key(name) => {
                    let problem = format!("has {:?}, which a source before it has as well", name.as_str());
                    return Err(invalid(&source, problem));
                }
                _ => all.insert(name.clone(), value.clone()),
            }
        }
    }
    Ok(Val::Obj(merged))
}

fn concat(items: Vec<Item>) -> Val {
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        match item.value {
            Val::Arr(values) => all.extend(values.iter().cloned()),
            value => all.push(value),
        }
    }
    Val::arr(all)
}

fn sum(items: Vec<Item>) -> Result<Val, Failure> {
    let mut total = Val::Null;
    for Item { source, value } in items {
        total = add(total, &value, "").map_err(|problem| invalid(&source, problem))?;
    }
    Ok(if matches!(total, Val::Null) { Val::Int(0) } else { total })
}

/// Adds a number, or an object member by member; null is nothing.
fn add(total: Val, value: &Val, pointer: &str) -> Result<Val, String> {
    let place = || if pointer.is_empty() { String::new() } else { format!("{pointer}: ") };
    match (total, value) {
        (total, Val::Null) => Ok(total),
        (Val::Null, Val::Obj(members)) => add(Val::obj(Map::with_capacity(members.len())), &Val::Obj(Rc::clone(members)), pointer),
        (Val::Obj(mut total), Val::Obj(members)) => {
            let sums = Rc::make_mut(&mut total);
            for (name, value) in members.iter() {
                let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                let before = match sums.place(name) {
                    Some(place) => sums.take(place),
                    None => Val::Null,
                };
                sums.insert(name.clone(), add(before, value, &pointer)?);
            }
            Ok(Val::Obj(total))
        }
        (total, value) => match (&total, value) {
            (Val::Null | Val::Int(_) | Val::Float(_) | Val::Num(_), Val::Int(_) | Val::Float(_) | Val::Num(_)) => {
                ops::add(total, value.clone()).map_err(|_| format!("{}cannot be added", place()))
            }
            (Val::Null, other) => Err(format!("{}expected a number or an object to sum up, found {}", place(), other.type_name())),
            (total, other) => {
                let expected = if matches!(total, Val::Obj(_)) { "an object" } else { "a number" };
                Err(format!("{}expected {expected} to sum up, as before it, found {}", place(), other.type_name()))
            }
        },
    }
}

fn group(filter: &Filter, items: Vec<Item>) -> Result<Val, Failure> {
    let mut groups: Vec<(Text, Vec<Val>)> = Vec::new();
    let mut places = Map::default();
    for item in items {
        let name = match key(filter, &item, "/config/group_by")? {
            Val::Str(name) => name,
            key @ (Val::Null | Val::Bool(_) | Val::Int(_) | Val::Float(_) | Val::Num(_)) => json::to_string(&key).into(),
            other => {
                let problem = format!("the key of a group cannot be an {}", other.type_name());
                return Err(invalid(&item.source, problem));
            }
        };
        let known = places.get(&name).and_then(|place| place.as_int().ok()).and_then(|place| usize::try_from(place).ok());
        match known.and_then(|place| groups.get_mut(place)) {
            Some((_, values)) => values.push(item.value),
            None => {
                places.insert(name.clone(), count(groups.len()));
                groups.push((name, vec![item.value]));
            }
        }
    }
    Ok(Val::obj(groups.into_iter().map(|(name, values)| (name, Val::arr(values))).collect::<Map>()))
}

/// What a filter makes of the values; it sees them besides what every filter sees.
fn custom(filter: &Filter, items: &[Item], seen: &Val) -> Result<Val, Failure> {
    let mut members = match seen {
        Val::Obj(seen) => Map::clone(seen),
        _ => Map::default(),
    };
    let values = items.iter().map(|item| item.value.clone()).collect();
    let sources = items.iter().map(|item| object([("name", Val::Str(item.source.clone())), ("value", item.value.clone())]));
    members.insert(Text::from("values"), values);
    members.insert(Text::from("sources"), sources.collect());
    filter.run(Val::obj(members)).map_err(|failure| failure.at("/config/expression"))
}

fn invalid(source: &Text, problem: impl std::fmt::Display) -> Failure {
    Failure::new("invalid_value", format!("the value of {source}: {problem}")).with("source", Val::Str(source.clone()))
}
