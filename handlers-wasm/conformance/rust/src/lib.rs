//! The guest of the conformance kit: does what `config.do` says (docs/conformance.md).

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, UNIX_EPOCH};
use wasm_broker_sdk::host::{HostError, Level};
use wasm_broker_sdk::{Failure, Handler, Outcome, Step, Success, http, log, secret, time};

/// The handler.
pub struct Conformance;

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
    Checkpoint {
        items: u64,
    },
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

#[derive(Deserialize)]
struct Progress {
    cursor: u64,
    accumulated_results: Sum,
}

#[derive(Deserialize)]
struct Sum {
    sum: u64,
}

impl Handler for Conformance {
    fn run(&self, step: &Step<'_>) -> Outcome {
        let config: Config = step
            .config()
            .map_err(|_| Failure::permanent("invalid_config", "config.do is unknown"))?;
        match config {
            Config::Echo => Success::completed(&step.context::<Box<RawValue>>()?),
            Config::Fail { r#type, message, retryable, retry_after_ms } => {
                let failure = if retryable {
                    Failure::retryable(r#type, message)
                } else {
                    Failure::permanent(r#type, message)
                };
                Err(match retry_after_ms {
                    Some(wait) => failure.retry_after(Duration::from_millis(wait)),
                    None => failure,
                })
            }
            Config::Retry if step.step.attempt < step.step.max_attempts => {
                Err(Failure::retryable("again", "not yet"))
            }
            Config::Retry => Success::completed(&json!({"attempts": step.step.attempt})),
            Config::Checkpoint { items } => checkpoint(step, items),
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
                match (level, fields) {
                    (Level::Info, None) => log::info(&message),
                    (level, fields) => log::with_fields(level, &message, &fields.unwrap_or_else(|| json!({}))),
                }
                Success::completed(&Value::Null)
            }
            Config::LogAll { message } => {
                for write in [log::trace, log::debug, log::info, log::warn, log::error] {
                    write(&message);
                }
                Success::completed(&Value::Null)
            }
            Config::Time => {
                let wall = time::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Success::completed(&json!({
                    "wall_ms": u64::try_from(wall.as_millis()).unwrap_or(0),
                    "elapsed_us": u64::try_from(time::elapsed().as_micros()).unwrap_or(0),
                    "remaining_ms": u64::try_from(time::remaining().as_millis()).unwrap_or(0),
                }))
            }
            Config::Http { method, url, headers, text } => request(&method, &url, &headers, text.as_deref()),
            Config::Secret { name } => {
                let secret = secret::read(&name).map_err(|cause| Failure::permanent(kind(cause), cause.to_string()))?;
                Success::completed(&json!({"length": secret.bytes().len()}))
            }
        }
    }
}

/// Handles one item in each run.
fn checkpoint(step: &Step<'_>, items: u64) -> Outcome {
    let before: Option<Progress> = step.checkpoint()?;
    let resumed = before.is_some();
    let (done, sum) = before.map_or((0, 0), |progress| (progress.cursor, progress.accumulated_results.sum));
    let (done, sum) = (done + 1, sum + done + 1);
    if done < items {
        Success::checkpoint(&done, done, &json!({"sum": sum}))
    } else {
        Success::completed(&json!({"items": done, "sum": sum, "resumed": resumed}))
    }
}

fn allocate() -> ! {
    let mut all = Vec::new();
    loop {
        all.push(black_box(vec![1_u8; 1 << 20]));
    }
}

fn request(method: &str, url: &str, headers: &BTreeMap<String, String>, text: Option<&str>) -> Outcome {
    let mut request = http::Request::new(method, url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    if let Some(text) = text {
        request = request.text(text);
    }
    let mut response = request.send()?;
    let body = response.text()?;
    Success::completed(&json!({"status": response.status(), "body": body}))
}

fn kind(error: HostError) -> &'static str {
    match error {
        HostError::DENIED => "denied",
        HostError::INVALID => "invalid",
        HostError::NOT_FOUND => "not_found",
        _ => "unavailable",
    }
}

wasm_broker_sdk::handler!(Conformance);
