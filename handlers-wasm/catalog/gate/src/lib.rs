//! The handler `gate`: lets a workflow go on when somebody else has decided.
//!
//! Criteria, which are jq filters, say whether what the step document has by now is an approval or a rejection. As long
//! as it is neither, the step ends with a retryable error and a delay: nothing is held while it waits. What depends on how
//! long it has waited counts from a time that the data has (`since`), or from the first attempt, whose time is kept in a
//! checkpoint.

mod clock;
mod criteria;
mod data;
mod settings;
mod wait;

use catalog_kit::handler::{Handler, Outcome};
use catalog_kit::{Failure, Map, Val, filter, seen};
use criteria::Verdict;
use settings::Settings;
use std::rc::Rc;
use wait::Wait;

impl Handler for Settings {
    fn of(config: &Rc<Map>) -> Result<Self, Failure> {
        filter::with_prelude(|prelude| Self::read(config, prelude))
    }

    fn run(&self, document: Rc<Map>) -> Result<Outcome, Failure> {
        let input = seen::seen(&document);
        let looked = self.criteria.look(&input)?;
        let since = wait::since(self, &document, &input)?;
        if looked.verdict != Verdict::Waiting {
            return self.decided(looked, &input, since).map(Outcome::Completed);
        }
        if since.is_none() && self.counts_time() {
            let first = Val::Int(wait::first(&document)?);
            let cursor = Val::obj(Map::from_iter([(wait::CURSOR.into(), first)]));
            return Ok(Outcome::Checkpoint { cursor });
        }
        Wait::new(self, &document, since, clock::now()).end(looked).map(Outcome::Completed)
    }
}

catalog_kit::handler!(Settings, memory: 136 * 1024, set_up: filter::set_up);
