use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::time::Duration;

/// A longer wait is cut to a year, as the host does.
const MAX_WAIT_MS: u64 = 365 * 24 * 60 * 60 * 1000;

/// What became of a step.
pub type Outcome = Result<Success, Failure>;

/// A run that did its work.
#[derive(Debug)]
pub struct Success(Document);

#[derive(Debug, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
enum Document {
    Completed {
        result: Box<RawValue>,
    },
    Checkpoint {
        cursor: Box<RawValue>,
        items_processed: u64,
        accumulated_results: Box<RawValue>,
    },
}

impl Success {
    /// The step is done; `result` is what steps after it see.
    ///
    /// # Errors
    ///
    /// A permanent failure of type `invalid_result` when `result` cannot be written as JSON.
    pub fn completed(result: &impl Serialize) -> Outcome {
        Ok(Self(Document::Completed {
            result: raw(result)?,
        }))
    }

    /// Some of the work is done: the step is run again and finds `cursor` and `accumulated_results` in
    /// [`Step::checkpoint`](crate::Step::checkpoint).
    ///
    /// # Errors
    ///
    /// A permanent failure of type `invalid_result` when a value cannot be written as JSON.
    pub fn checkpoint(
        cursor: &impl Serialize,
        items_processed: u64,
        accumulated_results: &impl Serialize,
    ) -> Outcome {
        Ok(Self(Document::Checkpoint {
            cursor: raw(cursor)?,
            items_processed,
            accumulated_results: raw(accumulated_results)?,
        }))
    }
}

/// A run that could not do its work.
///
/// ```
/// use std::time::Duration;
/// use wasm_broker_sdk::Failure;
///
/// let busy = Failure::retryable("busy", "the service answered 429")
///     .code("429")
///     .retry_after(Duration::from_secs(2));
/// assert!(busy.is_retryable());
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    #[serde(rename = "type")]
    error_type: Cow<'static, str>,
    message: Cow<'static, str>,
    retryable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Value>,
}

impl Failure {
    /// Another attempt would fail in the same way. `error_type` is one of the types in the manifest.
    pub fn permanent(
        error_type: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            error_type: error_type.into(),
            message: message.into(),
            retryable: false,
            code: None,
            retry_after_ms: None,
            context: None,
        }
    }

    /// Another attempt may succeed. `error_type` is one of the types in the manifest.
    pub fn retryable(
        error_type: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            retryable: true,
            ..Self::permanent(error_type, message)
        }
    }

    /// Adds the code that the other side gave, such as an HTTP status.
    #[must_use]
    pub fn code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Asks for at least this long a wait before the next attempt; for a year at most.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after_ms = Some(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).min(MAX_WAIT_MS));
        self
    }

    /// Adds what helps to understand the failure.
    #[must_use]
    pub fn context(mut self, context: Value) -> Self {
        self.context = Some(context);
        self
    }

    /// The error type.
    #[must_use]
    pub fn error_type(&self) -> &str {
        &self.error_type
    }

    /// What went wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether another attempt may succeed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.retryable
    }
}

fn raw(value: &impl Serialize) -> Result<Box<RawValue>, Failure> {
    serde_json::value::to_raw_value(value)
        .map_err(|cause| Failure::permanent("invalid_result", format!("result: {cause}")))
}

/// Writes the result document.
pub(crate) fn encode(outcome: &Outcome) -> Vec<u8> {
    #[derive(Serialize)]
    struct Failed<'a> {
        status: &'static str,
        error: &'a Failure,
    }
    let written = match outcome {
        Ok(Success(document)) => serde_json::to_vec(document),
        Err(error) => serde_json::to_vec(&Failed {
            status: "failed",
            error,
        }),
    };
    written.expect("strings, numbers and JSON that is already text can be written")
}

/// What goes wrong while a document or a body is read or written in pieces: as the [`http::Error`](crate::http::Error) in it,
/// else a permanent failure of type `io_error`.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.downcast::<crate::http::Error>() {
            Ok(error) => error.into(),
            Err(error) => Self::permanent("io_error", error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, Success, encode};
    use serde_json::json;
    use std::time::Duration;

    fn text(outcome: &super::Outcome) -> String {
        String::from_utf8(encode(outcome)).unwrap()
    }

    #[test]
    fn a_completed_step_carries_its_result() {
        assert_eq!(
            text(&Success::completed(&json!({"a": [1, "ü"]}))),
            r#"{"status":"completed","result":{"a":[1,"ü"]}}"#
        );
    }

    #[test]
    fn a_checkpoint_carries_cursor_count_and_results() {
        assert_eq!(
            text(&Success::checkpoint(&7, 100, &json!([]))),
            r#"{"status":"checkpoint","cursor":7,"items_processed":100,"accumulated_results":[]}"#
        );
    }

    #[test]
    fn a_failure_says_only_what_is_known() {
        assert_eq!(
            text(&Err(Failure::permanent("t", "m"))),
            r#"{"status":"failed","error":{"type":"t","message":"m","retryable":false}}"#
        );
        let busy = Failure::retryable("busy", "m")
            .code("429")
            .retry_after(Duration::from_secs(2))
            .context(json!({"host": "h"}));
        assert_eq!(
            text(&Err(busy)),
            r#"{"status":"failed","error":{"type":"busy","message":"m","retryable":true,"code":"429","retry_after_ms":2000,"context":{"host":"h"}}}"#
        );
    }
}
