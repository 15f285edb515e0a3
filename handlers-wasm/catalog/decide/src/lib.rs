//! The handler `decide`: finds by rules which way a workflow goes.
//!
//! The rules of the configuration are conditions, each a jq filter with an outcome. The result has the outcome of the
//! first one that matches, or of all that do, with what each condition gave; and, if the configuration routes outcomes
//! to steps, the `decision_point_outcome` that Tasker's orchestrator creates them by.

mod decision;
mod rules;

use catalog_kit::handler::{Handler, Outcome};
use catalog_kit::{Failure, Map, filter, seen};
use rules::Rules;
use std::rc::Rc;

impl Handler for Rules {
    fn of(config: &Rc<Map>) -> Result<Self, Failure> {
        filter::with_prelude(|prelude| Self::read(config, prelude))
    }

    fn run(&self, document: Rc<Map>) -> Result<Outcome, Failure> {
        decision::decide(self, seen::seen(&document)).map(Outcome::Completed)
    }
}

catalog_kit::handler!(Rules, memory: 136 * 1024, set_up: filter::set_up);
