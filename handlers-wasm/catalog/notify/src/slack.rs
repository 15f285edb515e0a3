//! Slack: `chat.postMessage` of its web API, or an incoming webhook.
//!
//! Neither has an idempotency key, so a notification that Slack may have received is never sent again by itself. The web
//! API answers with the status 200 whatever happened, and says in `ok` and `error` what did.

use crate::config::{self, authorization, choice};
use crate::delivery::{self, Delivery, Request};
use crate::message::{Message, Severity};
use crate::webhook::required_url;
use catalog_kit::http::Response;
use catalog_kit::http::retry::RetryOn;
use catalog_kit::http::url::Url;
use catalog_kit::{Failure, Map, Text, Val, config as steps};

const WHO: &str = "Slack";
const POST_MESSAGE: &str = "https://slack.com/api/chat.postMessage";
const RECIPIENTS: &str = "/config/recipients";
/// Errors that Slack documents as passing, and of requests of which nothing was done. Of `internal_error` and
/// `fatal_error` something may have been done.
const PASSING: [&str; 3] = ["service_unavailable", "request_timeout", "team_added_to_org"];

/// The channel `slack`.
pub struct Slack {
    url: Url,
    /// None for an incoming webhook, whose URL says it all.
    authorization: Option<(Text, Val)>,
}

impl Slack {
    /// Reads the keys of the channel.
    pub fn of(members: &Map) -> Result<Self, Failure> {
        let is_incoming_webhook = choice(members, "api", &["web_api", "incoming_webhook"])? == Some("incoming_webhook");
        if is_incoming_webhook {
            config::only(members, "an incoming webhook of Slack", &["api"], &["recipients", "token"])?;
            return Ok(Self { url: required_url(members)?, authorization: None });
        }
        config::only(members, "slack", &["api"], &[])?;
        let authorization = authorization(members)?;
        if authorization.is_none() {
            return Err(steps::expected("/config/token", "a secret, such as ${secrets.NAME}", None));
        }
        let url = match members.get("url") {
            None => Url::parse(POST_MESSAGE)?,
            Some(_) => required_url(members)?,
        };
        Ok(Self { url, authorization })
    }

    /// There is one conversation for each message, as a retry would else repeat what was sent.
    pub fn check_recipients(&self, count: usize) -> Result<(), Failure> {
        match (&self.authorization, count) {
            (Some(_), 0) => Err(steps::expected(RECIPIENTS, "a string, the id of a conversation", None)),
            (Some(_), 2..) => Err(steps::invalid(RECIPIENTS, one_only(count))),
            _ => Ok(()),
        }
    }

    /// The request of a message.
    pub fn request(&self, message: &Message, document: &Map) -> Result<Request, Failure> {
        let mut body = Map::with_capacity(6);
        if self.authorization.is_some() {
            body.insert(Text::from("channel"), conversation(&message.recipients)?);
        }
        let text = message.text.as_deref().unwrap_or_default();
        body.insert(Text::from("text"), format!("{}{text}", emoji(message.severity)).into());
        body.extend(message.more(&["channel", "text", "token"])?);
        let headers = [(Text::from("content-type"), Val::str("application/json; charset=utf-8"))];
        Ok(Request {
            url: self.url.of(document)?,
            headers: headers.into_iter().chain(self.authorization.clone()).collect(),
            body: Val::obj(body),
            has_key: false,
        })
    }

    /// What came of a request.
    pub fn delivery(&self, response: &Response, retry_on: &RetryOn) -> Result<Delivery, Failure> {
        if self.authorization.is_none() {
            return of_incoming_webhook(response, retry_on);
        }
        let body = response.body.value().ok();
        let error = body.as_ref().and_then(|body| delivery::text(body, "error"));
        if !matches!(response.status, 200..=299) {
            return Err(delivery::failure(WHO, error.as_deref(), response, retry_on));
        }
        let Some(Val::Obj(members)) = &body else {
            return Err(delivery::odd(WHO, "is not a JSON object", response));
        };
        match (members.get("ok"), error.as_deref()) {
            (Some(Val::Bool(true)), _) => Ok(posted(members)),
            (Some(Val::Bool(false)), Some("ratelimited" | "rate_limited")) => {
                let failure = response.failure("rate_limited", "Slack wants fewer notifications: ratelimited", true);
                Err(failure.code("ratelimited"))
            }
            (Some(Val::Bool(false)), error) => {
                let code = delivery::code(error, response);
                Err(delivery::rejected(WHO, &code, response, PASSING.contains(&code.as_str())))
            }
            _ => Err(delivery::odd(WHO, "has no member ok", response)),
        }
    }
}

/// An incoming webhook answers with the text `ok`, or with an error's name and a status that fits.
fn of_incoming_webhook(response: &Response, retry_on: &RetryOn) -> Result<Delivery, Failure> {
    let text = response.body.shown();
    let text = text.trim();
    match response.status {
        200..=299 if text == "ok" => Ok(Delivery { status: "delivered", id: Val::Null, thread: None }),
        200..=299 => Err(delivery::odd(WHO, "is not ok", response)),
        _ => {
            let is_name = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            Err(delivery::failure(WHO, is_name.then_some(text), response, retry_on))
        }
    }
}

/// A message is known by its conversation and its time stamp.
fn posted(members: &Map) -> Delivery {
    let text = |name: &str| members.get(name).filter(|value| matches!(value, Val::Str(_))).cloned();
    let thread = match (text("channel"), text("ts")) {
        (Some(channel), Some(ts)) => {
            let members = [(Text::from("channel"), channel), (Text::from("ts"), ts)];
            Some(Val::obj(members.into_iter().collect()))
        }
        _ => None,
    };
    Delivery { status: "delivered", id: text("ts").unwrap_or_default(), thread }
}

fn conversation(recipients: &[Val]) -> Result<Val, Failure> {
    let invalid = |problem: String| Err(Failure::new("invalid_value", format!("{RECIPIENTS}: {problem}")).at(RECIPIENTS));
    match recipients {
        [Val::Str(id)] if !id.is_empty() && !id.contains(|c: char| c.is_whitespace() || c.is_control() || c == ',') => {
            Ok(Val::Str(id.clone()))
        }
        [_] => invalid("not the id of a conversation, or the name of a channel".to_owned()),
        several => invalid(one_only(several.len())),
    }
}

fn one_only(count: usize) -> String {
    format!("a message of Slack has one recipient, found {count}; send several by a step each")
}

fn emoji(severity: Severity) -> &'static str {
    match severity {
        Severity::Debug | Severity::Info => "",
        Severity::Warning => ":warning: ",
        Severity::Error => ":x: ",
        Severity::Critical => ":rotating_light: ",
    }
}
