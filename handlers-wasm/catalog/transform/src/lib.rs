//! The handler `transform`: reshapes JSON with a jq filter.
//!
//! The filter of the step's configuration sees an object of the step document's `context`, `deps`, `prev` and `step`,
//! and its only output is the step's result, if the JSON Schema `output` of the configuration, if any, allows it.

mod output;

use catalog_kit::filter::Prelude;
use catalog_kit::{Failure, Map, Val, config, jq, json};
use std::cell::RefCell;
use std::rc::Rc;

/// The parts of the step document that a filter sees.
const SEEN: [&str; 4] = ["context", "deps", "prev", "step"];

#[global_allocator]
static ALLOCATOR: wasm_broker_sdk::alloc::RunAllocator<{ 384 * 1024 }> =
    wasm_broker_sdk::alloc::RunAllocator::new();

thread_local! {
    static PRELUDE: RefCell<Option<Prelude>> = const { RefCell::new(None) };
}

/// Sets up what no step changes. The build runs it and keeps the memory that it leaves as the module's own.
pub fn set_up() {
    PRELUDE.set(Some(Prelude::new()));
}

/// Runs one step: the bytes of the step document to those of the result document.
pub fn transform(document: &[u8]) -> Vec<u8> {
    jq::natives::forget();
    let mut result = String::with_capacity(1024);
    match run(document) {
        Ok(value) => {
            result.push_str(r#"{"status":"completed","result":"#);
            json::write(&mut result, &value);
            result.push('}');
            // Taking a value apart piece by piece is not worth the time: the instance ends with the run.
            #[cfg(target_family = "wasm")]
            std::mem::forget(value);
        }
        Err(failure) => failure.write(&mut result),
    }
    result.into_bytes()
}

fn run(document: &[u8]) -> Result<Val, Failure> {
    let document = config::document(document)?;
    let config = Config::of(&document)?;
    let filter = PRELUDE.with_borrow_mut(|prelude| {
        prelude
            .get_or_insert_with(Prelude::new)
            .compile(&config.filter)
            .map_err(|failure| failure.at("/config/filter"))
    })?;
    let envelope = SEEN.map(|name| {
        let part = document.get(name).cloned().unwrap_or_default();
        (Rc::new(name.to_owned()), part)
    });
    drop(document);
    let result = filter.run(Val::obj(envelope.into_iter().collect()))?;
    if json::is_deeper_than(&result, json::MAX_DEPTH) {
        let message = format!("the result is nested deeper than {} levels", json::MAX_DEPTH);
        return Err(Failure::new("result_too_deep", message));
    }
    if let Some(schema) = &config.output {
        output::check(schema, &result)?;
    }
    Ok(result)
}

/// The configuration of a step; keys that are not ours belong to somebody else.
struct Config {
    filter: Rc<String>,
    output: Option<Val>,
}

impl Config {
    fn of(document: &Map) -> Result<Self, Failure> {
        let config = config::config(document)?;
        let filter = match config.get("filter") {
            Some(Val::Str(filter)) => Rc::clone(filter),
            other => return Err(config::expected("/config/filter", "a string", other)),
        };
        let output = match config.get("output") {
            Some(schema @ (Val::Obj(_) | Val::Bool(_))) => Some(schema.clone()),
            None => None,
            other => return Err(config::expected("/config/output", "a JSON Schema (an object or a boolean)", other)),
        };
        Ok(Self { filter, output })
    }
}

wasm_broker_sdk::byte_handler!(transform);

#[cfg(target_family = "wasm")]
#[unsafe(no_mangle)]
extern "C" fn initialize_snapshot() {
    set_up();
}
