//! HTTP requests, within the operator's grants.
//!
//! ```no_run
//! use serde::Deserialize;
//! use std::time::Duration;
//! use wasm_broker_sdk::{Failure, http};
//!
//! #[derive(Deserialize)]
//! struct Rate {
//!     value: f64,
//! }
//!
//! fn rate(currency: &str) -> Result<Rate, Failure> {
//!     let mut response = http::Request::get("https://rates.example.com/v1/latest")
//!         .query("currency", currency)
//!         // The broker injects the secret; the handler never sees it.
//!         .header("authorization", "Bearer {{secret:RATES_TOKEN}}")
//!         .timeout(Duration::from_secs(2))
//!         .send()?;
//!     Ok(response.json()?)
//! }
//! ```
//!
//! A status such as 404 is a response, not an error. [`Response`] is a reader: a large body needs no large memory.

use crate::Failure;
use crate::base64;
use crate::host::{self, HostError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read, Write};
use std::time::Duration;

/// The largest body that [`Response::text`] and [`Response::json`] read.
pub const MAX_WHOLE_BODY: u64 = 16 << 20;

/// A request to be sent.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    method: String,
    url: String,
    #[serde(skip_serializing_if = "Map::is_empty")]
    headers: Map<String, Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    query: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Body>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    idempotency_key: bool,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Body {
    Text(String),
    Json(Value),
    Base64(String),
}

impl Request {
    /// A request with any method.
    #[must_use]
    pub fn new(method: &str, url: &str) -> Self {
        Self {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: Map::new(),
            query: Map::new(),
            body: None,
            timeout_ms: None,
            idempotency_key: false,
        }
    }

    /// A GET request.
    #[must_use]
    pub fn get(url: &str) -> Self {
        Self::new("GET", url)
    }

    /// A POST request.
    #[must_use]
    pub fn post(url: &str) -> Self {
        Self::new("POST", url)
    }

    /// Adds a header field; existing ones of the same name stay. `{{secret:NAME}}` in the value is replaced by the broker.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        add(&mut self.headers, &name.to_ascii_lowercase(), value);
        self
    }

    /// Adds a query parameter, which the broker encodes; existing ones of the same name stay. `{{secret:NAME}}` in the
    /// value is replaced by the broker.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        add(&mut self.query, name, value);
        self
    }

    /// Sets a text body. `{{secret:NAME}}` in it is replaced by the broker.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.body = Some(Body::Text(text.to_owned()));
        self
    }

    /// Sets a JSON body. `{{secret:NAME}}` in its strings is replaced by the broker.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadRequest`] when `body` cannot be written as JSON.
    pub fn json(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_value(body).map_err(|cause| Error::bad_request(format!("body: {cause}")))?;
        self.body = Some(Body::Json(body));
        Ok(if self.headers.contains_key("content-type") {
            self
        } else {
            self.header("content-type", "application/json")
        })
    }

    /// Sets a binary body.
    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.body = Some(Body::Base64(base64::encode(bytes)));
        self
    }

    /// The timeout for the whole response including its body. The step's deadline applies as well.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout_ms = Some(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// Lets the broker add an `Idempotency-Key` that is the same in each attempt of the step.
    #[must_use]
    pub fn idempotency_key(mut self) -> Self {
        self.idempotency_key = true;
        self
    }

    /// Sends the request and waits for the head of the response.
    ///
    /// # Errors
    ///
    /// Why there is no response.
    pub fn send(&self) -> Result<Response, Error> {
        let number = host::http_send(&self.document()?).map_err(Error::of)?;
        Response::of(Open(number))
    }

    /// Begins a request whose body is written afterwards, so that a large one needs no large memory (guest ABI 1.2).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadRequest`] when it has a body already; or why no request can be begun.
    pub fn begin(&self) -> Result<Upload, Error> {
        if self.body.is_some() {
            return Err(Error::bad_request("body: the request has one already".to_owned()));
        }
        let number = host::http_begin(&self.document()?).map_err(Error::of)?;
        Ok(Upload(Open(number)))
    }

    fn document(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(self).map_err(|cause| Error::bad_request(cause.to_string()))
    }
}

/// A request whose body is being written. Nothing is sent before [`finish`](Self::finish), and nothing of what is dropped.
#[derive(Debug)]
pub struct Upload(Open);

impl Upload {
    /// Sends the request and waits for the head of the response.
    ///
    /// # Errors
    ///
    /// Why there is no response.
    pub fn finish(self) -> Result<Response, Error> {
        host::http_finish(self.0.0).map_err(Error::of)?;
        Response::of(self.0)
    }
}

/// Adds to the body: each call costs one of the host, so write in large pieces. An error holds an [`Error`].
impl Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        host::http_write(self.0.0, bytes).map_err(|code| io::Error::other(Error::of(code)))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn add(fields: &mut Map<String, Value>, name: &str, value: &str) {
    let value = Value::String(value.to_owned());
    match fields.get_mut(name) {
        None => drop(fields.insert(name.to_owned(), value)),
        Some(Value::Array(values)) => values.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

/// A request or its response that the host keeps open until this is dropped.
#[derive(Debug)]
struct Open(u32);

impl Drop for Open {
    fn drop(&mut self) {
        // What is not open any more is closed.
        let _ = host::http_close(self.0);
    }
}

/// A response, from which the body is read. Dropping it closes the connection.
#[derive(Debug)]
pub struct Response {
    open: Open,
    head: Head,
}

#[derive(Debug, Deserialize)]
struct Head {
    status: u16,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    redirects: u32,
    #[serde(default)]
    timing: Timing,
}

/// How long a response took.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Timing {
    /// Until the connection was established, in milliseconds.
    pub connect_ms: f64,
    /// Until the first byte of the response, in milliseconds.
    pub first_byte_ms: f64,
}

impl Response {
    fn of(open: Open) -> Result<Self, Error> {
        let head = host::http_head(open.0).map_err(Error::of)?;
        let head = serde_json::from_slice(&head)
            .map_err(|cause| Error::new(ErrorKind::BadResponse, format!("the response head: {cause}")))?;
        Ok(Self { open, head })
    }

    /// The status code.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.head.status
    }

    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.head.status)
    }

    /// The final URL, after redirects.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.head.url
    }

    /// How many redirects led to this response.
    #[must_use]
    pub fn redirects(&self) -> u32 {
        self.head.redirects
    }

    /// How long it took.
    #[must_use]
    pub fn timing(&self) -> Timing {
        self.head.timing
    }

    /// The first value of a header field.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let values = self.head.headers.get(&name.to_ascii_lowercase())?;
        values.first().map(String::as_str)
    }

    /// All header fields; names are in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.head.headers.iter();
        fields.flat_map(|(name, values)| values.iter().map(move |value| (name.as_str(), value.as_str())))
    }

    /// Reads the rest of the body.
    ///
    /// # Errors
    ///
    /// The body could not be read, or is longer than `limit` bytes.
    pub fn body(&mut self, limit: u64) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let read = self.take(limit.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(Error::of_io)?;
        if bytes.len() as u64 > limit {
            return Err(Error::new(ErrorKind::BadResponse, format!("the body is longer than {limit} bytes")));
        }
        Ok(bytes)
    }

    /// Reads the rest of the body as text.
    ///
    /// # Errors
    ///
    /// The body could not be read, is longer than [`MAX_WHOLE_BODY`], or is not UTF-8.
    pub fn text(&mut self) -> Result<String, Error> {
        String::from_utf8(self.body(MAX_WHOLE_BODY)?)
            .map_err(|cause| Error::new(ErrorKind::BadResponse, format!("the body: {cause}")))
    }

    /// Reads the rest of the body as JSON.
    ///
    /// # Errors
    ///
    /// The body could not be read, is longer than [`MAX_WHOLE_BODY`], or is not what `T` wants.
    pub fn json<T: DeserializeOwned>(&mut self) -> Result<T, Error> {
        serde_json::from_slice(&self.body(MAX_WHOLE_BODY)?)
            .map_err(|cause| Error::new(ErrorKind::BadResponse, format!("the body: {cause}")))
    }
}

/// Reads the next bytes of the body. An error holds an [`Error`].
impl Read for Response {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        host::http_body(self.open.0, into).map_err(|code| io::Error::other(Error::of(code)))
    }
}

/// The kind of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request is invalid.
    BadRequest,
    /// No grant covers it.
    NotAllowed,
    /// The broker's rate limit was exceeded.
    RateLimited,
    /// Timed out.
    Timeout,
    /// The connection could not be established; nothing was sent.
    ConnectFailed,
    /// The response is invalid, or the connection broke before its end.
    BadResponse,
    /// The step's request budget is used up.
    BudgetExceeded,
    /// The request would have sent a secret to a destination it is not bound to.
    SecretInOutput,
    /// A kind that this version of the SDK does not know.
    Other,
}

impl ErrorKind {
    /// The name in error documents and manifests.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::NotAllowed => "not_allowed",
            Self::RateLimited => "rate_limited",
            Self::Timeout => "timeout",
            Self::ConnectFailed => "connect_failed",
            Self::BadResponse => "bad_response",
            Self::BudgetExceeded => "budget_exceeded",
            Self::SecretInOutput => "secret_in_output",
            Self::Other => "http_error",
        }
    }

    fn of(name: &str) -> Self {
        let known = [
            Self::BadRequest,
            Self::NotAllowed,
            Self::RateLimited,
            Self::Timeout,
            Self::ConnectFailed,
            Self::BadResponse,
            Self::BudgetExceeded,
            Self::SecretInOutput,
        ];
        known.into_iter().find(|kind| kind.name() == name).unwrap_or(Self::Other)
    }
}

/// Why a request has no response, or a body could not be read to its end.
///
/// `?` converts it to a [`Failure`] whose type is the [name](ErrorKind::name) of its kind.
#[derive(Clone, Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    retryable: bool,
    retry_after: Option<Duration>,
    sent: bool,
}

impl Error {
    fn new(kind: ErrorKind, message: String) -> Self {
        Self {
            kind,
            message,
            retryable: false,
            retry_after: None,
            sent: false,
        }
    }

    fn bad_request(message: String) -> Self {
        Self::new(ErrorKind::BadRequest, message)
    }

    /// The host's error document.
    fn of(code: HostError) -> Self {
        #[derive(Deserialize)]
        struct Document {
            #[serde(rename = "type")]
            kind: String,
            message: String,
            #[serde(default)]
            retryable: bool,
            retry_after_ms: Option<u64>,
            #[serde(default)]
            sent: bool,
        }
        let kind = match code {
            HostError::DENIED => ErrorKind::NotAllowed,
            HostError::RATE_LIMITED => ErrorKind::RateLimited,
            HostError::TIMEOUT => ErrorKind::Timeout,
            HostError::IO => ErrorKind::BadResponse,
            HostError::BUDGET => ErrorKind::BudgetExceeded,
            HostError::INVALID | HostError::TOO_LARGE => ErrorKind::BadRequest,
            // Of these the host has no document.
            other => return Self::new(ErrorKind::Other, other.to_string()),
        };
        match serde_json::from_slice::<Document>(&host::http_error()) {
            Ok(document) if code != HostError::TOO_LARGE => Self {
                kind: ErrorKind::of(&document.kind),
                message: document.message,
                retryable: document.retryable,
                retry_after: document.retry_after_ms.map(Duration::from_millis),
                sent: document.sent,
            },
            _ => Self::new(kind, code.to_string()),
        }
    }

    fn of_io(cause: io::Error) -> Self {
        match cause.downcast::<Self>() {
            Ok(error) => error,
            Err(cause) => Self::new(ErrorKind::Other, cause.to_string()),
        }
    }

    /// The kind of error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The broker's message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether another attempt may succeed, and does no harm: a POST or PATCH without an idempotency key is not sent twice.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.retryable
    }

    /// Whether a server may have received the request.
    #[must_use]
    pub fn was_sent(&self) -> bool {
        self.sent
    }

    /// How long to wait before another attempt, if known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.message)
    }
}

impl std::error::Error for Error {}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let failure = match error.retryable {
            true => Self::retryable(error.kind.name(), error.message),
            false => Self::permanent(error.kind.name(), error.message),
        };
        match error.retry_after {
            Some(wait) => failure.retry_after(wait),
            None => failure,
        }
    }
}

#[cfg(test)]
mod tests;
