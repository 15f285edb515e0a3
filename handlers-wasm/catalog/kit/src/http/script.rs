//! Running recorded cases of a handler against a server that follows a script, or with answers given in advance.
//!
//! A case that has `answers` ([`answered`]) sends nothing. Its `requests` are the request documents that the handler must
//! write, and in what is recorded only `latency_ms` is 0.
//!
//! Any other case has, besides its document, `server`: an array of exchanges, one for each connection.
//!
//! | member | meaning |
//! |---|---|
//! | `request` | what must come: a line of method and target, lines of headers that must be there (or, after a `!`, must not), and behind an empty line the body |
//! | `answer` | what is sent: a string or the parts of one, as in `document`, and `{"base64": "…"}` for bytes; `"hang"` sends nothing until the client is gone, `"close"` closes |
//!
//! and `secrets`, an object of the secrets that the handler is granted. `@PORT@` in the document stands for the port of
//! the server, `@CLOSED@` for one where nobody listens. A request that does not fit is answered with status 599.
//!
//! In what is recorded the ports are their words again, `latency_ms` is 0, and what the host says of a failure, its
//! `cause`, is left out: it is not the same for every host.

use crate::answered;
use crate::cases::Case;
use crate::program::{Preparation, Prepare, Run};
use crate::{Val, json};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use wasm_broker_sdk::native;

/// Runs a case; gives the result document as it is recorded.
///
/// # Panics
///
/// When the case is not one, or there are no sockets.
#[must_use]
pub fn run<P>(
    case: &Case,
    preparation: Preparation,
    prepare: Prepare<P>,
    handler: Run<P>,
) -> Vec<u8> {
    if let Some(answers) = case.member("answers") {
        return with_answers(case, answers, preparation, prepare, handler);
    }
    if let Some(Val::Obj(secrets)) = case.member("secrets") {
        for (name, value) in secrets.iter() {
            native::provide_secret(name, value.as_string().expect("a secret is a string"));
        }
    }
    let exchanges: Vec<Exchange> = match case.member("server") {
        Some(Val::Arr(exchanges)) => exchanges.iter().map(Exchange::of).collect(),
        _ => Vec::new(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|bound| bound.local_addr()).expect("a port is free");
    let count = exchanges.len();
    let server = thread::spawn(move || exchanges.iter().take_while(|exchange| exchange.serve(&listener)).count());

    let with_ports = |text: &str| text.replace("@PORT@", &port.to_string()).replace("@CLOSED@", &closed.port().to_string());
    let prepared = match preparation {
        Preparation::Before => prepare(with_ports(&String::from_utf8_lossy(&case.configuration())).into_bytes()),
        Preparation::Within => None,
    };
    let result = handler(prepared.as_ref(), with_ports(&case.document()).as_bytes());

    // Whoever still waits for a request gets one that says that there will be none.
    drop(TcpStream::connect(("127.0.0.1", port)));
    let served = server.join().expect("the server is done");
    if served < count {
        return format!("{served} of {count} requests came; {}", String::from_utf8_lossy(&result)).into_bytes();
    }
    recorded(&String::from_utf8(result).expect("a result document is UTF-8"), port, closed.port()).into_bytes()
}

fn with_answers<P>(case: &Case, answers: &Val, preparation: Preparation, prepare: Prepare<P>, handler: Run<P>) -> Vec<u8> {
    let answers = answered::answers(answers).expect("the answers are some");
    let prepared = match preparation {
        Preparation::Before => prepare(case.configuration()),
        Preparation::Within => None,
    };
    let (result, sent) = native::with_answers(answers, || handler(prepared.as_ref(), case.document().as_bytes()));
    let requests = answered::requests(&sent).expect("a request document is UTF-8");
    if case.member("requests").is_none_or(|wanted| *wanted != requests) {
        return format!("the requests {} came", json::to_string(&requests)).into_bytes();
    }
    without_time(&String::from_utf8(result).expect("a result document is UTF-8")).into_bytes()
}

fn recorded(result: &str, port: u16, closed: u16) -> String {
    let mut text = result.replace(&format!(":{port}"), ":@PORT@").replace(&format!(":{closed}"), ":@CLOSED@");
    if let Some(cause) = cause(&text) {
        let mut written = String::new();
        json::write_str(&mut written, &cause);
        text = text.replace(&written[1..written.len() - 1], "…");
    }
    without_time(&text)
}

fn without_time(result: &str) -> String {
    match result.rsplit_once(r#""latency_ms":"#) {
        Some((before, after)) => {
            let rest = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
            format!(r#"{before}"latency_ms":0{rest}"#)
        }
        None => result.to_owned(),
    }
}

/// What the host said of a failure.
fn cause(result: &str) -> Option<String> {
    let mut value = json::parse(result).ok()?;
    for name in ["error", "context", "cause"] {
        let Val::Obj(members) = value else { return None };
        value = members.get(name)?.clone();
    }
    value.as_string().ok().map(|cause| cause.to_string())
}

struct Exchange {
    request: String,
    response: Response,
}

enum Response {
    Bytes(Vec<u8>),
    Hang,
    Close,
}

impl Exchange {
    fn of(exchange: &Val) -> Self {
        let Val::Obj(exchange) = exchange else { panic!("an exchange is an object") };
        let request = exchange.get("request").and_then(|request| request.as_string().ok());
        let response = match exchange.get("answer").expect("an exchange has a response") {
            Val::Str(word) if *word.as_str() == *"hang" => Response::Hang,
            Val::Str(word) if *word.as_str() == *"close" => Response::Close,
            answer => Response::Bytes(answered::bytes(answer).expect("an answer has parts like a document")),
        };
        Self {
            request: request.expect("an exchange has a request").to_string(),
            response,
        }
    }

    /// Serves a connection; false if no request came.
    fn serve(&self, listener: &TcpListener) -> bool {
        let Ok((mut stream, _)) = listener.accept() else { return false };
        let request = match read_request(&mut stream) {
            Ok(request) if !request.is_empty() => request,
            _ => return false,
        };
        let sent = match (self.mismatch(&request), &self.response) {
            (Some(problem), _) => {
                let head = format!("HTTP/1.1 599 Mismatch\r\ncontent-length: {}\r\n\r\n", problem.len());
                stream.write_all(format!("{head}{problem}").as_bytes())
            }
            (None, Response::Bytes(bytes)) => stream.write_all(bytes),
            (None, Response::Hang) => io::copy(&mut stream, &mut io::sink()).map(drop),
            (None, Response::Close) => Ok(()),
        };
        // A client that does not want the rest is gone.
        drop(sent);
        true
    }

    fn mismatch(&self, request: &str) -> Option<String> {
        let (wanted_head, wanted_body) = self.request.split_once("\n\n").unwrap_or((&self.request, ""));
        let (head, body) = request.split_once("\r\n\r\n").unwrap_or((request, ""));
        let mut lines = head.split("\r\n");
        let line = lines.next().unwrap_or_default().trim_end_matches(" HTTP/1.1");
        let headers: Vec<String> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| format!("{}: {}", name.to_ascii_lowercase(), value.trim()))
            .collect();
        let mut wanted = wanted_head.split('\n');
        let wanted_line = wanted.next().unwrap_or_default();
        if line != wanted_line {
            return Some(format!("'{line}' came, not '{wanted_line}'"));
        }
        for header in wanted {
            let (absent, header) = header.strip_prefix('!').map_or((false, header), |header| (true, header));
            let is_it = |sent: &String| sent == header || (absent && sent.starts_with(&format!("{header}:")));
            if headers.iter().any(is_it) == absent {
                return Some(format!("the header '{header}' is {}there", if absent { "" } else { "not " }));
            }
        }
        (body != wanted_body).then(|| format!("the body '{body}' came, not '{wanted_body}'"))
    }
}

/// Reads a request whose body, if any, has a known length or is chunked; empty if the client says nothing.
fn read_request(stream: &mut TcpStream) -> io::Result<String> {
    let mut request = Vec::new();
    let mut piece = [0; 16 * 1024];
    loop {
        let count = stream.read(&mut piece)?;
        request.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&request);
        let complete = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            body.len() >= length.unwrap_or(0)
        });
        if complete || count == 0 {
            return Ok(text.into_owned());
        }
    }
}
