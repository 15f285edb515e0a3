//! Sending the request and reading the response.

use crate::response::Body;
use crate::retry::{self, Expected, RetryOn};
use catalog_kit::failure::capped;
use catalog_kit::{Failure, Map, Val, json};
use std::rc::Rc;
use std::time::Duration;
use wasm_broker_sdk::{host, host::HostError, time};

/// The largest body that can be a step's result.
const MAX_BODY: usize = 2 << 20;
/// How much of the body of an unexpected response is reported.
const MAX_REPORTED: usize = 1000;
const PIECE: usize = 64 * 1024;
/// Header fields of one connection, which mean nothing in a result.
const CONNECTION_FIELDS: [&str; 9] = [
    "connection", "content-encoding", "content-length", "keep-alive", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
];

/// A response of an expected status.
pub struct Response {
    pub status: u16,
    pub headers: Val,
    pub body: Body,
    pub latency_ms: Val,
}

/// Sends a request document.
pub fn exchange(request: &str, expected: &Expected, retry_on: &RetryOn) -> Result<Response, Failure> {
    let start = time::elapsed();
    let number = host::http_send(request.as_bytes()).map_err(|code| refused(code, retry_on))?;
    let head = host::http_head(number).map_err(|code| refused(code, retry_on))?;
    let head = Head::of(&head).ok_or_else(|| Failure::new("bad_response", "the response head from the host is invalid"))?;
    if !expected.has(head.status) {
        // What cannot be read of it is not worth another failure.
        let body = read(number, MAX_REPORTED + 1).map_or_else(|_| Vec::new(), |(body, _)| body);
        let _ = host::http_close(number);
        let body = Body::new(body, head.first("content-type").unwrap_or_default());
        return Err(head.unexpected(&body, retry_on));
    }
    let (body, ended) = read(number, MAX_BODY).map_err(|code| refused(code, retry_on))?;
    let _ = host::http_close(number);
    if !ended {
        return Err(Failure::new("bad_response", format!("the body is longer than {MAX_BODY} bytes")));
    }
    let latency_ms = milliseconds(time::elapsed().saturating_sub(start));
    Ok(Response {
        status: head.status,
        body: Body::new(body, head.first("content-type").unwrap_or_default()),
        headers: head.as_value(),
        latency_ms,
    })
}

/// Milliseconds with three places.
fn milliseconds(time: Duration) -> Val {
    let micros = time.as_micros();
    Val::Num(format!("{}.{:03}", micros / 1000, micros % 1000).into())
}

/// Reads a body up to a limit, and says whether it ended there.
fn read(number: u32, limit: usize) -> Result<(Vec<u8>, bool), HostError> {
    let mut body = Vec::new();
    loop {
        let start = body.len();
        if start > limit {
            body.truncate(limit);
            return Ok((body, false));
        }
        body.resize(start + PIECE.min(limit + 1 - start), 0);
        let count = host::http_body(number, &mut body[start..])?;
        body.truncate(start + count);
        if count == 0 {
            return Ok((body, true));
        }
    }
}

struct Head {
    status: u16,
    headers: Rc<Map>,
}

impl Head {
    fn of(document: &[u8]) -> Option<Self> {
        let Ok(Val::Obj(head)) = json::parse_bytes(document) else { return None };
        let Some(Val::Int(status)) = head.get("status") else { return None };
        let headers = match head.get("headers") {
            Some(Val::Obj(headers)) => Rc::clone(headers),
            _ => Rc::default(),
        };
        Some(Self {
            status: u16::try_from(*status).ok()?,
            headers,
        })
    }

    fn first(&self, name: &str) -> Option<&str> {
        match self.headers.get(name)? {
            Val::Arr(values) => values.first()?.as_string().ok().map(|value| value.as_str()),
            _ => None,
        }
    }

    /// The header fields by name: a string where there is one value, and an array where there are several.
    fn as_value(&self) -> Val {
        let mut sorted: Vec<_> = self.headers.iter().filter(|(name, _)| !CONNECTION_FIELDS.contains(&name.as_str())).collect();
        sorted.sort_unstable_by_key(|(name, _)| *name);
        let fields = sorted.into_iter().map(|(name, values)| {
            let value = match values {
                Val::Arr(one) if one.len() == 1 => one[0].clone(),
                values => values.clone(),
            };
            (Rc::clone(name), value)
        });
        Val::obj(fields.collect())
    }

    fn unexpected(&self, body: &Body, retry_on: &RetryOn) -> Failure {
        let status = self.status;
        let error_type = if status == 429 { "rate_limited" } else { "unexpected_status" };
        let retryable = retry_on.has_status(status);
        let wait = retry::retry_after_ms(self.first("retry-after"), self.first("date"));
        Failure::new(error_type, format!("unexpected response status {status}"))
            .retryable(retryable)
            .code(status.to_string())
            .retry_after_ms(wait.filter(|_| retryable))
            .with("status_code", Val::Int(i64::from(status)))
            .with("response_body", capped(body.shown(), MAX_REPORTED))
    }
}

/// The failure for a call that the host refused.
fn refused(code: HostError, retry_on: &RetryOn) -> Failure {
    let document = match code {
        HostError::TOO_LARGE | HostError::STATE | HostError::FAULT | HostError::NOT_FOUND => None,
        _ => json::parse_bytes(&host::http_error()).ok(),
    };
    let text = |key: &str| match &document {
        Some(Val::Obj(members)) => match members.get(key) {
            Some(Val::Str(text)) => Some(text.to_string()),
            _ => None,
        },
        _ => None,
    };
    let flag = |key: &str| matches!(&document, Some(Val::Obj(members)) if members.get(key) == Some(&Val::Bool(true)));
    let wait = match &document {
        Some(Val::Obj(members)) => members.get("retry_after_ms").and_then(|wait| wait.as_int().ok()),
        _ => None,
    };
    let kind = text("type");
    let (error_type, what) = match kind.as_deref().unwrap_or_default() {
        "timeout" => ("timeout", "no response in time"),
        "connect_failed" => ("connect_failed", "could not connect"),
        "bad_response" => ("bad_response", "invalid response"),
        "rate_limited" => ("rate_limited", "too many requests"),
        "budget_exceeded" => ("budget_exceeded", "the step's request budget is used up"),
        "secret_in_output" => ("secret_in_output", "the request would send a secret to a destination it is not bound to"),
        "bad_request" => ("bad_request", "the request cannot be sent"),
        "not_allowed" => ("not_allowed", "the request is not allowed"),
        _ if code == HostError::DENIED => ("not_allowed", "the request is not allowed"),
        _ => ("bad_request", "the request cannot be sent"),
    };
    let cause = text("message").unwrap_or_else(|| code.to_string());
    let sent = flag("sent");
    let retryable = retry_on.has_kind(error_type, sent, flag("retryable"));
    Failure::new(error_type, format!("{what}: {cause}"))
        .retryable(retryable)
        .retry_after_ms(wait.and_then(|wait| u64::try_from(wait).ok()).filter(|_| retryable))
        .with("cause", cause)
        .with("sent", Val::Bool(sent))
}
