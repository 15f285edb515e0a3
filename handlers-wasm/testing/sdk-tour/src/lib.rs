//! A handler that uses all of the SDK: `context.url` is asked, `context.secret` is read, and what came of it is told.

use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{self, Read};
use std::time::Duration;
use wasm_broker_sdk::host::Level;
use wasm_broker_sdk::{Handler, Outcome, Step, Success, http, log, secret, time};

/// The handler.
pub struct Tour;

#[derive(Deserialize)]
struct Context {
    url: String,
    secret: String,
}

impl Handler for Tour {
    fn run(&self, step: &Step<'_>) -> Outcome {
        let context: Context = step.context()?;
        let before = time::elapsed();
        log::with_fields(Level::Info, "on tour", &json!({"secret": context.secret}));
        let result = json!({
            "request": request(&context),
            "secret": secret(&context.secret),
            "clock": {
                "wall": time::now() > std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000),
                "forward": time::elapsed() >= before,
                "remaining": time::remaining() > Duration::ZERO,
            },
        });
        Success::completed(&result)
    }
}

/// Sends a secret that it does not know, and reads the response in pieces of seven bytes.
fn request(context: &Context) -> Value {
    let sent = http::Request::post(&context.url)
        .query("q", "a b")
        .header("x-secret", &format!("{{{{secret:{}}}}}", context.secret))
        .timeout(Duration::from_secs(5))
        .json(&json!({"step": "tour"}))
        .and_then(|request| request.send());
    let mut response = match sent {
        Ok(response) => response,
        Err(error) => return failed(&error),
    };
    let (mut body, mut pieces) = (Vec::new(), 0);
    let mut piece = [0; 7];
    loop {
        match response.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => body.extend_from_slice(&piece[..count]),
            Err(cause) => return broken(cause),
        }
        pieces += 1;
    }
    let body = String::from_utf8_lossy(&body);
    json!({"status": response.status(), "type": response.header("Content-Type"), "body": body, "pieces": pieces})
}

fn failed(error: &http::Error) -> Value {
    let wait = error.retry_after().map(|wait| wait.as_millis());
    json!({
        "kind": error.kind().name(), "message": error.message(), "retryable": error.is_retryable(),
        "retry_after_ms": wait.and_then(|wait| u64::try_from(wait).ok()),
    })
}

fn broken(cause: io::Error) -> Value {
    match cause.downcast::<http::Error>() {
        Ok(error) => failed(&error),
        Err(cause) => json!(cause.to_string()),
    }
}

/// Tells of a secret what can be told of it.
fn secret(name: &str) -> Value {
    match secret::read(name) {
        Ok(secret) => json!({"length": secret.bytes().len(), "printed": format!("{secret:?}")}),
        Err(code) => json!(code.to_string()),
    }
}

wasm_broker_sdk::handler!(Tour);
