//! Values as JSON Schema compares them: numbers by their value, objects whatever the order of their members.

use super::number;
use crate::map::Map;
use crate::text::Text;
use crate::value::Val;
use std::cmp::Ordering;

/// Whether two values are the same.
pub fn equal(left: &Val, right: &Val) -> bool {
    match (left, right) {
        (Val::Str(left), Val::Str(right)) => left == right,
        (Val::Arr(left), Val::Arr(right)) => {
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(left, right)| equal(left, right))
        }
        (Val::Obj(left), Val::Obj(right)) => {
            let same = |(key, value)| right.get(key).is_some_and(|other| equal(value, other));
            left.len() == right.len() && left.iter().all(|(key, value)| same((key.as_str(), value)))
        }
        _ => rank(left) == rank(right) && order(left, right).is_eq(),
    }
}

/// Some order of all values, in which those that are the same are next to each other.
pub fn order(left: &Val, right: &Val) -> Ordering {
    match (left, right) {
        (Val::Bool(left), Val::Bool(right)) => left.cmp(right),
        (Val::Str(left), Val::Str(right)) => left.cmp(right),
        (Val::Arr(left), Val::Arr(right)) => {
            let items = left.iter().zip(right.iter()).map(|(left, right)| order(left, right));
            left.len().cmp(&right.len()).then_with(|| first_difference(items))
        }
        (Val::Obj(left), Val::Obj(right)) => order_of_objects(left, right),
        _ => rank(left).cmp(&rank(right)).then_with(|| number::order(left, right).unwrap_or(Ordering::Equal)),
    }
}

fn order_of_objects(left: &Map, right: &Map) -> Ordering {
    let sorted = |map| {
        let mut members: Vec<(&Text, &Val)> = Map::iter(map).collect();
        members.sort_unstable_by_key(|(key, _)| *key);
        members
    };
    left.len().cmp(&right.len()).then_with(|| {
        let (left, right) = (sorted(left), sorted(right));
        let members = left.iter().zip(&right).map(|(left, right)| left.0.cmp(right.0).then_with(|| order(left.1, right.1)));
        first_difference(members)
    })
}

fn first_difference(mut orders: impl Iterator<Item = Ordering>) -> Ordering {
    orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// The place of a value's type; numbers that JSON does not have are null.
fn rank(value: &Val) -> u8 {
    match value {
        Val::Float(float) if !float.is_finite() => 0,
        Val::Null => 0,
        Val::Bool(_) => 1,
        Val::Int(_) | Val::Float(_) | Val::Num(_) => 2,
        Val::Str(_) => 3,
        Val::Arr(_) => 4,
        Val::Obj(_) => 5,
    }
}
