//! The configuration, worked in: templates taken apart, the filter compiled, everything checked that no step changes.

use crate::email::Email;
use crate::slack::Slack;
use crate::webhook::Webhook;
use catalog_kit::filter::{Filter, Prelude};
use catalog_kit::http::retry::RetryOn;
use catalog_kit::template::{Piece, Template};
use catalog_kit::{Failure, Map, Text, Val, config};

/// The keys of all channels. Others belong to somebody else.
const COMMON: [&str; 11] = [
    "channel", "template", "severity", "throttle_key", "recipients", "body", "url", "token", "timeout_ms", "retry_on", "dry_run",
];
/// The keys of some channels.
const SPECIAL: [&str; 9] = ["api", "headers", "idempotency_key", "from", "subject", "html", "reply_to", "cc", "bcc"];

/// What a step sends, apart from its values.
pub struct Config {
    pub channel: Channel,
    /// The text; none where something else says it all.
    pub template: Option<Template>,
    pub severity: Template,
    pub throttle_key: Option<Template>,
    pub recipients: Vec<Template>,
    /// Makes the request's body, or further members of it.
    pub body: Option<Filter>,
    pub timeout_ms: Option<Val>,
    pub is_dry_run: bool,
    /// Checked, and read again when it is known whether the request may be repeated.
    retry_on: Map,
}

/// Where notifications go.
pub enum Channel {
    Webhook(Webhook),
    Slack(Slack),
    Email(Email),
}

impl Channel {
    /// As it is configured.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Webhook(_) => "webhook",
            Self::Slack(_) => "slack",
            Self::Email(_) => "email",
        }
    }
}

impl Config {
    /// Works a configuration in.
    pub fn read(members: &Map, prelude: &Prelude) -> Result<Self, Failure> {
        let channel = match choice(members, "channel", &["webhook", "slack", "email"])? {
            Some("webhook") => Channel::Webhook(Webhook::of(members)?),
            Some("slack") => Channel::Slack(Slack::of(members)?),
            Some(_) => Channel::Email(Email::of(members)?),
            None => return Err(config::expected("/config/channel", "\"webhook\", \"slack\" or \"email\"", None)),
        };
        let retry_on: Map = members.get("retry_on").map(|value| (Text::from("retry_on"), value.clone())).into_iter().collect();
        RetryOn::of(&retry_on, false)?;
        let config = Self {
            template: text(members, "template")?,
            severity: text(members, "severity")?.map_or_else(|| Template::parse("info", "/config/severity"), Ok)?,
            throttle_key: text(members, "throttle_key")?,
            recipients: texts(members, "recipients")?,
            body: body(members, prelude)?,
            timeout_ms: timeout(members)?,
            is_dry_run: config::switch(members, "dry_run")?,
            retry_on,
            channel,
        };
        config.check()?;
        Ok(config)
    }

    /// What is worth another attempt.
    pub fn retry_on(&self, repeatable: bool) -> Result<RetryOn, Failure> {
        RetryOn::of(&self.retry_on, repeatable)
    }

    /// Checks what concerns several keys.
    fn check(&self) -> Result<(), Failure> {
        if let [Piece::Text(word)] = self.severity.pieces.as_slice() {
            crate::message::Severity::named(word).map_err(|problem| config::invalid("/config/severity", problem))?;
        }
        let says_nothing = match &self.channel {
            Channel::Webhook(_) => self.template.is_none() && self.body.is_none(),
            Channel::Slack(_) => self.template.is_none(),
            Channel::Email(email) => self.template.is_none() && !email.has_html(),
        };
        if says_nothing {
            return Err(config::expected("/config/template", "a string", None));
        }
        match (&self.channel, self.recipients.len()) {
            (Channel::Slack(slack), count) => slack.check_recipients(count),
            (Channel::Email(_), 0) => Err(config::expected("/config/recipients", "a string or an array of strings", None)),
            _ => Ok(()),
        }
    }
}

/// Refuses keys of other channels than this one, which has some besides those of all.
pub fn only(members: &Map, channel: &str, keys: &[&str], without: &[&str]) -> Result<(), Failure> {
    let foreign = SPECIAL.iter().filter(|key| !keys.contains(key)).chain(without);
    match foreign.into_iter().find(|key| members.contains_key(key)) {
        Some(key) => {
            let has: Vec<&str> = COMMON.iter().chain(keys).copied().filter(|key| !without.contains(key)).collect();
            let problem = format!("a notification by {channel} has no such key; it has {}", has.join(", "));
            Err(config::invalid(&format!("/config/{key}"), problem))
        }
        None => Ok(()),
    }
}

/// One of some words.
pub fn choice<'a>(members: &'a Map, key: &str, words: &[&str]) -> Result<Option<&'a str>, Failure> {
    match members.get(key) {
        None => Ok(None),
        Some(Val::Str(word)) if words.contains(&word.as_str()) => Ok(Some(word.as_str())),
        Some(Val::Str(word)) => {
            let problem = format!("expected one of {}, found {:?}", words.join(", "), word.as_str());
            Err(config::invalid(&format!("/config/{key}"), problem))
        }
        other => Err(config::expected(&format!("/config/{key}"), "a string", other)),
    }
}

/// A template that people will read, and so has no secrets.
pub fn text(members: &Map, key: &str) -> Result<Option<Template>, Failure> {
    let pointer = format!("/config/{key}");
    match members.get(key) {
        None => Ok(None),
        Some(Val::Str(text)) => public(text, &pointer).map(Some),
        other => Err(config::expected(&pointer, "a string", other)),
    }
}

/// One template or several, each of which may stand for several values.
pub fn texts(members: &Map, key: &str) -> Result<Vec<Template>, Failure> {
    let pointer = format!("/config/{key}");
    match members.get(key) {
        None => Ok(Vec::new()),
        Some(Val::Str(text)) => Ok(vec![public(text, &pointer)?]),
        Some(Val::Arr(texts)) => {
            let texts = texts.iter().enumerate();
            texts
                .map(|(i, text)| match text {
                    Val::Str(text) => public(text, &format!("{pointer}/{i}")),
                    other => Err(config::expected(&format!("{pointer}/{i}"), "a string", Some(other))),
                })
                .collect()
        }
        other => Err(config::expected(&pointer, "a string or an array of strings", other)),
    }
}

fn public(text: &str, pointer: &str) -> Result<Template, Failure> {
    let template = Template::parse(text, pointer)?;
    if template.pieces.iter().any(|piece| matches!(piece, Piece::Secret(_))) {
        return Err(config::invalid(pointer, "secrets are allowed in token and headers, not in what people read"));
    }
    Ok(template)
}

/// The header that proves who sends; the token is a secret, and nothing else.
pub fn authorization(members: &Map) -> Result<Option<(Text, Val)>, Failure> {
    const POINTER: &str = "/config/token";
    const WANTED: &str = "must be exactly one secret, such as ${secrets.NAME}";
    let text = match members.get("token") {
        None => return Ok(None),
        Some(Val::Str(text)) => text,
        other => return Err(config::expected(POINTER, "a string", other)),
    };
    let template = Template::parse(text, POINTER)?;
    let [Piece::Secret(name)] = template.pieces.as_slice() else {
        return Err(config::invalid(POINTER, WANTED));
    };
    Ok(Some((Text::from("authorization"), format!("Bearer {{{{secret:{name}}}}}").into())))
}

fn body(members: &Map, prelude: &Prelude) -> Result<Option<Filter>, Failure> {
    const POINTER: &str = "/config/body";
    match members.get("body") {
        None => Ok(None),
        Some(Val::Str(text)) => {
            let filter = prelude.compile(text);
            filter.map(Some).map_err(|failure| failure.with_type("invalid_config").at(POINTER))
        }
        other => Err(config::expected(POINTER, "a string, the text of a jq filter", other)),
    }
}

fn timeout(members: &Map) -> Result<Option<Val>, Failure> {
    match members.get("timeout_ms") {
        None => Ok(None),
        Some(timeout @ Val::Int(1..)) => Ok(Some(timeout.clone())),
        other => Err(config::expected("/config/timeout_ms", "an integer number of milliseconds, at least 1", other)),
    }
}
