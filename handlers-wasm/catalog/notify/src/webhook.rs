//! A webhook: a POST to an address of the operator's choice.
//!
//! Without a filter the body is an object of `id`, `severity`, `message`, `recipients`, `throttle_key` and `step`. The id
//! is the step's, the same in each attempt, so that a receiver can tell a notification that came twice from two.

use crate::config::{self, authorization};
use crate::delivery::{self, Delivery, Request};
use crate::message::Message;
use catalog_kit::http::Response;
use catalog_kit::http::fields::Fields;
use catalog_kit::http::retry::RetryOn;
use catalog_kit::http::url::{self, Url};
use catalog_kit::{Failure, Map, Text, Val, config as steps};

const WHO: &str = "the webhook";

/// The channel `webhook`.
pub struct Webhook {
    url: Url,
    headers: Fields,
    authorization: Option<(Text, Val)>,
    /// The receiver understands the broker's idempotency key.
    has_key: bool,
}

impl Webhook {
    /// Reads the keys of the channel.
    pub fn of(members: &Map) -> Result<Self, Failure> {
        config::only(members, "webhook", &["headers", "idempotency_key"], &[])?;
        let headers = Fields::parse(members, "headers")?;
        let authorization = authorization(members)?;
        if authorization.is_some() && headers.has("authorization") {
            return Err(steps::invalid("/config/token", "headers has an authorization already"));
        }
        let has_own_key = headers.has("idempotency-key");
        let has_key = match members.get("idempotency_key") {
            None => !has_own_key,
            Some(_) if has_own_key => return Err(steps::invalid("/config/idempotency_key", "headers has one already")),
            Some(_) => steps::switch(members, "idempotency_key")?,
        };
        Ok(Self { url: required_url(members)?, headers, authorization, has_key })
    }

    /// The request of a message.
    pub fn request(&self, message: &Message, document: &Map) -> Result<Request, Failure> {
        let mut headers = self.headers.of(document)?;
        headers.extend(self.authorization.clone());
        if !headers.contains_key("content-type") {
            headers.insert(Text::from("content-type"), Val::str("application/json"));
        }
        Ok(Request {
            url: self.url.of(document)?,
            headers,
            body: message.body.clone().unwrap_or_else(|| envelope(message, document)),
            has_key: self.has_key,
        })
    }
}

/// The URL of a channel that has none of its own.
pub fn required_url(members: &Map) -> Result<Url, Failure> {
    match members.get("url") {
        Some(Val::Str(text)) => Url::parse(text),
        other => Err(steps::expected(url::POINTER, "a string", other)),
    }
}

fn envelope(message: &Message, document: &Map) -> Val {
    let mut body = Map::with_capacity(6);
    let mut add = |key: &str, value| body.insert(Text::from(key), value);
    add("id", message.step_uuid.clone());
    add("severity", Val::str(message.severity.name()));
    add("message", message.text.as_deref().map_or(Val::Null, Val::str));
    if !message.recipients.is_empty() {
        add("recipients", message.recipients.iter().cloned().collect());
    }
    if let Some(key) = &message.throttle_key {
        add("throttle_key", Val::str(key));
    }
    if let Some(Val::Obj(step)) = document.get("step") {
        add("step", step.get("name").cloned().unwrap_or_default());
    }
    Val::obj(body)
}

/// What came of a request.
pub fn delivery(response: &Response, retry_on: &RetryOn, message: &Message) -> Result<Delivery, Failure> {
    match response.status {
        200..=299 => Ok(Delivery { status: "delivered", id: message.step_uuid.clone(), thread: None }),
        _ => Err(delivery::failure(WHO, None, response, retry_on)),
    }
}
