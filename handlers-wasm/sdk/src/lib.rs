//! Step handlers for WASM broker, in Rust.
//!
//! A handler is a value that implements [`Handler`]; [`handler!`] exports it to the broker. Each step runs in a fresh
//! instance of the module: no run sees anything of another one.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use wasm_broker_sdk::{Failure, Handler, Outcome, Step, Success};
//!
//! /// Adds the numbers of `context.numbers`.
//! struct Sum;
//!
//! #[derive(Deserialize)]
//! struct Context {
//!     numbers: Vec<f64>,
//! }
//!
//! #[derive(Serialize)]
//! struct Total {
//!     total: f64,
//! }
//!
//! impl Handler for Sum {
//!     fn run(&self, step: &Step<'_>) -> Outcome {
//!         let context: Context = step.context()?;
//!         let total: f64 = context.numbers.iter().sum();
//!         if !total.is_finite() {
//!             return Err(Failure::permanent("overflow", "the sum is not a finite number"));
//!         }
//!         Success::completed(&Total { total })
//!     }
//! }
//!
//! wasm_broker_sdk::handler!(Sum);
//!
//! // In a test, without the broker:
//! let document = br#"{"step":{"name":"add"},"context":{"numbers":[1,2.5]}}"#;
//! let result = wasm_broker_sdk::run(&Sum, document);
//! assert_eq!(result, br#"{"status":"completed","result":{"total":3.5}}"#);
//! ```
//!
//! # Panics
//!
//! A panic writes its message and place to standard error, which the broker logs, and ends the run as a trap. Use
//! [`Failure`] for what can be expected to go wrong: it has a type, and says whether to try again.

pub mod alloc;
pub mod base64;
pub mod host;
#[cfg(feature = "json")]
pub mod http;
pub mod log;
pub mod native;
pub mod secret;
pub mod time;

#[cfg(feature = "json")]
mod outcome;
#[cfg(feature = "json")]
mod step;

#[cfg(feature = "json")]
pub use outcome::{Failure, Outcome, Success};
#[cfg(feature = "json")]
pub use step::{Step, StepInfo, TaskInfo};

/// A program that turns a step into an outcome.
#[cfg(feature = "json")]
pub trait Handler {
    /// Runs one step.
    ///
    /// # Errors
    ///
    /// A [`Failure`] says what went wrong and whether another attempt may help.
    fn run(&self, step: &Step<'_>) -> Outcome;
}

/// Runs a handler on the bytes of a step document; gives the bytes of the result document.
///
/// A document that is not a step document gives a failure of type `invalid_step_document`.
#[cfg(feature = "json")]
pub fn run(handler: &impl Handler, document: &[u8]) -> Vec<u8> {
    let outcome = Step::parse(document).and_then(|step| handler.run(&step));
    outcome::encode(&outcome)
}

/// Exports a [`Handler`] to the broker as `run`. On other targets than WebAssembly it exports nothing.
#[cfg(feature = "json")]
#[macro_export]
macro_rules! handler {
    ($handler:expr) => {
        $crate::byte_handler!(|document: &[u8]| $crate::run(&$handler, document));
    };
}

/// Exports a function from step document to result document, both as bytes, to the broker as `run`.
///
/// For handlers that read documents in their own way; [`handler!`] is the comfortable one.
#[macro_export]
macro_rules! byte_handler {
    ($function:expr) => {
        const _: () = {
            #[cfg(target_family = "wasm")]
            #[unsafe(no_mangle)]
            extern "C" fn run() -> i32 {
                $crate::host::serve($function)
            }
        };
    };
}

/// The examples of the README are compiled and run as tests.
#[cfg(all(doctest, feature = "json"))]
#[doc = include_str!("../README.md")]
struct Readme;
