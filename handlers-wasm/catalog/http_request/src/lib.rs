//! The handler `http_request`: sends a request and returns the response.
//!
//! The configuration describes the request; its strings may refer to the step document and to secrets, which the host
//! fills in behind the handler ([`template`]). A response of an expected status is the step's result, or what
//! `response_extract` takes out of it.

mod response;
#[cfg(not(target_family = "wasm"))]
pub mod cases;
mod exchange;
mod extract;
mod form;
mod jsonpath;
mod request;
mod retry;
mod template;
mod url;

use catalog_kit::filter::Prelude;
use catalog_kit::{Failure, Map, Val, config, json, jq};
use extract::Extract;
use retry::{Expected, RetryOn};
use std::cell::RefCell;
use std::rc::Rc;

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
#[must_use]
pub fn http_request(document: &[u8]) -> Vec<u8> {
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

/// Every problem of the configuration is found before anything is sent.
fn run(document: &[u8]) -> Result<Val, Failure> {
    let document = config::document(document)?;
    let config = config::config(&document)?;
    let request = request::request(config, &document)?;
    let expected = Expected::of(config)?;
    let retry_on = RetryOn::of(config, request.repeatable)?;
    let extract = extract(config)?;
    let response = exchange::exchange(&request.document, &expected, &retry_on)?;
    let body = match &extract {
        Some(extract) => extract.apply(response.body.value()?)?,
        None => response.body.value()?,
    };
    let mut members = Map::with_capacity(5);
    let mut add = |key: &str, value| members.insert(Rc::new(key.to_owned()), value);
    add("status_code", Val::Int(i64::from(response.status)));
    add("headers", response.headers);
    add("response_body", body);
    if extract.is_none() && response.body.is_binary() {
        add("response_encoding", Val::str("base64"));
    }
    add("latency_ms", response.latency_ms);
    Ok(Val::obj(members))
}

fn extract(config: &Map) -> Result<Option<Extract>, Failure> {
    match config.get("response_extract") {
        None => Ok(None),
        Some(Val::Str(text)) => PRELUDE
            .with_borrow_mut(|prelude| Extract::of(text, prelude.get_or_insert_with(Prelude::new)))
            .map(Some),
        other => Err(config::expected(extract::POINTER, "a string", other)),
    }
}

wasm_broker_sdk::byte_handler!(http_request);

#[cfg(target_family = "wasm")]
#[unsafe(no_mangle)]
extern "C" fn initialize_snapshot() {
    set_up();
}
