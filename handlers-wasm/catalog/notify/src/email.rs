//! Email, by the HTTP API of a provider.
//!
//! | `api` | its reference | in each attempt |
//! |---|---|---|
//! | `resend` | `POST /emails` of <https://resend.com/docs/api-reference> | an idempotency key, which Resend understands for a day |
//! | `sendgrid` | `POST /v3/mail/send` of <https://www.twilio.com/docs/sendgrid/api-reference> | there is no key, so nothing that may have arrived is sent again |

use crate::address::Address;
use crate::config::{self, authorization, choice, text, texts};
use crate::delivery::{self, Delivery, Request};
use crate::escape;
use crate::message::{self, Message, Severity};
use crate::webhook::required_url;
use catalog_kit::http::Response;
use catalog_kit::http::retry::RetryOn;
use catalog_kit::http::url::Url;
use catalog_kit::template::Template;
use catalog_kit::{Failure, Map, Text, Val, config as steps};

/// Resend's limit; SendGrid's is higher.
const MAX_RECIPIENTS: usize = 50;
const KEYS: [&str; 7] = ["api", "from", "subject", "html", "reply_to", "cc", "bcc"];

/// The channel `email`.
pub struct Email {
    api: Api,
    url: Url,
    authorization: (Text, Val),
    from: Template,
    subject: Template,
    html: Option<Template>,
    reply_to: Option<Template>,
    cc: Vec<Template>,
    bcc: Vec<Template>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Api {
    Resend,
    SendGrid,
}

/// An email with everything filled in.
struct Filled {
    from: Address,
    to: Vec<Address>,
    cc: Vec<Address>,
    bcc: Vec<Address>,
    reply_to: Option<Address>,
    subject: String,
    text: Option<String>,
    html: Option<String>,
    headers: Map,
}

impl Api {
    fn who(self) -> &'static str {
        match self {
            Self::Resend => "Resend",
            Self::SendGrid => "SendGrid",
        }
    }

    fn url(self) -> &'static str {
        match self {
            Self::Resend => "https://api.resend.com/emails",
            Self::SendGrid => "https://api.sendgrid.com/v3/mail/send",
        }
    }

    /// The members that are written here, and by no filter.
    fn own(self) -> &'static [&'static str] {
        match self {
            Self::Resend => &["from", "to", "cc", "bcc", "reply_to", "subject", "text", "html", "headers"],
            Self::SendGrid => &["personalizations", "from", "reply_to", "subject", "content", "headers"],
        }
    }
}

impl Email {
    /// Reads the keys of the channel.
    pub fn of(members: &Map) -> Result<Self, Failure> {
        config::only(members, "email", &KEYS, &[])?;
        let api = match choice(members, "api", &["resend", "sendgrid"])? {
            Some("resend") => Api::Resend,
            Some(_) => Api::SendGrid,
            None => return Err(steps::expected("/config/api", "\"resend\" or \"sendgrid\"", None)),
        };
        let required = |key: &str| {
            let missing = || steps::expected(&format!("/config/{key}"), "a string", None);
            text(members, key)?.ok_or_else(missing)
        };
        let Some(authorization) = authorization(members)? else {
            return Err(steps::expected("/config/token", "a secret, such as ${secrets.NAME}", None));
        };
        Ok(Self {
            api,
            url: match members.get("url") {
                None => Url::parse(api.url())?,
                Some(_) => required_url(members)?,
            },
            authorization,
            from: required("from")?,
            subject: required("subject")?,
            html: text(members, "html")?,
            reply_to: text(members, "reply_to")?,
            cc: texts(members, "cc")?,
            bcc: texts(members, "bcc")?,
        })
    }

    /// Whether there is a text in HTML.
    pub fn has_html(&self) -> bool {
        self.html.is_some()
    }

    /// The request of a message.
    pub fn request(&self, message: &Message, document: &Map) -> Result<Request, Failure> {
        let filled = self.filled(message, document)?;
        let mut body = match self.api {
            Api::Resend => filled.for_resend(),
            Api::SendGrid => filled.for_sendgrid(),
        };
        body.extend(message.more(self.api.own())?);
        let headers = [(Text::from("content-type"), Val::str("application/json")), self.authorization.clone()];
        Ok(Request {
            url: self.url.of(document)?,
            headers: headers.into_iter().collect(),
            body: Val::obj(body),
            has_key: self.api == Api::Resend,
        })
    }

    fn filled(&self, message: &Message, document: &Map) -> Result<Filled, Failure> {
        let to = addresses("/config/recipients", &message.recipients)?;
        let cc = addresses("/config/cc", &message::values(&self.cc, document)?)?;
        let bcc = addresses("/config/bcc", &message::values(&self.bcc, document)?)?;
        let count = to.len() + cc.len() + bcc.len();
        if to.is_empty() || count > MAX_RECIPIENTS {
            let problem = format!("an email has 1 to {MAX_RECIPIENTS} recipients, found {count}");
            return Err(invalid("/config/recipients", &problem));
        }
        Ok(Filled {
            from: address(&self.from, document)?,
            to,
            cc,
            bcc,
            reply_to: self.reply_to.as_ref().map(|template| address(template, document)).transpose()?,
            subject: self.subject(message, document)?,
            text: message.text.clone(),
            html: self.html.as_ref().map(|html| html.text(document, escape::html)).transpose()?,
            headers: headers(message),
        })
    }

    /// The subject, with a severity that somebody should see in a list.
    fn subject(&self, message: &Message, document: &Map) -> Result<String, Failure> {
        let subject = message::line(&self.subject, document)?;
        if subject.trim().is_empty() {
            return Err(message::refused(&self.subject, "the subject is empty"));
        }
        Ok(match message.severity.is_alarming() {
            true => format!("[{}] {subject}", message.severity.name()),
            false => subject,
        })
    }

    /// What came of a request.
    pub fn delivery(&self, response: &Response, retry_on: &RetryOn) -> Result<Delivery, Failure> {
        match self.api {
            Api::Resend => of_resend(response, retry_on),
            Api::SendGrid => of_sendgrid(response, retry_on),
        }
    }
}

impl Filled {
    fn for_resend(self) -> Map {
        let mut body = Map::with_capacity(10);
        let mut add = |key: &str, value| body.insert(Text::from(key), value);
        add("from", self.from.written());
        for (key, addresses) in [("to", &self.to), ("cc", &self.cc), ("bcc", &self.bcc)] {
            if !addresses.is_empty() {
                add(key, addresses.iter().map(Address::written).collect());
            }
        }
        if let Some(address) = &self.reply_to {
            add("reply_to", address.written());
        }
        add("subject", self.subject.into());
        for (key, text) in [("text", self.text), ("html", self.html)] {
            if let Some(text) = text {
                add(key, text.into());
            }
        }
        if !self.headers.is_empty() {
            add("headers", Val::obj(self.headers));
        }
        body
    }

    fn for_sendgrid(self) -> Map {
        let object = |members: Vec<(&str, Val)>| {
            Val::obj(members.into_iter().map(|(key, value)| (Text::from(key), value)).collect())
        };
        let lists = [("to", &self.to), ("cc", &self.cc), ("bcc", &self.bcc)].into_iter();
        let lists = lists.filter(|(_, addresses)| !addresses.is_empty());
        let envelope = lists.map(|(key, addresses)| (key, addresses.iter().map(Address::members).collect())).collect();
        let parts = [("text/plain", self.text), ("text/html", self.html)].into_iter();
        let parts = parts.filter_map(|(kind, text)| Some(object(vec![("type", Val::str(kind)), ("value", text?.into())])));

        let mut body = Map::with_capacity(8);
        let mut add = |key: &str, value| body.insert(Text::from(key), value);
        add("personalizations", [object(envelope)].into_iter().collect());
        add("from", self.from.members());
        if let Some(address) = &self.reply_to {
            add("reply_to", address.members());
        }
        add("subject", self.subject.into());
        add("content", parts.collect());
        if !self.headers.is_empty() {
            add("headers", Val::obj(self.headers));
        }
        body
    }
}

/// Headers of the email itself, by which a mailbox can sort.
fn headers(message: &Message) -> Map {
    let mut headers = Map::default();
    if matches!(message.severity, Severity::Error | Severity::Critical) {
        headers.insert(Text::from("Importance"), Val::str("high"));
    }
    if let Some(key) = &message.throttle_key {
        headers.insert(Text::from("X-Throttle-Key"), Val::str(key));
    }
    headers
}

fn address(template: &Template, document: &Map) -> Result<Address, Failure> {
    let text = message::line(template, document)?;
    Address::parse(&text).map_err(|problem| message::refused(template, problem))
}

fn addresses(pointer: &str, values: &[Val]) -> Result<Vec<Address>, Failure> {
    let parsed = values.iter().enumerate().map(|(i, value)| match value {
        Val::Str(text) => Address::parse(text).map_err(|problem| invalid(pointer, &format!("recipient {i} {problem}"))),
        _ => Err(invalid(pointer, &format!("recipient {i} is not a string"))),
    });
    parsed.collect()
}

fn invalid(pointer: &str, problem: &str) -> Failure {
    Failure::new("invalid_value", format!("{pointer}: {problem}")).at(pointer)
}

/// Resend answers with the id of the email, or with an error's name.
fn of_resend(response: &Response, retry_on: &RetryOn) -> Result<Delivery, Failure> {
    let who = Api::Resend.who();
    let body = response.body.value().unwrap_or_default();
    if matches!(response.status, 200..=299) {
        return match delivery::text(&body, "id") {
            Some(id) => Ok(Delivery { status: "accepted", id: id.into(), thread: None }),
            None => Err(delivery::odd(who, "has no id", response)),
        };
    }
    let name = delivery::text(&body, "name");
    Err(match (response.status, name.as_deref()) {
        // The quota of a day or a month does not come back within a step's attempts.
        (429, Some(name @ ("daily_quota_exceeded" | "monthly_quota_exceeded"))) => delivery::rejected(who, name, response, false),
        // The attempt before this one is still being worked on.
        (409, Some(name @ "concurrent_idempotent_requests")) => delivery::rejected(who, name, response, true),
        (_, name) => delivery::failure(who, name, response, retry_on),
    })
}

/// SendGrid takes an email with the status 202, and has its id in a header.
fn of_sendgrid(response: &Response, retry_on: &RetryOn) -> Result<Delivery, Failure> {
    match response.status {
        200..=299 => {
            let id = response.header("x-message-id").map_or(Val::Null, Val::str);
            Ok(Delivery { status: "accepted", id, thread: None })
        }
        _ => Err(delivery::failure(Api::SendGrid.who(), None, response, retry_on)),
    }
}
