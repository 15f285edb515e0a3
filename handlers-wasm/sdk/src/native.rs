//! A handler as a plain program: the step document on standard input, the result document on standard output.

use crate::host;
use std::process::ExitCode;

/// The `main` of a native handler binary.
///
/// ```no_run
/// # use wasm_broker_sdk::{Handler, Outcome, Step, Success};
/// # struct Sum;
/// # impl Handler for Sum {
/// #     fn run(&self, _: &Step<'_>) -> Outcome { Success::completed(&()) }
/// # }
/// fn main() -> std::process::ExitCode {
///     wasm_broker_sdk::native::main(|document| wasm_broker_sdk::run(&Sum, document))
/// }
/// ```
pub fn main(function: impl FnOnce(&[u8]) -> Vec<u8>) -> ExitCode {
    match host::serve(function) {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
