//! The handler `aggregate`: puts the results of steps together.
//!
//! Sources are steps by name or by pattern, and the batch workers of a step that split work. Those that failed or are
//! missing are counted, and the step fails if they are too many. What the others gave becomes one value: merged,
//! concatenated, summed up, the least or the greatest, counted, grouped, or what a filter makes of it.

mod reduction;
mod report;
mod settings;
mod sources;

use catalog_kit::handler::{self, Handler, Outcome};
use catalog_kit::schema::Schema;
use catalog_kit::{Failure, Map, Val, deep, filter, output, seen};
use settings::Settings;
use std::rc::Rc;

/// Values that are nested deeper need more room on the stack.
const HIGH: u32 = 40;

/// What runs of a configuration need.
pub struct Aggregate {
    settings: Settings,
    output: Option<Schema<'static>>,
}

impl Handler for Aggregate {
    fn of(config: &Rc<Map>) -> Result<Self, Failure> {
        Ok(Self {
            settings: filter::with_prelude(|prelude| Settings::of(config, prelude))?,
            output: output::of(config)?.map(output::kept).transpose()?,
        })
    }

    fn run(&self, document: Rc<Map>) -> Result<Outcome, Failure> {
        let seen = seen::seen(&document);
        let result = match seen.height() > HIGH {
            true => deep::on_large_stack(|| self.result(&document, &seen)),
            false => self.result(&document, &seen),
        };
        result.map(Outcome::Completed)
    }
}

impl Aggregate {
    /// Puts together what a step document has of the sources.
    fn result(&self, document: &Map, seen: &Val) -> Result<Val, Failure> {
        let settings = &self.settings;
        let sources = sources::read(settings, document)?;
        report::check(settings, &sources)?;
        let value = reduction::reduce(settings, &sources.used, seen)?;
        if let Some(schema) = &self.output {
            output::check(schema, &value)?;
        }
        handler::checked(report::result(settings, sources, value))
    }
}

catalog_kit::handler!(Aggregate, memory: 136 * 1024, set_up: filter::set_up);
