//! A handler as a plain program: the step document on standard input, the result document on standard output.
//!
//! Requests go out over plain HTTP/1.1, and only to this machine: enough for tests against a server of one's own. With
//! `with_answers` none goes out, and a test needs no server. Secrets are what [`provide_secret`] was given.

use crate::host;
#[cfg(all(feature = "json", not(target_family = "wasm")))]
use crate::{
    Failure,
    stream::{self, Input, Output},
};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

#[cfg(not(target_family = "wasm"))]
pub(crate) mod answers;
#[cfg(all(feature = "json", not(target_family = "wasm")))]
pub(crate) mod http;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod run;

#[cfg(not(target_family = "wasm"))]
pub use answers::{Answer, Refusal, Sent};

static SECRETS: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

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

/// The `main` of a native handler that is a [`stream_handler!`](crate::stream_handler).
#[cfg(all(feature = "json", not(target_family = "wasm")))]
pub fn stream_main(function: impl FnOnce(&mut Input, &mut Output) -> Result<(), Failure>) -> ExitCode {
    match (stream::serve(function), run::hand_over_output()) {
        (0, Ok(())) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Runs a [`stream_handler!`](crate::stream_handler) on the bytes of a step document; gives the bytes of the result document.
#[cfg(all(feature = "json", not(target_family = "wasm")))]
pub fn run_stream(
    function: impl FnOnce(&mut Input, &mut Output) -> Result<(), Failure>,
    document: &[u8],
) -> Vec<u8> {
    run::keeping_output(document, || {
        // A failure is in the result document.
        let _ = stream::serve(function);
    })
}

/// Gives a native handler what its module would carry; in this thread.
#[cfg(not(target_family = "wasm"))]
pub fn provide_content(content: &[u8]) {
    run::provide_content(content);
}

/// Gives a native handler a secret; the broker's come from its own sources.
///
/// ```
/// wasm_broker_sdk::native::provide_secret("api-key", "for tests");
/// # #[cfg(not(target_family = "wasm"))]
/// assert_eq!(wasm_broker_sdk::secret::read("api-key").unwrap().text(), Some("for tests"));
/// ```
pub fn provide_secret(name: &str, value: &str) {
    let mut secrets = SECRETS.lock().unwrap_or_else(PoisonError::into_inner);
    secrets.insert(name.to_owned(), value.to_owned());
}

/// Runs `function`, in which the requests of this thread get these answers, in order, and nothing is sent. Beyond the last
/// one they are refused with [`HostError::BUDGET`](crate::host::HostError::BUDGET). Gives what `function` returns, and the
/// requests.
///
/// ```
/// # #[cfg(not(target_family = "wasm"))] {
/// use wasm_broker_sdk::http::Request;
/// use wasm_broker_sdk::native::{Answer, with_answers};
///
/// let answer = Answer::Response {
///     head: br#"{"status":200,"url":"https://rates.example.com/eur"}"#.to_vec(),
///     body: b"1.25".to_vec(),
///     broken: None,
/// };
/// let (rate, sent) = with_answers(vec![answer], || {
///     Request::get("https://rates.example.com/eur").send().unwrap().json::<f64>().unwrap()
/// });
/// assert_eq!(rate, 1.25);
/// assert_eq!(sent[0].document, br#"{"method":"GET","url":"https://rates.example.com/eur"}"#);
/// # }
/// ```
#[cfg(not(target_family = "wasm"))]
pub fn with_answers<T>(answers: Vec<Answer>, function: impl FnOnce() -> T) -> (T, Vec<Sent>) {
    answers::with_answers(answers, function)
}

#[cfg(not(target_family = "wasm"))]
pub(crate) fn secret(name: &str) -> Option<String> {
    SECRETS.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
}
