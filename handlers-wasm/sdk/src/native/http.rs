//! The broker's `http_request` for native handlers: HTTP/1.1 without encryption, and only to this machine.

use crate::base64;
use crate::host::HostError;
use crate::percent;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_TIMEOUT: Duration = Duration::from_secs(3600);
const MAX_HEAD: usize = 64 * 1024;
const MAX_OPEN: usize = 8;
const MAX_BODY: usize = 64 << 20;
/// Header fields that say how a message is sent, not what it is.
const OURS: [&str; 8] = [
    "host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "keep-alive",
];

thread_local! {
    static RUN: RefCell<Run> = RefCell::default();
}

#[derive(Default)]
struct Run {
    last: u32,
    open: BTreeMap<u32, Response>,
    begun: BTreeMap<u32, Request>,
    error: Vec<u8>,
}

/// One that is not sent yet.
struct Request {
    document: Value,
    body: Vec<u8>,
}

impl Run {
    fn next(&mut self) -> Result<u32, HostError> {
        if self.open.len() + self.begun.len() == MAX_OPEN {
            return Err(HostError::STATE);
        }
        self.last += 1;
        Ok(self.last)
    }
}

struct Response {
    head: Vec<u8>,
    body: Body,
}

/// Why there is no response.
struct Refused {
    code: HostError,
    kind: &'static str,
    message: String,
    retryable: bool,
    /// The server may have received the request.
    sent: bool,
}

impl Refused {
    fn document(&self) -> Vec<u8> {
        json!({"type": self.kind, "message": self.message, "retryable": self.retryable, "sent": self.sent})
            .to_string()
            .into_bytes()
    }

    /// The same after the request was sent: another attempt would send it twice.
    fn after_sending(self, repeatable: bool) -> Self {
        Self {
            retryable: self.retryable && repeatable,
            sent: true,
            ..self
        }
    }
}

fn refused(code: HostError, kind: &'static str, message: impl ToString, retryable: bool) -> Refused {
    Refused {
        code,
        kind,
        message: message.to_string(),
        retryable,
        sent: false,
    }
}

fn bad_request(message: impl ToString) -> Refused {
    refused(HostError::INVALID, "bad_request", message, false)
}

fn not_allowed(message: impl ToString) -> Refused {
    refused(HostError::DENIED, "not_allowed", message, false)
}

fn bad_response(message: impl ToString) -> Refused {
    refused(HostError::IO, "bad_response", message, false)
}

fn closed(message: impl ToString) -> Refused {
    refused(HostError::IO, "bad_response", message, true)
}

fn broken(cause: &io::Error) -> Refused {
    match cause.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            refused(HostError::TIMEOUT, "timeout", "the response took too long", true)
        }
        _ => closed(format!("the connection broke: {cause}")),
    }
}

/// Notes why a call was refused.
fn noted<T>(run: &mut Run, result: Result<T, Refused>) -> Result<T, HostError> {
    result.map_err(|refused| {
        run.error = refused.document();
        refused.code
    })
}

pub fn http_send(request: &[u8]) -> Result<u32, HostError> {
    RUN.with_borrow_mut(|run| {
        let number = run.next()?;
        let response = noted(run, document(request).and_then(|request| exchange(&request)))?;
        run.open.insert(number, response);
        Ok(number)
    })
}

pub fn http_begin(request: &[u8]) -> Result<u32, HostError> {
    RUN.with_borrow_mut(|run| {
        let number = run.next()?;
        let document = noted(run, document(request))?;
        run.begun.insert(number, Request { document, body: Vec::new() });
        Ok(number)
    })
}

pub fn http_write(request: u32, piece: &[u8]) -> Result<(), HostError> {
    RUN.with_borrow_mut(|run| {
        let begun = run.begun.get_mut(&request).ok_or(HostError::NOT_FOUND)?;
        if begun.body.len() + piece.len() > MAX_BODY {
            return Err(HostError::TOO_LARGE);
        }
        begun.body.extend_from_slice(piece);
        Ok(())
    })
}

pub fn http_finish(request: u32) -> Result<(), HostError> {
    RUN.with_borrow_mut(|run| {
        let Request { mut document, body } = run.begun.remove(&request).ok_or(HostError::NOT_FOUND)?;
        if !body.is_empty() {
            document["body"] = json!({"base64": base64::encode(&body)});
        }
        let response = noted(run, exchange(&document))?;
        run.open.insert(request, response);
        Ok(())
    })
}

pub fn http_head(response: u32) -> Result<Vec<u8>, HostError> {
    RUN.with_borrow(|run| run.open.get(&response).map(|open| open.head.clone()).ok_or(HostError::NOT_FOUND))
}

pub fn http_body(response: u32, into: &mut [u8]) -> Result<usize, HostError> {
    RUN.with_borrow_mut(|run| {
        let open = run.open.get_mut(&response).ok_or(HostError::NOT_FOUND)?;
        let count = open.body.read(into);
        noted(run, count)
    })
}

pub fn http_close(response: u32) -> Result<(), HostError> {
    RUN.with_borrow_mut(|run| {
        let closed = run.open.remove(&response).is_some() || run.begun.remove(&response).is_some();
        closed.then_some(()).ok_or(HostError::NOT_FOUND)
    })
}

pub fn http_error() -> Vec<u8> {
    RUN.with_borrow(|run| run.error.clone())
}

fn document(request: &[u8]) -> Result<Value, Refused> {
    serde_json::from_slice(request).map_err(bad_request)
}

fn exchange(request: &Value) -> Result<Response, Refused> {
    let url = request["url"].as_str().ok_or_else(|| bad_request("url is missing"))?;
    let method = request["method"].as_str().unwrap_or("GET");
    let timeout = request["timeout_ms"].as_u64().map_or(DEFAULT_TIMEOUT, Duration::from_millis);
    let deadline = Instant::now() + timeout.min(MAX_TIMEOUT);

    let target = Target::of(url, &request["query"])?;
    let message = message(method, &target, request)?;
    let mut wire = Wire::connect(target.address, deadline)?;
    let repeatable = is_repeatable(method, request);
    let (status, headers) = answer(&mut wire, &message).map_err(|refused| refused.after_sending(repeatable))?;
    let of = |name: &str| headers.get(name).and_then(|values| values.first()).map(String::as_str);
    let framing = if method == "HEAD" || status == 204 || status == 304 {
        Framing::Length(0)
    } else if of("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        Framing::Chunked(0)
    } else {
        match of("content-length").map(str::parse) {
            Some(Ok(length)) => Framing::Length(length),
            Some(Err(_)) => return Err(bad_response("a bad content-length").after_sending(repeatable)),
            None => Framing::Close,
        }
    };
    let head = json!({
        "status": status, "url": target.url, "headers": headers, "redirects": 0,
        "timing": {"connect_ms": 0.0, "first_byte_ms": 0.0},
    });
    Ok(Response {
        head: head.to_string().into_bytes(),
        body: Body { wire, framing, repeatable },
    })
}

/// Whether a server that receives the request twice does what it would do for one, or can tell that it is the same.
fn is_repeatable(method: &str, request: &Value) -> bool {
    let headers = request["headers"].as_object();
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE")
        || request["idempotency_key"] == Value::Bool(true)
        || headers.is_some_and(|headers| headers.keys().any(|name| name.eq_ignore_ascii_case("idempotency-key")))
}

/// Sends the message; gives status and headers of the response.
fn answer(wire: &mut Wire, message: &[u8]) -> Result<(u16, Headers), Refused> {
    wire.write(message)?;
    loop {
        let head = wire.head()?;
        let (status, headers) = parse_head(&head)?;
        if !(100..200).contains(&status) {
            return Ok((status, headers));
        }
    }
}

// --- the request ------------------------------------------------------------------------------------------------------

struct Target {
    url: String,
    authority: String,
    path: String,
    address: SocketAddr,
}

impl Target {
    fn of(url: &str, query: &Value) -> Result<Self, Refused> {
        let rest = url
            .strip_prefix("http://")
            .ok_or_else(|| not_allowed("a native handler speaks only http://, and only to this machine"))?;
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if url.contains(|c: char| c.is_control() || c == ' ') || authority.contains('@') {
            return Err(bad_request("not a URL"));
        }
        let with_port = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
        let name = with_port.rsplit_once(':').map_or("", |(name, _)| name);
        if name != "localhost" && !name.starts_with("127.") {
            return Err(not_allowed(format!("{name} is not this machine")));
        }
        let address = with_port.to_socket_addrs().ok().and_then(|mut all| all.find(SocketAddr::is_ipv4));
        let address = address.ok_or_else(|| bad_request("not a URL"))?;
        if !address.ip().is_loopback() {
            return Err(not_allowed(format!("{name} is not this machine")));
        }
        let mut path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        for (name, value) in pairs(query)? {
            path.push(if path.contains('?') { '&' } else { '?' });
            percent::encode(&mut path, &name);
            path.push('=');
            percent::encode(&mut path, &filled(&value)?);
        }
        Ok(Self {
            url: format!("http://{authority}{path}"),
            authority: authority.to_owned(),
            path,
            address,
        })
    }
}

/// The names and values of `headers` or `query`.
fn pairs(object: &Value) -> Result<Vec<(String, String)>, Refused> {
    let mut all = Vec::new();
    for (name, value) in object.as_object().into_iter().flatten() {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values {
            let value = value.as_str().ok_or_else(|| bad_request(format!("{name} is not a string")))?;
            all.push((name.clone(), value.to_owned()));
        }
    }
    Ok(all)
}

fn message(method: &str, target: &Target, request: &Value) -> Result<Vec<u8>, Refused> {
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(bad_request(format!("{method:?} is not a valid method")));
    }
    let Target { authority, path, .. } = target;
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n");
    for (name, value) in pairs(&request["headers"])? {
        let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(in_name) || OURS.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(bad_request(format!("the header {name:?} may not be set")));
        }
        let value = filled(&value)?;
        if value.contains(|c: char| c.is_control() && c != '\t') {
            return Err(bad_request(format!("the header {name} has a control character")));
        }
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let body = body(&request["body"])?;
    if !body.is_empty() || matches!(method, "POST" | "PUT" | "PATCH") {
        let _ = write!(head, "content-length: {}\r\n", body.len());
    }
    head.push_str("\r\n");
    let mut message = head.into_bytes();
    message.extend(body);
    Ok(message)
}

fn body(body: &Value) -> Result<Vec<u8>, Refused> {
    let Value::Object(body) = body else { return Ok(Vec::new()) };
    match body.iter().next().map(|(kind, value)| (kind.as_str(), value)) {
        Some(("text", Value::String(text))) => filled(text).map(String::into_bytes),
        Some(("json", value)) => {
            let mut value = value.clone();
            fill_all(&mut value)?;
            Ok(value.to_string().into_bytes())
        }
        Some(("base64", Value::String(text))) => {
            base64::decode(text).ok_or_else(|| bad_request("the body is not base64"))
        }
        _ => Err(bad_request("a body is text, json or base64")),
    }
}

fn fill_all(value: &mut Value) -> Result<(), Refused> {
    match value {
        Value::String(text) => *text = filled(text)?,
        Value::Array(values) => values.iter_mut().try_for_each(fill_all)?,
        Value::Object(members) => members.values_mut().try_for_each(fill_all)?,
        _ => {}
    }
    Ok(())
}

/// A text with secrets in place of what stands for them.
fn filled(text: &str) -> Result<String, Refused> {
    const OPEN: &str = "{{secret:";
    let mut filled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(OPEN) {
        filled.push_str(&rest[..at]);
        let (name, after) = rest[at + OPEN.len()..]
            .split_once("}}")
            .ok_or_else(|| bad_request("a secret's place has no end"))?;
        let secret = super::secret(name).ok_or_else(|| not_allowed(format!("the secret {name} is not granted")))?;
        filled.push_str(&secret);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

// --- the response -------------------------------------------------------------------------------------------------------

type Headers = BTreeMap<String, Vec<String>>;

fn parse_head(head: &[u8]) -> Result<(u16, Headers), Refused> {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok());
    let status = status.ok_or_else(|| bad_response("the response is not HTTP"))?;
    let mut headers = Headers::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or_else(|| bad_response("a header without a colon"))?;
        headers.entry(name.to_ascii_lowercase()).or_default().push(value.trim().to_owned());
    }
    Ok((status, headers))
}

/// How one sees where the body ends.
enum Framing {
    /// So many bytes are left.
    Length(u64),
    /// So many bytes of this chunk are left.
    Chunked(u64),
    /// With the connection.
    Close,
}

struct Body {
    wire: Wire,
    framing: Framing,
    repeatable: bool,
}

impl Body {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Refused> {
        self.piece(into).map_err(|refused| refused.after_sending(self.repeatable))
    }

    fn piece(&mut self, into: &mut [u8]) -> Result<usize, Refused> {
        if let Framing::Chunked(0) = self.framing {
            let size = self.wire.chunk()?;
            self.framing = if size == 0 { Framing::Length(0) } else { Framing::Chunked(size) };
        }
        let left = match self.framing {
            Framing::Length(left) | Framing::Chunked(left) => left,
            Framing::Close => u64::MAX,
        };
        let room = usize::try_from(left).unwrap_or(usize::MAX).min(into.len());
        if room == 0 {
            return Ok(0);
        }
        let count = self.wire.read(&mut into[..room])?;
        match &mut self.framing {
            Framing::Close => {}
            Framing::Length(_) | Framing::Chunked(_) if count == 0 => {
                return Err(closed("the body ended early"));
            }
            Framing::Length(left) => *left -= count as u64,
            Framing::Chunked(left) => {
                *left -= count as u64;
                if *left == 0 {
                    self.wire.line()?;
                }
            }
        }
        Ok(count)
    }
}

/// A connection that gives up at its deadline.
struct Wire {
    stream: TcpStream,
    deadline: Instant,
    ahead: Vec<u8>,
}

impl Wire {
    fn connect(address: SocketAddr, deadline: Instant) -> Result<Self, Refused> {
        let left = deadline.saturating_duration_since(Instant::now());
        let stream = TcpStream::connect_timeout(&address, left.max(Duration::from_millis(1)));
        let stream = stream.map_err(|cause| match cause.kind() {
            io::ErrorKind::TimedOut => broken(&cause),
            _ => refused(HostError::IO, "connect_failed", cause, true),
        })?;
        Ok(Self {
            stream,
            deadline,
            ahead: Vec::new(),
        })
    }

    fn write(&mut self, message: &[u8]) -> Result<(), Refused> {
        self.stream.write_all(message).map_err(|cause| broken(&cause))
    }

    fn read(&mut self, into: &mut [u8]) -> Result<usize, Refused> {
        if !self.ahead.is_empty() {
            let count = into.len().min(self.ahead.len());
            into[..count].copy_from_slice(&self.ahead[..count]);
            self.ahead.drain(..count);
            return Ok(count);
        }
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(broken(&io::ErrorKind::TimedOut.into()));
        }
        let set = self.stream.set_read_timeout(Some(left));
        set.and_then(|()| self.stream.read(into)).map_err(|cause| broken(&cause))
    }

    /// Reads up to and with the end of something.
    fn until(&mut self, end: &[u8]) -> Result<Vec<u8>, Refused> {
        let mut found = std::mem::take(&mut self.ahead);
        loop {
            if let Some(at) = found.windows(end.len()).position(|window| window == end) {
                self.ahead = found.split_off(at + end.len());
                found.truncate(at);
                return Ok(found);
            }
            if found.len() > MAX_HEAD {
                return Err(bad_response("the head is too long"));
            }
            let mut piece = [0; 4096];
            let count = self.read(&mut piece)?;
            if count == 0 {
                return Err(closed("the server closed the connection early"));
            }
            found.extend_from_slice(&piece[..count]);
        }
    }

    fn head(&mut self) -> Result<Vec<u8>, Refused> {
        self.until(b"\r\n\r\n")
    }

    fn line(&mut self) -> Result<Vec<u8>, Refused> {
        self.until(b"\r\n")
    }

    /// The size of the next chunk; behind the last one nothing is read.
    fn chunk(&mut self) -> Result<u64, Refused> {
        let line = self.line()?;
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
        let digits = std::str::from_utf8(digits).ok().map(str::trim);
        digits
            .and_then(|digits| u64::from_str_radix(digits, 16).ok())
            .ok_or_else(|| bad_response("a chunk without a size"))
    }
}
