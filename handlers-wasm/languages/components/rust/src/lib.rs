//! The guest of the conformance kit as a component: does what `config.do` says (docs/conformance.md).

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::hint::black_box;
use wasm_broker::handler::log::{Level, log};
use wasm_broker::handler::types::ErrorCode;
use wasm_broker::handler::{http, secrets, time};

wit_bindgen::generate!({ path: "../../../../docs/wit", world: "handler" });

struct Conformance;

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(default)]
    step: Step,
    config: Value,
    #[serde(borrow)]
    context: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Step {
    attempt: u64,
    max_attempts: u64,
}

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Config {
    Echo,
    Fail {
        r#type: String,
        message: String,
        retryable: bool,
        retry_after_ms: Option<u64>,
    },
    Retry,
    Crash,
    Spin,
    Allocate,
    Log {
        level: String,
        message: String,
        fields: Option<Value>,
    },
    LogAll {
        message: String,
    },
    Time,
    Http {
        method: String,
        url: String,
        #[serde(default)]
        headers: BTreeMap<String, String>,
        text: Option<String>,
    },
    Secret {
        name: String,
    },
}

/// The part of a refused request's document that this guest passes on.
#[derive(Deserialize)]
struct Refused {
    r#type: String,
    message: String,
    retryable: bool,
}

impl Guest for Conformance {
    fn run(step: String) -> Result<String, Failure> {
        let document: Document =
            serde_json::from_str(&step).map_err(|cause| permanent("invalid_step", &cause.to_string()))?;
        let config: Config = serde_json::from_value(document.config)
            .map_err(|_| permanent("invalid_config", "config.do is unknown"))?;
        let Step { attempt, max_attempts } = document.step;
        match config {
            Config::Echo => Ok(document.context.map_or("null", RawValue::get).to_owned()),
            Config::Fail { r#type, message, retryable, retry_after_ms } => {
                Err(Failure { retryable, retry_after_ms, ..permanent(&r#type, &message) })
            }
            Config::Retry if attempt < max_attempts => {
                Err(Failure { retryable: true, ..permanent("again", "not yet") })
            }
            Config::Retry => Ok(json!({"attempts": attempt}).to_string()),
            Config::Crash => panic!("as config.do says"),
            Config::Spin => loop {
                black_box(());
            },
            Config::Allocate => allocate(),
            Config::Log { level, message, fields } => {
                let level = match level.as_str() {
                    "trace" => Level::Trace,
                    "debug" => Level::Debug,
                    "info" => Level::Info,
                    "warn" => Level::Warn,
                    _ => Level::Error,
                };
                log(level, &message, fields.map(|fields| fields.to_string()).as_deref());
                Ok("null".to_owned())
            }
            Config::LogAll { message } => {
                for level in [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error] {
                    log(level, &message, None);
                }
                Ok("null".to_owned())
            }
            Config::Time => Ok(json!({
                "wall_ms": time::now() / 1_000_000,
                "elapsed_us": time::elapsed() / 1_000,
                "remaining_ms": time::remaining() / 1_000_000,
            })
            .to_string()),
            Config::Http { method, url, headers, text } => request(&method, &url, &headers, text),
            Config::Secret { name } => {
                let secret = secrets::read(&name).map_err(|code| permanent(kind(code), "the secret cannot be read"))?;
                Ok(json!({"length": secret.len()}).to_string())
            }
        }
    }
}

fn permanent(r#type: &str, message: &str) -> Failure {
    Failure {
        type_: r#type.to_owned(),
        message: message.to_owned(),
        retryable: false,
        code: None,
        retry_after_ms: None,
        context: None,
    }
}

fn allocate() -> ! {
    let mut all = Vec::new();
    loop {
        all.push(black_box(vec![1_u8; 1 << 20]));
    }
}

fn request(
    method: &str,
    url: &str,
    headers: &BTreeMap<String, String>,
    text: Option<String>,
) -> Result<String, Failure> {
    let document = json!({"method": method, "url": url, "headers": headers});
    let response = http::send(&document.to_string(), text.map(String::into_bytes).as_deref()).map_err(refused)?;
    let head: Value = serde_json::from_str(&response.head())
        .map_err(|cause| permanent("invalid_response", &cause.to_string()))?;
    let mut body = Vec::new();
    loop {
        let piece = response
            .read(65_536)
            .map_err(|code| Failure { retryable: true, ..permanent(kind(code), "the body breaks off") })?;
        if piece.is_empty() {
            break;
        }
        body.extend_from_slice(&piece);
    }
    Ok(json!({"status": head["status"], "body": String::from_utf8_lossy(&body)}).to_string())
}

/// The broker's error document, or of what has none its code.
fn refused(refusal: http::Refusal) -> Failure {
    match serde_json::from_str(&refusal.document) {
        Ok(Refused { r#type, message, retryable }) => Failure { retryable, ..permanent(&r#type, &message) },
        Err(_) => permanent(kind(refusal.code), "the request was refused"),
    }
}

fn kind(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::Denied => "denied",
        ErrorCode::Invalid => "invalid",
        ErrorCode::NotFound => "not_found",
        _ => "unavailable",
    }
}

export!(Conformance);
