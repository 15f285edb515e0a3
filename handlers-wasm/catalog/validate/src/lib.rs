//! The handler `validate`: checks data where it comes in against a JSON Schema.
//!
//! The data is the step document's `prev`, or its `context` if `prev` is null. What the schema says may be used to
//! change the data first: to read numbers and booleans out of strings (`coerce`), and to leave out what the schema does
//! not name (`filter_extra`). Data that fits is the step's result.

mod coerce;
mod dates;
mod filter;

use catalog_kit::handler::{Handler, Outcome};
use catalog_kit::schema::{self, Place, Schema, ViolationOptions, Violation};
use catalog_kit::{Failure, Map, Val, config, deep};
use dates::{Notation, Order};
use std::rc::Rc;
use wasm_broker_sdk::log;

const PLACE: Place = Place {
    pointer: "/config/schema",
    error_type: "invalid_config",
};
/// Data comes from outside: what is wrong with it is told without it.
const TELLING: ViolationOptions = ViolationOptions {
    limit: 50,
    values: false,
};

/// Data that is nested deeper needs more room on the stack.
const HIGH: u32 = 40;

/// What runs of a configuration need.
pub struct Validate {
    config: Config,
    schema: Schema<'static>,
}

impl Handler for Validate {
    fn of(config: &Rc<Map>) -> Result<Self, Failure> {
        let (config, schema) = Config::of(config)?;
        Ok(Self { config, schema: Schema::kept(schema, PLACE)? })
    }

    /// Checks the data of a step document.
    fn run(&self, document: Rc<Map>) -> Result<Outcome, Failure> {
        let data = match document.get("prev") {
            Some(Val::Null) | None => document.get("context").cloned().unwrap_or_default(),
            Some(prev) => prev.clone(),
        };
        drop(document);
        let checked = match data.height() > HIGH {
            true => deep::on_large_stack(|| check_data(&self.config, &self.schema, data)),
            false => check_data(&self.config, &self.schema, data),
        };
        checked.map(Outcome::Completed)
    }
}

fn check_data(config: &Config, schema: &Schema<'_>, mut data: Val) -> Result<Val, Failure> {
    let mut violations = match config.coerce {
        true => coerce::coerce(schema, config.notation, &mut data),
        false => Vec::new(),
    };
    if config.filter_extra {
        filter::filter(schema, &mut data);
    }
    // One thing that is wrong with a value is told once.
    let mut others = schema.violations(&data, TELLING)?;
    others.retain(|other| {
        other.keyword != "type" || !violations.iter().any(|violation| violation.pointer == other.pointer)
    });
    violations.append(&mut others);
    violations.truncate(TELLING.limit);
    if violations.is_empty() {
        return Ok(data);
    }
    match config.on_failure {
        OnFailure::Error => {
            let message = format!("the data does not satisfy the schema: {}", schema::listed(&violations));
            let violations = schema::as_values(violations);
            Err(Failure::new("validation_failed", message).with("violations", violations))
        }
        OnFailure::Warn => {
            log::warn(&format!("the data does not satisfy the schema: {}", schema::listed(&violations)));
            Ok(with_warnings(data, &violations))
        }
        OnFailure::Skip => Ok(data),
    }
}

/// The data with what is wrong with it; data that has no members becomes one.
fn with_warnings(data: Val, violations: &[Violation]) -> Val {
    let mut members = match data {
        Val::Obj(members) => Rc::unwrap_or_clone(members),
        data => Map::from_iter([("_value".to_owned().into(), data)]),
    };
    let warnings = violations.iter().map(|violation| Val::from(violation.to_string()));
    members.insert("_validation_warnings".to_owned().into(), warnings.collect());
    Val::obj(members)
}

/// What becomes of data that does not satisfy the schema.
enum OnFailure {
    Error,
    Warn,
    Skip,
}

struct Config {
    coerce: bool,
    notation: Notation,
    filter_extra: bool,
    on_failure: OnFailure,
}

impl Config {
    /// The configuration, and its schema.
    fn of(config: &Map) -> Result<(Self, Val), Failure> {
        let schema = schema::of(config, "schema")?.clone();
        let on_failure = match word(config, "on_failure", &["error", "warn", "skip"])? {
            Some("warn") => OnFailure::Warn,
            Some("skip") => OnFailure::Skip,
            _ => OnFailure::Error,
        };
        let notation = Notation {
            order: match word(config, "date_order", &["dmy", "mdy"])? {
                Some("dmy") => Some(Order::Dmy),
                Some(_) => Some(Order::Mdy),
                None => None,
            },
            milliseconds: word(config, "epoch_unit", &["seconds", "milliseconds"])? == Some("milliseconds"),
        };
        let config = Self {
            coerce: config::switch(config, "coerce")?,
            notation,
            filter_extra: config::switch(config, "filter_extra")?,
            on_failure,
        };
        Ok((config, schema))
    }
}

/// One of some words, if there is one.
fn word<'c>(config: &'c Map, key: &str, words: &[&str]) -> Result<Option<&'c str>, Failure> {
    let pointer = format!("/config/{key}");
    match config.get(key) {
        None => Ok(None),
        Some(Val::Str(word)) if words.contains(&word.as_str()) => Ok(Some(word)),
        Some(Val::Str(other)) => {
            let (last, first) = words.split_last().expect("there are words");
            let problem = format!("expected \"{}\" or {last:?}, found {other:?}", first.join("\", \""));
            Err(config::invalid(&pointer, problem))
        }
        other => Err(config::expected(&pointer, "a string", other)),
    }
}

catalog_kit::handler!(Validate, memory: 64 * 1024);
