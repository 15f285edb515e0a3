//! From the configuration to the request document.

use crate::form;
use catalog_kit::http::fields::Fields;
use catalog_kit::http::url::{self, Url};
use catalog_kit::template::{self, Template};
use catalog_kit::{Failure, Map, Text, Val, config, json};

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// A request that a configuration describes.
pub struct Request {
    /// As the host reads it.
    pub document: String,
    /// A server that receives it twice does what it would do for one, or can tell that it is the same.
    pub repeatable: bool,
}

/// The request of a configuration.
pub fn request(config: &Map, document: &Map) -> Result<Request, Failure> {
    let mut request = Map::with_capacity(7);
    let mut add = |key: &str, value| request.insert(Text::from(key), value);

    let method = method(config)?;
    let mut repeatable = !matches!(method, "POST" | "PATCH");
    add("method", Val::str(method));
    match config.get("url") {
        Some(Val::Str(url)) => add("url", Url::parse(url)?.of(document)?.into()),
        other => return Err(config::expected(url::POINTER, "a string", other)),
    }
    let mut headers = Fields::parse(config, "headers")?.of(document)?;
    let body = match media_type(&headers).as_str() {
        form::MEDIA_TYPE => form::body(config, document)?,
        multipart if multipart.starts_with("multipart/") && config.contains_key("body") => {
            let problem = "multipart bodies cannot be written; send JSON, text or application/x-www-form-urlencoded";
            return Err(config::invalid("/config/headers/content-type", problem));
        }
        _ => body(config, document)?,
    };
    if let (Some((_, media_type)), false) = (&body, headers.contains_key("content-type")) {
        headers.insert(Text::from("content-type"), Val::str(media_type));
    }
    repeatable |= headers.contains_key("idempotency-key");
    if !headers.is_empty() {
        add("headers", Val::obj(headers));
    }
    let query = Fields::parse(config, "query")?.of(document)?;
    if !query.is_empty() {
        add("query", Val::obj(query));
    }
    if let Some((body, _)) = body {
        add("body", body);
    }
    match config.get("timeout_ms") {
        None => {}
        Some(timeout @ Val::Int(1..)) => add("timeout_ms", timeout.clone()),
        other => return Err(config::expected("/config/timeout_ms", "an integer number of milliseconds, at least 1", other)),
    }
    if config::switch(config, "idempotency_key")? {
        add("idempotency_key", Val::Bool(true));
        repeatable = true;
    }
    Ok(Request {
        document: json::to_string(&Val::obj(request)),
        repeatable,
    })
}

/// The media type that the headers say, in lower case and without parameters.
fn media_type(headers: &Map) -> String {
    match headers.get("content-type") {
        Some(Val::Str(text)) => text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase(),
        _ => String::new(),
    }
}

fn method(config: &Map) -> Result<&str, Failure> {
    match config.get("method") {
        None => Ok("GET"),
        Some(Val::Str(method)) if METHODS.contains(&method.as_str()) => Ok(method),
        Some(Val::Str(method)) => {
            let problem = format!("expected one of {}, found {:?}", METHODS.join(", "), method.as_str());
            Err(config::invalid("/config/method", problem))
        }
        other => Err(config::expected("/config/method", "a string", other)),
    }
}

/// The body as the request document has it, with its media type.
fn body(config: &Map, document: &Map) -> Result<Option<(Val, &'static str)>, Failure> {
    const POINTER: &str = "/config/body";
    let body = match config.get("body") {
        None => return Ok(None),
        Some(body) => filled(body, POINTER, document)?,
    };
    let (kind, body, media_type) = match body {
        Val::Null => return Ok(None),
        Val::Str(_) => ("text", body, "text/plain; charset=utf-8"),
        body => ("json", body, "application/json"),
    };
    let members = Map::from_iter([(Text::from(kind), body)]);
    Ok(Some((Val::obj(members), media_type)))
}

/// A value of the configuration with what it refers to. A string that is one reference becomes what it refers to.
fn filled(value: &Val, pointer: &str, document: &Map) -> Result<Val, Failure> {
    match value {
        Val::Str(text) => {
            let template = Template::parse(text, pointer)?;
            match template.single() {
                Some(reference) => {
                    let value = reference.resolve(document, pointer)?;
                    template::check_value(value, pointer)?;
                    Ok(value.clone())
                }
                None => template.text(document, template::write_any).map(Val::from),
            }
        }
        Val::Arr(values) => {
            let values = values.iter().enumerate();
            values.map(|(i, value)| filled(value, &format!("{pointer}/{i}"), document)).collect()
        }
        Val::Obj(members) => {
            let members = members.iter().map(|(key, value)| {
                let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                template::check_value(&Val::Str(key.clone()), &pointer)?;
                Ok((key.clone(), filled(value, &pointer, document)?))
            });
            members.collect::<Result<Map, Failure>>().map(Val::obj)
        }
        other => Ok(other.clone()),
    }
}
