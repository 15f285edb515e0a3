//! What a configuration says.

use catalog_kit::filter::{Filter, Prelude};
use catalog_kit::{Failure, Map, Text, Val, config};

/// No policy allows more new work than this.
const MAX_PARTITIONS: i64 = 10_000;
/// A policy allows this much unless it says otherwise.
const DEFAULT_PARTITIONS: i64 = 100;
/// The largest part that Tasker's orchestrator can note.
pub const MAX_SIZE: i64 = u32::MAX as i64;
/// A name is at most so long, in bytes: with an id behind it, it is one of a step.
const MAX_NAME: usize = 120;
const MAX_HANDLER: usize = 64;
const MAX_VERSION: usize = 200;
const MAX_ATTEMPTS: i64 = 100;
const MAX_TIMEOUT_MS: i64 = 86_400_000;

/// What is in a message besides what is made for each part.
const MESSAGE_KEYS: [&str; 7] = ["handler", "version", "config", "name", "input", "max_attempts", "timeout_ms"];

/// The configuration of a step, with its filters compiled.
pub struct Settings {
    pub data: Filter,
    pub strategy: Strategy,
    pub max_partitions: i64,
    /// Parts that would be too many are made larger instead.
    pub enlarges: bool,
    pub order: Order,
    pub order_by: Option<Filter>,
    /// Parts have their items, and not only where these are.
    pub has_items: bool,
    pub work: Work,
}

/// How the data is split.
pub enum Strategy {
    PerItem,
    Chunks(Parts),
    Groups(Filter),
    Ranges(Parts),
}

/// How large parts are: each, or all together.
#[derive(Clone, Copy)]
pub enum Parts {
    OfSize(i64),
    InNumber(i64),
}

/// In which order items or groups are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Source,
    Ascending,
    Descending,
}

/// Who works on the parts.
pub enum Work {
    /// Whoever reads the result.
    Nobody,
    /// Batch workers of Tasker, made after this step of the template.
    Batches(Text),
    /// Steps that the broker sends.
    Messages(Messages),
}

/// What the messages of the parts have.
pub struct Messages {
    /// The names of the steps begin with it.
    pub name: Text,
    pub before_input: Map,
    pub after_input: Map,
    pub input: Option<Filter>,
}

impl Strategy {
    pub fn word(&self) -> &'static str {
        match self {
            Self::PerItem => "per_item",
            Self::Chunks(_) => "chunks",
            Self::Groups(_) => "groups",
            Self::Ranges(_) => "ranges",
        }
    }
}

impl Settings {
    /// Reads and compiles a configuration; keys that are not ours belong to somebody else.
    pub fn read(config: &Map, prelude: &Prelude) -> Result<Self, Failure> {
        let data = prelude.required(config, "data")?;
        let max_partitions = count(config, "max_partitions", "/config", MAX_PARTITIONS)?.unwrap_or(DEFAULT_PARTITIONS);
        let strategy = strategy(config, max_partitions, prelude)?;
        let work = work(config, prelude)?;
        let enlarges = config::word(config, "on_excess", &["fail", "enlarge"])? == "enlarge";
        if enlarges && !matches!(strategy, Strategy::Chunks(Parts::OfSize(_)) | Strategy::Ranges(Parts::OfSize(_))) {
            return Err(config::invalid("/config/on_excess", "only chunks and ranges of a size can be enlarged"));
        }
        let order = match config::word(config, "order", &["source", "ascending", "descending"])? {
            "ascending" => Order::Ascending,
            "descending" => Order::Descending,
            _ => Order::Source,
        };
        let order_by = prelude.optional(config, "order_by")?;
        if order_by.is_some() && order == Order::Source {
            return Err(config::invalid("/config/order_by", "is of no use without an order, ascending or descending"));
        }
        let is_list = matches!(strategy, Strategy::PerItem | Strategy::Chunks(_));
        if order_by.is_some() && !is_list {
            return Err(no_use("order_by", &strategy));
        }
        let has_items = match config.get("include_items") {
            Some(_) if matches!(strategy, Strategy::Ranges(_)) => return Err(no_use("include_items", &strategy)),
            Some(_) => config::switch(config, "include_items")?,
            None => !matches!(work, Work::Batches(_)),
        };
        Ok(Self { data, strategy, max_partitions, enlarges, order, order_by, has_items, work })
    }
}

fn strategy(config: &Map, max_partitions: i64, prelude: &Prelude) -> Result<Strategy, Failure> {
    if !config.contains_key("strategy") {
        return Err(config::expected("/config/strategy", "a string", None));
    }
    let given = config::word(config, "strategy", &["per_item", "chunks", "groups", "ranges"])?;
    let strategy = match given {
        "chunks" => Strategy::Chunks(parts(config, max_partitions)?),
        "ranges" => Strategy::Ranges(parts(config, max_partitions)?),
        "groups" => Strategy::Groups(prelude.required(config, "group_by")?),
        _ => Strategy::PerItem,
    };
    let is_of_parts = matches!(strategy, Strategy::Chunks(_) | Strategy::Ranges(_));
    if let Some(key) = ["size", "parts"].into_iter().find(|key| !is_of_parts && config.contains_key(key)) {
        return Err(no_use(key, &strategy));
    }
    if !matches!(strategy, Strategy::Groups(_)) && config.contains_key("group_by") {
        return Err(no_use("group_by", &strategy));
    }
    Ok(strategy)
}

fn no_use(key: &str, strategy: &Strategy) -> Failure {
    let problem = format!("is of no use with the strategy {}", strategy.word());
    config::invalid(&format!("/config/{key}"), problem)
}

fn parts(config: &Map, max_partitions: i64) -> Result<Parts, Failure> {
    let size = count(config, "size", "/config", MAX_SIZE)?;
    let number = count(config, "parts", "/config", MAX_PARTITIONS)?;
    match (size, number) {
        (Some(size), None) => Ok(Parts::OfSize(size)),
        (None, Some(number)) if number > max_partitions => {
            let problem = format!("are {number}, and max_partitions is {max_partitions}");
            Err(config::invalid("/config/parts", problem))
        }
        (None, Some(number)) => Ok(Parts::InNumber(number)),
        (Some(_), Some(_)) => Err(config::invalid("/config/parts", "is given besides size; one of them is enough")),
        (None, None) => {
            let problem = "expected how many items a part has, or parts, how many there are; found neither";
            Err(config::invalid("/config/size", problem))
        }
    }
}

fn work(config: &Map, prelude: &Prelude) -> Result<Work, Failure> {
    let worker = match config.get("worker_template_name") {
        None => None,
        Some(_) => Some(name(config, "worker_template_name", "/config", MAX_NAME)?),
    };
    let pointer = "/config/messages";
    match (worker, config.get("messages")) {
        (None, None) => Ok(Work::Nobody),
        (Some(worker), None) => Ok(Work::Batches(worker)),
        (None, Some(Val::Obj(messages))) => Messages::of(messages, pointer, prelude).map(Work::Messages),
        (None, other) => Err(config::expected(pointer, "an object", other)),
        (Some(_), Some(_)) => {
            let problem = "is given besides worker_template_name: Tasker creates batch workers, or the broker sends messages";
            Err(config::invalid(pointer, problem))
        }
    }
}

impl Messages {
    fn of(given: &Map, pointer: &str, prelude: &Prelude) -> Result<Self, Failure> {
        if let Some(key) = given.keys().find(|key| !MESSAGE_KEYS.contains(&key.as_str())) {
            let problem = format!("has {}, but not {:?}", MESSAGE_KEYS.join(", "), key.as_str());
            return Err(config::invalid(pointer, problem));
        }
        let handler = name(given, "handler", pointer, MAX_HANDLER)?;
        let mut before_input = Map::with_capacity(3);
        before_input.insert(Text::from("handler"), Val::Str(handler.clone()));
        if given.contains_key("version") {
            let version = name(given, "version", pointer, MAX_VERSION)?;
            before_input.insert(Text::from("version"), Val::Str(version));
        }
        match given.get("config") {
            None => {}
            Some(config @ Val::Obj(_)) => before_input.insert(Text::from("config"), config.clone()),
            other => return Err(config::expected(&format!("{pointer}/config"), "an object", other)),
        }
        let mut after_input = Map::with_capacity(2);
        for (key, most) in [("max_attempts", MAX_ATTEMPTS), ("timeout_ms", MAX_TIMEOUT_MS)] {
            if let Some(number) = count(given, key, pointer, most)? {
                after_input.insert(Text::from(key), Val::Int(number));
            }
        }
        let name = match given.get("name") {
            None => handler,
            Some(_) => name(given, "name", pointer, MAX_NAME)?,
        };
        let input = match given.get("input") {
            None => None,
            Some(Val::Str(text)) => {
                let at = format!("{pointer}/input");
                Some(prelude.compile(text).map_err(|failure| failure.at(&at))?)
            }
            other => return Err(config::expected(&format!("{pointer}/input"), "a filter (a string)", other)),
        };
        Ok(Self { name, before_input, after_input, input })
    }
}

/// A text that is not empty and not too long.
fn name(members: &Map, key: &str, at: &str, most: usize) -> Result<Text, Failure> {
    let pointer = format!("{at}/{key}");
    match members.get(key) {
        Some(Val::Str(name)) if name.is_empty() || name.len() > most => {
            let problem = format!("expected 1 to {most} bytes, found {}", name.len());
            Err(config::invalid(&pointer, problem))
        }
        Some(Val::Str(name)) => Ok(name.clone()),
        other => Err(config::expected(&pointer, "a string", other)),
    }
}

/// A whole number from 1, if there is one.
fn count(members: &Map, key: &str, at: &str, most: i64) -> Result<Option<i64>, Failure> {
    let pointer = format!("{at}/{key}");
    match members.get(key) {
        None => Ok(None),
        Some(Val::Int(number)) if (1..=most).contains(number) => Ok(Some(*number)),
        Some(Val::Int(_) | Val::Float(_) | Val::Num(_)) => {
            Err(config::invalid(&pointer, format!("expected a whole number from 1 to {most}")))
        }
        other => Err(config::expected(&pointer, "a number", other)),
    }
}
