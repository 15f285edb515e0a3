//! Sending a request and reading its response.

use super::response::Body;
use super::retry::{self, RetryOn};
use crate::failure::capped;
use crate::{Failure, Map, Val, json};
use std::fmt;
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

/// A response: all of it if its status is wanted, else its status, its headers and how its body begins.
pub struct Response {
    /// The status.
    pub status: u16,
    /// The body; if the status is not wanted, no more of it than is worth reporting.
    pub body: Body,
    /// From sending to the last byte of the body.
    pub latency: Duration,
    headers: Rc<Map>,
}

/// Sends a request document, and reads the response; its status says whether all of it is wanted.
///
/// # Errors
///
/// Why there is no response: the types of the host's errors, with what it says in `context.cause`, and in
/// `context.sent` whether a server may have received the request.
pub fn exchange(request: &str, is_wanted: impl Fn(u16) -> bool, retry_on: &RetryOn) -> Result<Response, Failure> {
    let start = time::elapsed();
    let number = host::http_send(request.as_bytes()).map_err(|code| refused(code, retry_on))?;
    let head = host::http_head(number).map_err(|code| refused(code, retry_on))?;
    let head = Head::of(&head).ok_or_else(|| Failure::new("bad_response", "the response head from the host is invalid"))?;
    let body = if is_wanted(head.status) {
        match read(number, MAX_BODY).map_err(|code| refused(code, retry_on))? {
            (body, true) => Ok(body),
            _ => Err(Failure::new("bad_response", format!("the body is longer than {MAX_BODY} bytes"))),
        }
    } else {
        // What cannot be read of it is not worth another failure.
        Ok(read(number, MAX_REPORTED + 1).map_or_else(|_| Vec::new(), |(body, _)| body))
    };
    let _ = host::http_close(number);
    let body = body?;
    Ok(Response {
        status: head.status,
        latency: time::elapsed().saturating_sub(start),
        body: Body::new(body, head.first("content-type").unwrap_or_default()),
        headers: head.headers,
    })
}

/// Milliseconds with three places.
#[must_use]
pub fn milliseconds(time: Duration) -> Val {
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
        first(&self.headers, name)
    }
}

fn first<'a>(headers: &'a Map, name: &str) -> Option<&'a str> {
    match headers.get(name)? {
        Val::Arr(values) => values.first()?.as_string().ok().map(|value| value.as_str()),
        _ => None,
    }
}

impl Response {
    /// The first value of a header field, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }

    /// The header fields by name: a string where there is one value, and an array where there are several.
    #[must_use]
    pub fn headers(&self) -> Val {
        let mut sorted: Vec<_> = self.headers.iter().filter(|(name, _)| !CONNECTION_FIELDS.contains(&name.as_str())).collect();
        sorted.sort_unstable_by_key(|(name, _)| *name);
        let fields = sorted.into_iter().map(|(name, values)| {
            let value = match values {
                Val::Arr(one) if one.len() == 1 => one[0].clone(),
                values => values.clone(),
            };
            (name.clone(), value)
        });
        Val::obj(fields.collect())
    }

    /// The failure of a status that is not wanted.
    #[must_use]
    pub fn unexpected(&self, retry_on: &RetryOn) -> Failure {
        let status = self.status;
        let error_type = if status == 429 { "rate_limited" } else { "unexpected_status" };
        self.failure(error_type, format!("unexpected response status {status}"), retry_on.has_status(status))
            .code(status.to_string())
    }

    /// A failure of a response, with its status, how its body begins, and the delay that the server asks for.
    #[must_use]
    pub fn failure(&self, error_type: &'static str, message: impl fmt::Display, retryable: bool) -> Failure {
        let wait = retry::retry_after_ms(self.header("retry-after"), self.header("date"));
        Failure::new(error_type, message)
            .retryable(retryable)
            .retry_after_ms(wait.filter(|_| retryable))
            .with("status_code", Val::Int(i64::from(self.status)))
            .with("response_body", capped(self.body.shown(), MAX_REPORTED))
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
