//! The parts of the data.

use crate::HIGH;
use crate::settings::{MAX_SIZE, Order, Parts, Settings, Strategy, Work};
use catalog_kit::filter::Filter;
use catalog_kit::{Failure, Map, Text, Val, deep, json};
use std::cmp::Ordering;
use wasm_broker_sdk::log;

/// A count beyond this is not exact in all places that a result goes to.
const MAX_COUNT: i64 = 1 << 53;
/// Ids have at least so many digits, so that few of them are in order as texts.
const DIGITS: usize = 3;

/// The data in parts.
pub struct Split {
    pub total: i64,
    pub partitions: Vec<Partition>,
}

/// A part.
pub struct Partition {
    /// Its number from 1, as long as that of the last one.
    pub id: String,
    pub place: Place,
    pub size: i64,
    /// What is in it, if that is wanted.
    pub items: Option<Val>,
}

/// Which part it is.
pub enum Place {
    /// The items from a place to before another.
    Positions(i64, i64),
    /// The items of a group.
    Key(Val),
}

impl Partition {
    /// The part as the result has it, with a last member.
    pub fn members(&self, with_items: bool) -> Map {
        let mut members = Map::with_capacity(6);
        let mut add = |key: &str, value| members.insert(Text::from(key), value);
        add("id", Val::str(&self.id));
        match &self.place {
            Place::Positions(start, end) => {
                add("start", Val::Int(*start));
                add("end", Val::Int(*end));
            }
            Place::Key(key) => add("key", key.clone()),
        }
        add("size", Val::Int(self.size));
        if let Some(items) = self.items.as_ref().filter(|_| with_items) {
            add("items", items.clone());
        }
        members
    }
}

/// Splits what the filter `data` gave.
pub fn split(settings: &Settings, data: &Val) -> Result<Split, Failure> {
    let (total, partitions) = match &settings.strategy {
        Strategy::PerItem => list(settings, Parts::OfSize(1), data)?,
        Strategy::Chunks(parts) => list(settings, *parts, data)?,
        Strategy::Groups(key) => groups(settings, key, data)?,
        Strategy::Ranges(parts) => ranges(settings, *parts, data)?,
    };
    let too_large = partitions.iter().any(|(_, size, _)| *size > MAX_SIZE);
    if too_large && matches!(settings.work, Work::Batches(_)) {
        let problem = format!("a part is larger than {MAX_SIZE}, and no batch of Tasker can be");
        return Err(invalid(problem));
    }
    let digits = partitions.len().to_string().len().max(DIGITS);
    let numbered = partitions.into_iter().enumerate().map(|(place, (which, size, items))| Partition {
        id: format!("{:0digits$}", place + 1),
        place: which,
        size,
        items,
    });
    Ok(Split { total, partitions: numbered.collect() })
}

type Parted = (Place, i64, Option<Val>);

/// Items one by one, or several together.
fn list(settings: &Settings, parts: Parts, data: &Val) -> Result<(i64, Vec<Parted>), Failure> {
    let items = ordered(settings, items(data)?)?;
    let total = whole(items.len());
    let bounds = bounds(settings, parts, total)?;
    let parted = bounds.into_iter().map(|(start, end)| {
        let within = place(start)..place(end);
        let members = settings.has_items.then(|| items[within].iter().cloned().collect());
        (Place::Positions(start, end), end - start, members)
    });
    Ok((total, parted.collect()))
}

/// A count in ranges, without items.
fn ranges(settings: &Settings, parts: Parts, data: &Val) -> Result<(i64, Vec<Parted>), Failure> {
    let total = count(data)?;
    let mut bounds = bounds(settings, parts, total)?;
    if settings.order == Order::Descending {
        bounds.reverse();
    }
    let parted = bounds.into_iter().map(|(start, end)| (Place::Positions(start, end), end - start, None));
    Ok((total, parted.collect()))
}

/// Items that have the same key together; in a group, they are in the order in which they came.
fn groups(settings: &Settings, key: &Filter, data: &Val) -> Result<(i64, Vec<Parted>), Failure> {
    let items = items(data)?;
    let keys = keys(key, items, "/config/group_by")?;
    let places = sorted(&keys, Val::cmp);
    let mut groups: Vec<&[usize]> = places.chunk_by(|l, r| compare(&keys[*l], &keys[*r]).is_eq()).collect();
    check(settings, whole(groups.len()))?;
    match settings.order {
        Order::Source => groups.sort_by_key(|group| group[0]),
        Order::Ascending => {}
        Order::Descending => groups.reverse(),
    }
    let parted = groups.into_iter().map(|group| {
        let members = settings.has_items.then(|| group.iter().map(|place| items[*place].clone()).collect());
        (Place::Key(keys[group[0]].clone()), whole(group.len()), members)
    });
    Ok((whole(items.len()), parted.collect()))
}

/// The items in the order that is wanted.
fn ordered(settings: &Settings, items: &[Val]) -> Result<Vec<Val>, Failure> {
    if settings.order == Order::Source {
        return Ok(items.to_vec());
    }
    let keys = match &settings.order_by {
        Some(key) => keys(key, items, "/config/order_by")?,
        None => items.to_vec(),
    };
    let places = match settings.order {
        Order::Descending => sorted(&keys, |l, r| r.cmp(l)),
        _ => sorted(&keys, Val::cmp),
    };
    Ok(places.into_iter().map(|place| items[place].clone()).collect())
}

/// What a filter gives for each item.
fn keys(filter: &Filter, items: &[Val], pointer: &str) -> Result<Vec<Val>, Failure> {
    let keys = items.iter().enumerate().map(|(place, item)| {
        filter.run(item.clone()).map_err(|failure| failure.at(pointer).with_count("item", place))
    });
    keys.collect()
}

/// The places of values in their order; equal ones stay as they are.
fn sorted(values: &[Val], compare: impl Fn(&Val, &Val) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..values.len()).collect();
    let mut sort = || places.sort_by(|l, r| compare(&values[*l], &values[*r]));
    if values.iter().any(|value| value.height() > HIGH) {
        deep::on_large_stack(sort);
    } else {
        sort();
    }
    places
}

fn compare(l: &Val, r: &Val) -> Ordering {
    if l.height().min(r.height()) > HIGH {
        return deep::on_large_stack(|| l.cmp(r));
    }
    l.cmp(r)
}

/// From where to where each part goes.
fn bounds(settings: &Settings, parts: Parts, total: i64) -> Result<Vec<(i64, i64)>, Failure> {
    match parts {
        Parts::OfSize(size) => {
            let most = settings.max_partitions;
            let mut size = size;
            if settings.enlarges && total > size * most {
                let enlarged = (total - 1) / most + 1;
                log::info(&format!("parts of {enlarged} instead of {size}: more than {most} would be too many"));
                size = enlarged;
            }
            let number = if total == 0 { 0 } else { (total - 1) / size + 1 };
            check(settings, number)?;
            Ok((0..number).map(|part| (part * size, (part * size + size).min(total))).collect())
        }
        Parts::InNumber(number) => {
            let number = number.min(total);
            let ends = (1..=number).map(|part| end(total, number, part));
            let starts = (0..number).map(|part| end(total, number, part));
            Ok(starts.zip(ends).collect())
        }
    }
}

/// Where a part ends, of which there are so many; the first ones are larger by one if that is needed.
fn end(total: i64, number: i64, part: i64) -> i64 {
    (total / number) * part + (total % number).min(part)
}

fn check(settings: &Settings, number: i64) -> Result<(), Failure> {
    let most = settings.max_partitions;
    if number <= most {
        return Ok(());
    }
    let message = format!("the data has {number} parts, and max_partitions is {most}");
    let failure = Failure::new("too_many_partitions", message);
    Err(failure.with("partitions", Val::Int(number)).with("max_partitions", Val::Int(most)))
}

fn items(data: &Val) -> Result<&[Val], Failure> {
    match data {
        Val::Arr(items) => Ok(items),
        other => Err(invalid(format!("expected an array, found {}", other.type_name()))),
    }
}

fn count(data: &Val) -> Result<i64, Failure> {
    let number = match data {
        Val::Int(count) => Some(*count),
        Val::Float(_) | Val::Num(_) => whole_number(data),
        other => return Err(invalid(format!("expected a number, found {}", other.type_name()))),
    };
    match number {
        Some(count @ 0..=MAX_COUNT) => Ok(count),
        _ => Err(invalid(format!("expected a whole number from 0 to {MAX_COUNT}, found {}", json::to_string(data)))),
    }
}

/// A number that is written with a fraction or an exponent, and whole.
fn whole_number(data: &Val) -> Option<i64> {
    let number = data.as_float().ok().filter(|number| number.fract() == 0.0)?;
    Val::whole(number).as_int().ok()
}

fn invalid(problem: String) -> Failure {
    Failure::new("invalid_data", format!("/config/data: {problem}")).at("/config/data")
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn place(position: i64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}
