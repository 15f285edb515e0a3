use super::{ErrorKind, Request};
use crate::{Failure, native};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;
use std::time::Duration;

/// A server that answers one request; gives its port, and the request when it is joined.
fn server(response: &'static [u8]) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut piece = [0; 4096];
        loop {
            let count = stream.read(&mut piece).unwrap();
            request.extend_from_slice(&piece[..count]);
            let text = String::from_utf8_lossy(&request);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.split("content-length: ").nth(1).map_or(0, |rest| {
                rest.lines().next().unwrap().parse::<usize>().unwrap()
            });
            if body.len() >= length {
                break;
            }
        }
        stream.write_all(response).unwrap();
        String::from_utf8(request).unwrap()
    };
    (port, std::thread::spawn(serve))
}

#[test]
fn a_response_is_read_in_pieces() {
    let (port, served) = server(b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\ncontent-length: 10\r\n\r\n0123456789");
    let mut response = Request::get(&format!("http://127.0.0.1:{port}/x")).query("q", "a b").query("q", "c").send().unwrap();
    assert_eq!((response.status(), response.is_success(), response.redirects()), (200, true, 0));
    assert_eq!(response.header("X-A"), Some("1"));
    assert_eq!(response.headers().filter(|(name, _)| *name == "x-a").count(), 2);
    let mut piece = [0; 4];
    response.read_exact(&mut piece).unwrap();
    assert_eq!(&piece, b"0123");
    assert_eq!(response.text().unwrap(), "456789");
    assert!(served.join().unwrap().starts_with("GET /x?q=a%20b&q=c HTTP/1.1\r\n"));
}

#[test]
fn a_body_is_written_in_pieces() {
    let (port, served) = server(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok");
    let mut upload = Request::new("PUT", &format!("http://127.0.0.1:{port}/x")).begin().unwrap();
    upload.write_all(b"first, ").unwrap();
    upload.write_all(b"second").unwrap();
    let mut response = upload.finish().unwrap();
    assert_eq!((response.status(), response.text().unwrap().as_str()), (201, "ok"));
    let sent = served.join().unwrap();
    assert!(sent.starts_with("PUT /x HTTP/1.1\r\n") && sent.ends_with("\r\n\r\nfirst, second"), "{sent}");
}

#[test]
fn what_is_not_finished_is_never_sent() {
    let request = Request::post("http://127.0.0.1:1/");
    for _ in 0..20 {
        let mut upload = request.begin().unwrap();
        upload.write_all(b"never").unwrap();
    }
    let refused = request.text("a body").begin().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::BadRequest);
}

#[test]
fn a_secret_is_filled_in_behind_the_handler() {
    native::provide_secret("sdk-test", "s3cr3t");
    let (port, served) = server(b"HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n3\r\n:1}\r\n0\r\n\r\n");
    let request = Request::post(&format!("http://127.0.0.1:{port}/"))
        .header("authorization", "Bearer {{secret:sdk-test}}")
        .json(&serde_json::json!({"token": "{{secret:sdk-test}}"}))
        .unwrap();
    let body: serde_json::Value = request.send().unwrap().json().unwrap();
    assert_eq!(body, serde_json::json!({"a": 1}));
    let sent = served.join().unwrap();
    assert!(sent.contains("authorization: Bearer s3cr3t\r\n"), "{sent}");
    assert!(sent.contains("content-type: application/json\r\n"), "{sent}");
    assert!(sent.ends_with(r#"{"token":"s3cr3t"}"#), "{sent}");
}

#[test]
fn a_body_that_is_too_long_is_not_read_whole() {
    let (port, served) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789");
    let mut response = Request::get(&format!("http://127.0.0.1:{port}/")).send().unwrap();
    assert_eq!(response.body(9).unwrap_err().kind(), ErrorKind::BadResponse);
    served.join().unwrap();
}

#[test]
fn a_body_that_ends_early_is_an_error_that_says_so() {
    let (port, served) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01234");
    let mut response = Request::get(&format!("http://127.0.0.1:{port}/")).send().unwrap();
    let error = response.body(100).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadResponse);
    assert!(error.message().contains("early"), "{error}");
    served.join().unwrap();
}

#[test]
fn an_error_becomes_a_failure_of_its_name() {
    let error = Request::get("https://example.com/").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotAllowed);
    let failure = Failure::from(error);
    assert_eq!(failure.error_type(), "not_allowed");
    assert!(!failure.is_retryable());
}

#[test]
fn no_server_is_worth_another_attempt() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = Request::get(&format!("http://127.0.0.1:{port}/")).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectFailed);
    assert!(error.is_retryable());
    assert!(!error.was_sent());
    assert!(Request::post(&format!("http://127.0.0.1:{port}/")).send().unwrap_err().is_retryable());
}

#[test]
fn what_was_sent_is_worth_another_attempt_only_if_it_may_be_sent_twice() {
    let url = |port: u16| format!("http://127.0.0.1:{port}/");
    for (request, retryable) in [
        (Request::get as fn(&str) -> Request, true),
        (|url| Request::new("PUT", url), true),
        (Request::post, false),
        (|url| Request::new("PATCH", url), false),
        (|url| Request::post(url).idempotency_key(), true),
        (|url| Request::post(url).header("Idempotency-Key", "k"), true),
    ] {
        let (port, served) = server(b"HTTP/1.1 200");
        let error = request(&url(port)).send().unwrap_err();
        served.join().unwrap();
        assert_eq!(error.kind(), ErrorKind::BadResponse);
        assert_eq!(error.is_retryable(), retryable);
        assert!(error.was_sent());

        let (port, served) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01234");
        let error = request(&url(port)).send().unwrap().body(100).unwrap_err();
        served.join().unwrap();
        assert_eq!(error.is_retryable(), retryable);
        assert!(error.was_sent());
    }
}

#[test]
fn a_server_that_says_nothing_takes_too_long() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let error = Request::get(&url).timeout(Duration::from_millis(50)).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[test]
fn the_number_of_open_responses_is_limited() {
    let mut open = Vec::new();
    let mut servers = Vec::new();
    for _ in 0..8 {
        let (port, served) = server(b"HTTP/1.1 204 No Content\r\n\r\n");
        open.push(Request::get(&format!("http://127.0.0.1:{port}/")).send().unwrap());
        servers.push(served);
    }
    let error = Request::get("http://127.0.0.1:9/").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Other);
    drop(open);
    let error = Request::get("http://127.0.0.1:9/?\n").send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    servers.into_iter().for_each(|served| drop(served.join().unwrap()));
}
