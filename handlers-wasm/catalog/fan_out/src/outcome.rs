//! What the result says of the parts, and whom it asks to work on them.

use crate::partition::{Partition, Place, Split};
use crate::settings::{Messages, Settings, Work};
use catalog_kit::{Failure, Map, Text, Val};

/// The result of a step whose data was split.
pub fn result(settings: &Settings, split: Split, seen: &Val) -> Result<Val, Failure> {
    let Split { total, partitions } = split;
    let mut result = Map::with_capacity(5);
    let mut add = |key: &str, value| result.insert(Text::from(key), value);
    add("strategy", Val::str(settings.strategy.word()));
    add("total_items", Val::Int(total));
    add("partition_count", count(partitions.len()));
    match &settings.work {
        Work::Nobody => add("partitions", partitions.iter().map(|one| Val::obj(one.members(true))).collect()),
        Work::Batches(worker) => {
            add("partitions", partitions.iter().map(|one| Val::obj(one.members(false))).collect());
            add("batch_processing_outcome", batches(worker, total, &partitions));
        }
        Work::Messages(messages) => {
            let named = partitions.iter().map(|one| {
                let mut members = one.members(false);
                members.insert(Text::from("step"), Val::from(messages.step_name(one)));
                Val::obj(members)
            });
            add("partitions", named.collect());
            let steps = partitions.iter().map(|one| messages.step(one, seen)).collect::<Result<Val, Failure>>()?;
            add("new_steps_outcome", object([("steps", steps)]));
        }
    }
    Ok(Val::obj(result))
}

/// What Tasker's orchestrator reads.
fn batches(worker: &Text, total: i64, partitions: &[Partition]) -> Val {
    if partitions.is_empty() {
        return object([("type", Val::str("no_batches"))]);
    }
    object([
        ("type", Val::str("create_batches")),
        ("worker_template_name", Val::Str(worker.clone())),
        ("worker_count", count(partitions.len())),
        ("cursor_configs", partitions.iter().map(cursor).collect()),
        ("total_items", Val::Int(total)),
    ])
}

/// Where a batch worker starts and ends. One that is given its items has them at the start.
fn cursor(partition: &Partition) -> Val {
    let (start, end) = match (&partition.items, &partition.place) {
        (Some(items), _) => (items.clone(), Val::Null),
        (None, Place::Positions(start, end)) => (Val::Int(*start), Val::Int(*end)),
        (None, Place::Key(key)) => (key.clone(), key.clone()),
    };
    object([
        ("batch_id", Val::str(&partition.id)),
        ("start_cursor", start),
        ("end_cursor", end),
        ("batch_size", Val::Int(partition.size)),
    ])
}

impl Messages {
    fn step_name(&self, partition: &Partition) -> String {
        format!("{}_{}", self.name, partition.id)
    }

    /// The message of a part.
    fn step(&self, partition: &Partition, seen: &Val) -> Result<Val, Failure> {
        let mut members = Map::with_capacity(7);
        members.insert(Text::from("name"), Val::from(self.step_name(partition)));
        members.extend(self.before_input.clone());
        members.insert(Text::from("input"), self.input(partition, seen)?);
        members.extend(self.after_input.clone());
        Ok(Val::obj(members))
    }

    /// What the step of a part works on: the part, or what the filter makes of it.
    fn input(&self, partition: &Partition, seen: &Val) -> Result<Val, Failure> {
        let part = Val::obj(partition.members(true));
        let (Some(filter), Val::Obj(seen)) = (&self.input, seen) else {
            return Ok(part);
        };
        let mut seen = Map::clone(seen);
        seen.insert(Text::from("partition"), part);
        filter.run(Val::obj(seen)).map_err(|failure| failure.at("/config/messages/input").with("partition", partition.id.clone()))
    }
}

fn object<const N: usize>(members: [(&str, Val); N]) -> Val {
    Val::obj(members.into_iter().map(|(key, value)| (Text::from(key), value)).collect())
}

fn count(count: usize) -> Val {
    Val::Int(i64::try_from(count).unwrap_or(i64::MAX))
}
