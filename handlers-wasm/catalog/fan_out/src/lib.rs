//! The handler `fan_out`: splits work into parts for others.
//!
//! A filter of the configuration gives the data: items, or how many there are. They are split one by one, in chunks, in
//! groups by a key, or, of a count, in ranges. The result has the parts; for a task template of Tasker also the
//! `batch_processing_outcome` that its orchestrator creates batch workers by, and in the standalone protocol the
//! `new_steps_outcome` that the broker sends messages by.

mod outcome;
mod partition;
mod settings;

use catalog_kit::handler::{self, Handler, Outcome};
use catalog_kit::{Failure, Map, Val, deep, filter, seen};
use settings::Settings;
use std::rc::Rc;

/// Data that is nested deeper needs more room on the stack.
const HIGH: u32 = 40;

impl Handler for Settings {
    fn of(config: &Rc<Map>) -> Result<Self, Failure> {
        filter::with_prelude(|prelude| Self::read(config, prelude))
    }

    fn run(&self, document: Rc<Map>) -> Result<Outcome, Failure> {
        let seen = seen::seen(&document);
        drop(document);
        let result = match seen.height() > HIGH {
            true => deep::on_large_stack(|| result(self, seen)),
            false => result(self, seen),
        };
        result.map(Outcome::Completed)
    }
}

/// Splits the data of a step document.
fn result(settings: &Settings, seen: Val) -> Result<Val, Failure> {
    let data = settings.data.run(seen.clone()).map_err(|failure| failure.at("/config/data"))?;
    let split = partition::split(settings, &data)?;
    handler::checked(outcome::result(settings, split, &seen)?)
}

catalog_kit::handler!(Settings, memory: 136 * 1024, set_up: filter::set_up);
