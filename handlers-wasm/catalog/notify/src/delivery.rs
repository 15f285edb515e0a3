//! A request that delivers a notification, and what came of it.

use crate::config::Config;
use catalog_kit::http::Response;
use catalog_kit::http::retry::RetryOn;
use catalog_kit::{Failure, Map, Text, Val, json};

const KEY: &str = "idempotency-key";

/// The only request of a step: a POST of JSON.
pub struct Request {
    pub url: String,
    pub headers: Map,
    pub body: Val,
    /// The broker adds a key that is the same in each attempt.
    pub has_key: bool,
}

/// A notification that the other side took over.
pub struct Delivery {
    /// `delivered` if it is where it should be, `accepted` if the provider has yet to bring it there.
    pub status: &'static str,
    /// What the provider, or for a webhook the receiver, knows it by.
    pub id: Val,
    /// Where an answer to it belongs.
    pub thread: Option<Val>,
}

impl Request {
    /// A server that receives it twice can tell that it is the same.
    pub fn is_repeatable(&self) -> bool {
        self.has_key || self.headers.contains_key(KEY)
    }

    /// As the host reads it.
    pub fn document(&self, config: &Config) -> String {
        let mut request = Map::with_capacity(6);
        let mut add = |key: &str, value| request.insert(Text::from(key), value);
        add("method", Val::str("POST"));
        add("url", Val::str(&self.url));
        add("headers", Val::obj(self.headers.clone()));
        // As text, of which each host sends the same bytes.
        add("body", Val::obj(Map::from_iter([(Text::from("text"), json::to_string(&self.body).into())])));
        if let Some(timeout) = &config.timeout_ms {
            add("timeout_ms", timeout.clone());
        }
        if self.has_key {
            add("idempotency_key", Val::Bool(true));
        }
        json::to_string(&Val::obj(request))
    }

    /// As people read it.
    pub fn shown(&self) -> Val {
        let members = [
            ("method", Val::str("POST")),
            ("url", Val::str(&self.url)),
            ("headers", Val::obj(self.headers.clone())),
            ("body", self.body.clone()),
            ("idempotency_key", Val::Bool(self.has_key)),
        ];
        Val::obj(members.into_iter().map(|(key, value)| (Text::from(key), value)).collect())
    }
}

/// What a provider calls the failure of a response: its own name for it, or the status.
pub fn code(named: Option<&str>, response: &Response) -> String {
    let is_name = |name: &&str| !name.is_empty() && name.len() <= 100 && !name.contains(|c: char| c.is_control());
    named.filter(is_name).map_or_else(|| response.status.to_string(), str::to_owned)
}

/// The failure of a response with another status than 2xx, of which the provider says more than the status does.
pub fn failure(who: &str, named: Option<&str>, response: &Response, retry_on: &RetryOn) -> Failure {
    let code = code(named, response);
    let status = response.status;
    let (error_type, message) = match status {
        429 => ("rate_limited", format!("{who} wants fewer notifications: {code}")),
        400..=499 => ("rejected", format!("{who} refused the notification: {code}")),
        _ => ("unexpected_status", format!("{who} answered with the status {status}: {code}")),
    };
    response.failure(error_type, message, retry_on.has_status(status)).code(code)
}

/// The failure of a notification that the provider refused, for the reason that it named.
pub fn rejected(who: &str, code: &str, response: &Response, retryable: bool) -> Failure {
    response.failure("rejected", format!("{who} refused the notification: {code}"), retryable).code(code)
}

/// A response that is not what the provider's documentation says, although its status is.
pub fn odd(who: &str, problem: &str, response: &Response) -> Failure {
    response.failure("bad_response", format!("the response of {who} {problem}"), false)
}

/// A text in the object that a response is.
pub fn text(value: &Val, name: &str) -> Option<String> {
    match value {
        Val::Obj(members) => members.get(name)?.as_string().ok().map(|text| text.to_string()),
        _ => None,
    }
}
