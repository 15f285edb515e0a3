//! Step handlers for WASM broker, in Rust.
//!
//! A handler is a value that implements [`Handler`]; [`handler!`] exports it to the broker. Each step runs in a fresh
//! instance of the module: no run sees anything of another one. A [`PreparedHandler`] works its configuration in once, and
//! not in each step.
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
pub mod cache;
pub mod content;
pub mod host;
#[cfg(feature = "json")]
pub mod http;
pub mod log;
pub mod native;
pub mod percent;
pub mod secret;
pub mod stream;
pub mod time;

#[cfg(feature = "json")]
mod outcome;
#[cfg(feature = "json")]
mod step;

#[cfg(feature = "json")]
pub use outcome::{Failure, Outcome, Success};
#[cfg(feature = "json")]
pub use step::{Config, Step, StepInfo, TaskInfo};

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

/// A handler that works its configuration in before it sees a step: the handler is what became of the configuration.
///
/// The broker prepares a handler once for each configuration, keeps the memory of that instance as an image, and starts
/// every step of that configuration from it. [`prepared_handler!`] exports it.
///
/// ```
/// use serde::Deserialize;
/// use wasm_broker_sdk::{Config, Failure, Outcome, PreparedHandler, Step, Success};
///
/// /// Writes `context` into the text of the configuration's `greeting`, in which `{}` stands for the name.
/// struct Greet {
///     before: String,
///     after: String,
/// }
///
/// #[derive(Deserialize)]
/// struct Greeting {
///     greeting: String,
/// }
///
/// impl PreparedHandler for Greet {
///     fn prepare(config: &Config<'_>) -> Result<Self, Failure> {
///         let Greeting { greeting } = config.read()?;
///         let (before, after) = greeting
///             .split_once("{}")
///             .ok_or_else(|| Failure::permanent("invalid_config", "config.greeting: there is no {}"))?;
///         Ok(Self { before: before.to_owned(), after: after.to_owned() })
///     }
///
///     fn run(&self, step: &Step<'_>) -> Outcome {
///         let name: String = step.context()?;
///         Success::completed(&format!("{}{name}{}", self.before, self.after))
///     }
/// }
///
/// wasm_broker_sdk::prepared_handler!(Greet);
///
/// // In a test, without the broker:
/// let document = br#"{"step":{"name":"greet"},"config":{"greeting":"Hello, {}!"},"context":"Ada"}"#;
/// let result = wasm_broker_sdk::run_prepared::<Greet>(None, document);
/// assert_eq!(result, br#"{"status":"completed","result":"Hello, Ada!"}"#);
/// ```
#[cfg(feature = "json")]
pub trait PreparedHandler: Sized {
    /// Makes the handler of a configuration.
    ///
    /// There is nothing but the configuration: clocks, random numbers, requests and secrets answer with errors here, and
    /// only log lines are written.
    ///
    /// # Errors
    ///
    /// A [`Failure`] becomes the outcome of each step of this configuration.
    fn prepare(config: &Config<'_>) -> Result<Self, Failure>;

    /// Runs one step.
    ///
    /// # Errors
    ///
    /// A [`Failure`] says what went wrong and whether another attempt may help.
    fn run(&self, step: &Step<'_>) -> Outcome;
}

/// Runs a prepared handler on the bytes of a step document; gives the bytes of the result document. Without one, it is
/// prepared from the configuration in the document.
#[cfg(feature = "json")]
pub fn run_prepared<H: PreparedHandler>(handler: Option<&H>, document: &[u8]) -> Vec<u8> {
    let outcome = Step::parse(document).and_then(|step| match handler {
        Some(handler) => handler.run(&step),
        None => H::prepare(&step.configuration())?.run(&step),
    });
    outcome::encode(&outcome)
}

/// What a module keeps of its preparation: the place for it, as a `static`.
#[derive(Debug)]
pub struct Prepared<T>(std::cell::OnceCell<T>);

// SAFETY: a guest has one thread, and elsewhere it is not `Sync`.
#[cfg(target_family = "wasm")]
unsafe impl<T> Sync for Prepared<T> {}

impl<T> Prepared<T> {
    /// Nothing is prepared.
    #[must_use]
    pub const fn new() -> Self {
        Self(std::cell::OnceCell::new())
    }

    /// Keeps what was prepared, if there is something.
    pub fn set(&self, prepared: Option<T>) {
        if let Some(prepared) = prepared {
            let _ = self.0.set(prepared);
        }
    }

    /// What was prepared.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.0.get()
    }
}

impl<T> Default for Prepared<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Prepares a handler with the bytes of a configuration. There is none if they are of no use: then each run prepares it, and
/// tells what is wrong.
#[cfg(feature = "json")]
#[must_use]
pub fn prepare<H: PreparedHandler>(configuration: Vec<u8>) -> Option<H> {
    let config = Config::parse(&configuration).ok()?;
    H::prepare(&config).ok()
}

/// Exports a [`PreparedHandler`] to the broker as `prepare` and `run`. On other targets than WebAssembly it exports nothing.
#[cfg(feature = "json")]
#[macro_export]
macro_rules! prepared_handler {
    ($handler:ty) => {
        $crate::byte_handler!($crate::run_prepared::<$handler>, prepare: $crate::prepare::<$handler> => $handler);
    };
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
///
/// With `prepare: FUNCTION => TYPE` it exports `prepare` as well. This function takes the bytes of a configuration
/// (`Vec<u8>`) and gives an `Option<TYPE>`, what runs of this configuration need; none of a configuration that it cannot
/// use, which is for the run to tell. The other function then takes an `Option<&TYPE>` before the document.
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
    ($function:expr, prepare: $prepare:path => $prepared:ty) => {
        const _: () = {
            #[cfg(target_family = "wasm")]
            static PREPARED: $crate::Prepared<$prepared> = $crate::Prepared::new();

            #[cfg(target_family = "wasm")]
            #[unsafe(export_name = "prepare")]
            extern "C" fn exported_prepare() -> i32 {
                $crate::host::prepare(|configuration| PREPARED.set($prepare(configuration)))
            }

            #[cfg(target_family = "wasm")]
            #[unsafe(export_name = "run")]
            extern "C" fn exported_run() -> i32 {
                $crate::host::serve(|document| $function(PREPARED.get(), document))
            }
        };
    };
}

/// The examples of the README are compiled and run as tests.
#[cfg(all(doctest, feature = "json"))]
#[doc = include_str!("../README.md")]
struct Readme;
