//! The handler `http_request`: sends a request and returns the response.
//!
//! The configuration describes the request; its strings may refer to the step document and to secrets, which the host
//! fills in behind the handler ([`catalog_kit::template`]). A response of an expected status is the step's result, or what
//! `response_extract` takes out of it.

mod extract;
mod form;
mod jsonpath;
mod request;

use catalog_kit::handler::{Handler, Outcome};
use catalog_kit::http::retry::{Expected, RetryOn};
use catalog_kit::http::{exchange, milliseconds};
use catalog_kit::{Failure, Map, Text, Val, config, filter};
use extract::Extract;
use request::Request;
use std::rc::Rc;

/// What runs of a configuration need.
pub struct HttpRequest {
    config: Rc<Map>,
    expected: Expected,
    extract: Option<Extract>,
}

impl Handler for HttpRequest {
    /// What only a request can show is left to the run.
    fn of(config: &Rc<Map>) -> Result<Self, Failure> {
        if !config.contains_key("url") {
            return Err(config::expected("/config/url", "a string", None));
        }
        Ok(Self {
            expected: Expected::of(config)?,
            extract: extract(config)?,
            config: Rc::clone(config),
        })
    }

    fn run(&self, document: Rc<Map>) -> Result<Outcome, Failure> {
        let request = request::request(&self.config, &document)?;
        let retry_on = RetryOn::of(&self.config, request.repeatable)?;
        send(&request, &self.expected, &retry_on, self.extract.as_ref())
    }

    /// Every problem of the configuration is found before anything is sent.
    fn run_with_config(document: Rc<Map>) -> Result<Outcome, Failure> {
        let config = config::config(&document)?;
        let request = request::request(config, &document)?;
        let expected = Expected::of(config)?;
        let retry_on = RetryOn::of(config, request.repeatable)?;
        send(&request, &expected, &retry_on, extract(config)?.as_ref())
    }
}

/// Sends a request; gives the step's result.
fn send(request: &Request, expected: &Expected, retry_on: &RetryOn, extract: Option<&Extract>) -> Result<Outcome, Failure> {
    let response = exchange(&request.document, |status| expected.has(status), retry_on)?;
    if !expected.has(response.status) {
        return Err(response.unexpected(retry_on));
    }
    let body = match extract {
        Some(extract) => extract.apply(response.body.value()?)?,
        None => response.body.value()?,
    };
    let mut members = Map::with_capacity(5);
    let mut add = |key: &str, value| members.insert(Text::from(key), value);
    add("status_code", Val::Int(i64::from(response.status)));
    add("headers", response.headers());
    add("response_body", body);
    if extract.is_none() && response.body.is_binary() {
        add("response_encoding", Val::str("base64"));
    }
    add("latency_ms", milliseconds(response.latency));
    Ok(Outcome::Completed(Val::obj(members)))
}

fn extract(config: &Map) -> Result<Option<Extract>, Failure> {
    match config.get("response_extract") {
        None => Ok(None),
        Some(Val::Str(text)) => filter::with_prelude(|prelude| Extract::of(text, prelude)).map(Some),
        other => Err(config::expected(extract::POINTER, "a string", other)),
    }
}

catalog_kit::handler!(HttpRequest, memory: 136 * 1024, set_up: filter::set_up);
