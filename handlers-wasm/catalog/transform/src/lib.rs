//! The handler `transform`: reshapes JSON with a jq filter.
//!
//! The filter of the step's configuration sees an object of the step document's `context`, `deps`, `prev` and `step`,
//! and its only output is the step's result, if the JSON Schema `output` of the configuration, if any, allows it.

use catalog_kit::filter::{self, Filter};
use catalog_kit::handler::{self, Handler, Outcome};
use catalog_kit::schema::Schema;
use catalog_kit::{Failure, Map, Text, Val, config, output, seen};
use std::rc::Rc;

/// What runs of a configuration need.
pub struct Transform {
    filter: Filter,
    output: Option<Schema<'static>>,
}

impl Handler for Transform {
    fn of(config: &Rc<Map>) -> Result<Self, Failure> {
        let config = Config::of(config)?;
        Ok(Self {
            filter: compile(&config)?,
            output: config.output.as_ref().map(output::kept).transpose()?,
        })
    }

    fn run(&self, document: Rc<Map>) -> Result<Outcome, Failure> {
        let result = apply(&self.filter, document)?;
        if let Some(schema) = &self.output {
            output::check(schema, &result)?;
        }
        Ok(Outcome::Completed(result))
    }

    /// The schema is looked over when there is something to check.
    fn run_with_config(document: Rc<Map>) -> Result<Outcome, Failure> {
        let config = Config::of(config::config(&document)?)?;
        let result = apply(&compile(&config)?, document)?;
        if let Some(schema) = &config.output {
            output::check(&output::prepare(schema)?, &result)?;
        }
        Ok(Outcome::Completed(result))
    }
}

fn compile(config: &Config) -> Result<Filter, Failure> {
    filter::with_prelude(|prelude| prelude.compile(&config.filter)).map_err(|failure| failure.at("/config/filter"))
}

/// Runs a filter on what it sees of a step document.
fn apply(filter: &Filter, document: Rc<Map>) -> Result<Val, Failure> {
    let seen = seen::seen(&document);
    drop(document);
    handler::checked(filter.run(seen)?)
}

/// The configuration of a step; keys that are not ours belong to somebody else.
struct Config {
    filter: Text,
    output: Option<Val>,
}

impl Config {
    fn of(config: &Map) -> Result<Self, Failure> {
        let filter = match config.get("filter") {
            Some(Val::Str(filter)) => filter.clone(),
            other => return Err(config::expected("/config/filter", "a string", other)),
        };
        let output = output::of(config)?.cloned();
        Ok(Self { filter, output })
    }
}

catalog_kit::handler!(Transform, memory: 136 * 1024, set_up: filter::set_up);
