//! The frame of a handler: from the bytes of a step document to those of the result document.
//!
//! A handler says what it makes of a configuration and of a step ([`Handler`]); [`handler!`](crate::handler!) exports it
//! to the broker, with what is the same for all of them.

use crate::config;
use crate::failure::Failure;
use crate::json;
use crate::map::Map;
use crate::value::Val;
use std::rc::Rc;

/// What became of a configuration, and what it makes of a step.
pub trait Handler: Sized {
    /// Works a configuration in.
    ///
    /// # Errors
    ///
    /// As a step of this configuration fails.
    fn of(config: &Rc<Map>) -> Result<Self, Failure>;

    /// Runs one step, whose document may lack the configuration.
    ///
    /// # Errors
    ///
    /// The failure of the step.
    fn run(&self, document: Rc<Map>) -> Result<Outcome, Failure>;

    /// Runs one step whose configuration was not worked in before.
    ///
    /// # Errors
    ///
    /// The failure of the step. Which one it is when several things are wrong depends on what is done first.
    fn run_with_config(document: Rc<Map>) -> Result<Outcome, Failure> {
        let handler = Self::of(config::config(&document)?)?;
        handler.run(document)
    }
}

/// How a step ends that does not fail.
pub enum Outcome {
    /// With a result.
    Completed(Val),
    /// It is to go on from here in another run.
    Checkpoint {
        /// What that run needs to know.
        cursor: Val,
    },
}

impl From<Val> for Outcome {
    fn from(result: Val) -> Self {
        Self::Completed(result)
    }
}

impl Outcome {
    fn write(self, document: &mut String) {
        let value = match self {
            Self::Completed(result) => {
                document.push_str(r#"{"status":"completed","result":"#);
                json::write(document, &result);
                document.push('}');
                result
            }
            Self::Checkpoint { cursor } => {
                document.push_str(r#"{"status":"checkpoint","cursor":"#);
                json::write(document, &cursor);
                document.push_str(r#","items_processed":0}"#);
                cursor
            }
        };
        // Taking a value apart piece by piece is not worth the time: the instance ends with the run.
        if cfg!(target_family = "wasm") {
            std::mem::forget(value);
        }
    }
}

/// Works a configuration in. There is nothing if a step of it would fail: that is for the run to tell.
#[must_use]
pub fn prepare<H: Handler>(configuration: Vec<u8>) -> Option<H> {
    let config = config::to_prepare(&configuration);
    drop(configuration);
    config.and_then(|config| H::of(&config).ok())
}

/// Runs one step: the bytes of the step document to those of the result document.
#[must_use]
pub fn run<H: Handler>(prepared: Option<&H>, document: &[u8]) -> Vec<u8> {
    #[cfg(feature = "jq")]
    crate::jq::natives::forget();
    let mut result = String::with_capacity(1024);
    match outcome(prepared, document) {
        Ok(outcome) => outcome.write(&mut result),
        Err(failure) => failure.write(&mut result),
    }
    result.into_bytes()
}

fn outcome<H: Handler>(prepared: Option<&H>, document: &[u8]) -> Result<Outcome, Failure> {
    match prepared {
        Some(handler) => handler.run(config::document_without_config(document)?),
        None => H::run_with_config(config::document(document)?),
    }
}

/// A result that the broker can read.
///
/// # Errors
///
/// `result_too_deep`
pub fn checked(result: Val) -> Result<Val, Failure> {
    if json::is_deeper_than(&result, json::MAX_DEPTH) {
        let message = format!("the result is nested deeper than {} levels", json::MAX_DEPTH);
        return Err(Failure::new("result_too_deep", message));
    }
    Ok(result)
}

/// Exports a [`Handler`](crate::handler::Handler) to the broker, and makes the functions `prepare` and `run` of it that
/// are called natively.
///
/// `memory` is how much the module's allocator has from the start, in bytes. With `set_up`, a function that sets up what no
/// step changes, the module can become a snapshot: the build runs it and keeps the memory that it leaves as the module's
/// own.
#[macro_export]
macro_rules! handler {
    ($handler:ty, memory: $memory:expr) => {
        #[global_allocator]
        static ALLOCATOR: ::wasm_broker_sdk::alloc::RunAllocator<{ $memory }> =
            ::wasm_broker_sdk::alloc::RunAllocator::new();

        /// Works a configuration in. There is nothing if a step of it would fail.
        #[must_use]
        pub fn prepare(configuration: Vec<u8>) -> Option<$handler> {
            let prepared = $crate::handler::prepare(configuration);
            ALLOCATOR.seal();
            prepared
        }

        /// Runs one step: the bytes of the step document to those of the result document.
        #[must_use]
        pub fn run(prepared: Option<&$handler>, document: &[u8]) -> Vec<u8> {
            $crate::handler::run(prepared, document)
        }

        ::wasm_broker_sdk::byte_handler!(run, prepare: prepare => $handler);
    };
    ($handler:ty, memory: $memory:expr, set_up: $set_up:path) => {
        $crate::handler!($handler, memory: $memory);

        #[cfg(target_family = "wasm")]
        #[unsafe(no_mangle)]
        extern "C" fn initialize_snapshot() {
            $set_up();
            ALLOCATOR.seal();
            ::wasm_broker_sdk::host::clean_stack();
        }
    };
}
