//! What a configuration says.

use catalog_kit::filter::{Filter, Prelude};
use catalog_kit::{Failure, Map, Text, Val, config, output};

const MAX_SOURCES: usize = 100;
/// A name or a pattern is at most so long, in bytes.
const MAX_NAME: usize = 200;

/// The configuration of a step, with its filters compiled.
pub struct Settings {
    /// Names of steps, and patterns with `*`.
    pub sources: Vec<Text>,
    /// The step whose batch workers are sources.
    pub batch_workers: Option<Text>,
    pub failed_when: Option<Filter>,
    pub value: Option<Filter>,
    pub flatten: bool,
    pub reduction: Reduction,
    /// The share of sources that may fail, from 0 to 1.
    pub failure_threshold: f64,
    /// A source that is missing is as good as none, and has not failed.
    pub ignores_missing: bool,
    pub order: Order,
    pub order_by: Option<Filter>,
}

/// What becomes of the values.
pub enum Reduction {
    Merge(Conflict),
    Concat,
    Sum,
    Min,
    Max,
    Count,
    Group(Filter),
    Custom(Filter),
}

/// What becomes of two members with the same key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    Last,
    First,
    Deep,
    Fail,
}

/// In which order the values are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Sources,
    Ascending,
    Descending,
}

impl Reduction {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Merge(_) => "merge",
            Self::Concat => "concat",
            Self::Sum => "sum",
            Self::Min => "min",
            Self::Max => "max",
            Self::Count => "count",
            Self::Group(_) => "group",
            Self::Custom(_) => "custom",
        }
    }
}

impl Settings {
    /// Reads and compiles a configuration; keys that are not ours belong to somebody else.
    pub fn of(config: &Map, prelude: &Prelude) -> Result<Self, Failure> {
        let sources = sources(config)?;
        let batch_workers = match config.get("batch_workers") {
            None => None,
            Some(name) => Some(source(name, "/config/batch_workers")?),
        };
        if batch_workers.as_ref().is_some_and(|name| name.contains('*')) {
            return Err(config::invalid("/config/batch_workers", "is the name of a step and no pattern"));
        }
        if sources.is_empty() && batch_workers.is_none() {
            return Err(config::invalid("/config/sources", "expected sources, or batch_workers; found neither"));
        }
        let reduction = reduction(config, prelude)?;
        let order = match config::word(config, "order", &["sources", "ascending", "descending"])? {
            "ascending" => Order::Ascending,
            "descending" => Order::Descending,
            _ => Order::Sources,
        };
        let order_by = prelude.optional(config, "order_by")?;
        if order_by.is_some() && order == Order::Sources {
            return Err(config::invalid("/config/order_by", "is of no use without an order, ascending or descending"));
        }
        output::of(config)?;
        Ok(Self {
            sources,
            batch_workers,
            failed_when: prelude.optional(config, "failed_when")?,
            value: prelude.optional(config, "value")?,
            flatten: config::switch(config, "flatten")?,
            reduction,
            failure_threshold: threshold(config)?,
            ignores_missing: config::word(config, "on_missing", &["failed", "ignore"])? == "ignore",
            order,
            order_by,
        })
    }
}

fn sources(config: &Map) -> Result<Vec<Text>, Failure> {
    let pointer = "/config/sources";
    let given = match config.get("sources") {
        None => return Ok(Vec::new()),
        Some(one @ Val::Str(_)) => return Ok(vec![source(one, pointer)?]),
        Some(Val::Arr(given)) => given,
        other => return Err(config::expected(pointer, "a step's name, a pattern, or an array of them", other)),
    };
    if given.is_empty() || given.len() > MAX_SOURCES {
        let problem = format!("expected 1 to {MAX_SOURCES} names or patterns, found {}", given.len());
        return Err(config::invalid(pointer, problem));
    }
    let mut sources = Vec::with_capacity(given.len());
    for (place, name) in given.iter().enumerate() {
        let at = format!("{pointer}/{place}");
        let name = source(name, &at)?;
        if sources.contains(&name) {
            return Err(config::invalid(&at, format!("repeats {:?}", name.as_str())));
        }
        sources.push(name);
    }
    Ok(sources)
}

fn source(name: &Val, pointer: &str) -> Result<Text, Failure> {
    match name {
        Val::Str(name) if name.is_empty() || name.len() > MAX_NAME => {
            let problem = format!("expected 1 to {MAX_NAME} bytes, found {}", name.len());
            Err(config::invalid(pointer, problem))
        }
        Val::Str(name) => Ok(name.clone()),
        other => Err(config::expected(pointer, "a string", Some(other))),
    }
}

fn reduction(config: &Map, prelude: &Prelude) -> Result<Reduction, Failure> {
    if !config.contains_key("reduction") {
        return Err(config::expected("/config/reduction", "a string", None));
    }
    let words = ["merge", "concat", "sum", "min", "max", "count", "group", "custom"];
    let word = config::word(config, "reduction", &words)?;
    for (key, of) in [("on_conflict", "merge"), ("group_by", "group"), ("expression", "custom")] {
        if word != of && config.contains_key(key) {
            let problem = format!("is of no use with the reduction {word}");
            return Err(config::invalid(&format!("/config/{key}"), problem));
        }
    }
    Ok(match word {
        "merge" => Reduction::Merge(conflict(config)?),
        "concat" => Reduction::Concat,
        "sum" => Reduction::Sum,
        "min" => Reduction::Min,
        "max" => Reduction::Max,
        "count" => Reduction::Count,
        "group" => Reduction::Group(prelude.required(config, "group_by")?),
        _ => Reduction::Custom(prelude.required(config, "expression")?),
    })
}

fn conflict(config: &Map) -> Result<Conflict, Failure> {
    Ok(match config::word(config, "on_conflict", &["last", "first", "deep", "fail"])? {
        "first" => Conflict::First,
        "deep" => Conflict::Deep,
        "fail" => Conflict::Fail,
        _ => Conflict::Last,
    })
}

fn threshold(config: &Map) -> Result<f64, Failure> {
    let pointer = "/config/failure_threshold";
    match config.get("failure_threshold") {
        None => Ok(0.0),
        Some(number @ (Val::Int(_) | Val::Float(_) | Val::Num(_))) => match number.as_float() {
            Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
            _ => Err(config::invalid(pointer, "expected a number from 0 to 1")),
        },
        other => Err(config::expected(pointer, "a number", other)),
    }
}
