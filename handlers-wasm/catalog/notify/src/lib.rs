//! The handler `notify`: tells people or programs of something, by a webhook, by Slack or by email.
//!
//! A step sends one notification by one request. The whole configuration is worked in before anything is sent
//! ([`config`]); a step fills it with its values ([`message`]); each channel writes the request that its provider expects,
//! and reads the response ([`webhook`], [`slack`], [`email`]).

mod address;
mod config;
mod delivery;
mod email;
mod escape;
mod message;
mod slack;
mod webhook;

use catalog_kit::handler::{Handler, Outcome};
use catalog_kit::http::{exchange, milliseconds};
use catalog_kit::{Failure, Map, Val, filter};
use config::{Channel, Config};
use delivery::{Delivery, Request};
use message::Message;
use std::rc::Rc;

/// What differs from attempt to attempt. No notification has it: each attempt must send the same bytes, or the broker's
/// idempotency key, which is made of them, would not be the same.
const OF_THE_ATTEMPT: [&str; 3] = ["attempt", "max_attempts", "deadline_ms"];

impl Handler for Config {
    fn of(config: &Rc<Map>) -> Result<Self, Failure> {
        filter::with_prelude(|prelude| Self::read(config, prelude))
    }

    fn run(&self, document: Rc<Map>) -> Result<Outcome, Failure> {
        send(self, document).map(Outcome::Completed)
    }
}

/// Sends the notification of a step; gives the step's result.
fn send(config: &Config, document: Rc<Map>) -> Result<Val, Failure> {
    let document = of_every_attempt(document);
    let message = Message::of(config, &document)?;
    let request = match &config.channel {
        Channel::Webhook(webhook) => webhook.request(&message, &document)?,
        Channel::Slack(slack) => slack.request(&message, &document)?,
        Channel::Email(email) => email.request(&message, &document)?,
    };
    if config.is_dry_run {
        return Ok(dry_run(config, &message, &request));
    }
    let retry_on = config.retry_on(request.is_repeatable())?;
    let response = exchange(&request.document(config), |status| matches!(status, 200..=299), &retry_on)?;
    let delivery = match &config.channel {
        Channel::Webhook(_) => webhook::delivery(&response, &retry_on, &message)?,
        Channel::Slack(slack) => slack.delivery(&response, &retry_on)?,
        Channel::Email(email) => email.delivery(&response, &retry_on)?,
    };
    let Delivery { status, id, thread } = delivery;
    let mut result = result(config, &message, status, id);
    let mut add = |key: &str, value| result.insert(key.into(), value);
    if let Some(thread) = thread {
        add("thread", thread);
    }
    add("status_code", Val::Int(i64::from(response.status)));
    add("latency_ms", milliseconds(response.latency));
    Ok(Val::obj(result))
}

/// What would be sent, with placeholders where the broker would fill in secrets.
fn dry_run(config: &Config, message: &Message, request: &Request) -> Val {
    let mut result = result(config, message, "dry_run", Val::Null);
    result.insert("request".into(), request.shown());
    Val::obj(result)
}

fn result(config: &Config, message: &Message, status: &str, id: Val) -> Map {
    let mut result = Map::with_capacity(8);
    let mut add = |key: &str, value| result.insert(key.into(), value);
    add("status", Val::str(status));
    add("delivery_id", id);
    add("channel", Val::str(config.channel.name()));
    add("severity", Val::str(message.severity.name()));
    if let Some(key) = &message.throttle_key {
        add("throttle_key", Val::str(key));
    }
    result
}

/// The step document without what differs from attempt to attempt.
fn of_every_attempt(document: Rc<Map>) -> Map {
    let mut document = Rc::unwrap_or_clone(document);
    if let Some(place) = document.place("step") {
        if let Val::Obj(step) = document.member(place).1 {
            let kept = step.iter().filter(|(name, _)| !OF_THE_ATTEMPT.contains(&name.as_str()));
            let step = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
            document.set(place, Val::obj(step));
        }
    }
    document
}

catalog_kit::handler!(Config, memory: 136 * 1024, set_up: filter::set_up);
