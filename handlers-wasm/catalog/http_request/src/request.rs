//! From the configuration to the request document.

use crate::form;
use crate::template::{self, Template};
use crate::url;
use catalog_kit::{Failure, Map, Val, config, json};
use std::rc::Rc;

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
    let mut add = |key: &str, value| request.insert(Rc::new(key.to_owned()), value);

    let method = method(config)?;
    let mut repeatable = !matches!(method, "POST" | "PATCH");
    add("method", Val::str(method));
    match config.get("url") {
        Some(Val::Str(url)) => add("url", url::url(url, document)?.into()),
        other => return Err(config::expected(url::POINTER, "a string", other)),
    }
    let mut headers = fields(config, "headers", document)?;
    let body = match media_type(&headers).as_str() {
        form::MEDIA_TYPE => form::body(config, document)?,
        multipart if multipart.starts_with("multipart/") && config.contains_key("body") => {
            let problem = "multipart bodies cannot be written; send JSON, text or application/x-www-form-urlencoded";
            return Err(config::invalid("/config/headers/content-type", problem));
        }
        _ => body(config, document)?,
    };
    if let (Some((_, media_type)), false) = (&body, headers.contains_key("content-type")) {
        headers.insert(Rc::new("content-type".to_owned()), Val::str(media_type));
    }
    repeatable |= headers.contains_key("idempotency-key");
    if !headers.is_empty() {
        add("headers", Val::obj(headers));
    }
    let query = fields(config, "query", document)?;
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

/// The header or query fields: each name has one value or several. A reference to null leaves the field out.
fn fields(config: &Map, part: &str, document: &Map) -> Result<Map, Failure> {
    let place = format!("/config/{part}");
    let configured = match config.get(part) {
        None => return Ok(Map::default()),
        Some(Val::Obj(fields)) => fields,
        other => return Err(config::expected(&place, "an object", other)),
    };
    let is_header = part == "headers";
    let mut fields = Map::with_capacity(configured.len());
    for (name, value) in configured.iter() {
        let pointer = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
        if is_header && !is_token(name) {
            return Err(config::invalid(&pointer, "not a valid header name"));
        }
        template::check_value(&Val::Str(Rc::clone(name)), &pointer)?;
        let mut values = Vec::new();
        match value {
            Val::Arr(several) => {
                for (i, value) in several.iter().enumerate() {
                    field_values(value, &format!("{pointer}/{i}"), document, &mut values)?;
                }
            }
            value => field_values(value, &pointer, document, &mut values)?,
        }
        let has_control = |text: &Val| matches!(text, Val::Str(s) if s.contains(|c: char| c.is_control() && c != '\t'));
        if is_header && values.iter().any(has_control) {
            let message = format!("{pointer}: header values must not contain control characters");
            return Err(Failure::new("invalid_value", message).at(&pointer));
        }
        let name = if is_header { Rc::new(name.to_ascii_lowercase()) } else { Rc::clone(name) };
        match values.len() {
            0 => {}
            1 => fields.insert(name, values.remove(0)),
            _ => fields.insert(name, values.into_iter().collect()),
        }
    }
    Ok(fields)
}

fn is_token(name: &str) -> bool {
    let in_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(in_token)
}

/// Appends the values of a field as strings.
fn field_values(value: &Val, pointer: &str, document: &Map, values: &mut Vec<Val>) -> Result<(), Failure> {
    let text = match value {
        Val::Str(text) => text,
        Val::Int(_) | Val::Num(_) | Val::Float(_) | Val::Bool(_) => {
            values.push(json::to_string(value).into());
            return Ok(());
        }
        other => return Err(config::expected(pointer, "a string, a number or a boolean", Some(other))),
    };
    let template = Template::parse(text, pointer)?;
    let single = match template.single() {
        Some(reference) => reference.resolve(document, pointer)?,
        None => &Val::Bool(false),
    };
    match single {
        Val::Null => {}
        Val::Arr(several) => {
            let reference = template.single().expect("the array came from it");
            for value in several.iter() {
                let mut text = String::new();
                template::write_scalar(&mut text, value)
                    .map_err(|problem| reference.refused(pointer, &format!("has an item that {problem}")))?;
                let value = Val::from(text);
                template::check_value(&value, pointer)?;
                values.push(value);
            }
        }
        _ => values.push(template.text(document, template::write_scalar)?.into()),
    }
    Ok(())
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
    let members = Map::from_iter([(Rc::new(kind.to_owned()), body)]);
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
                template::check_value(&Val::Str(Rc::clone(key)), &pointer)?;
                Ok((Rc::clone(key), filled(value, &pointer, document)?))
            });
            members.collect::<Result<Map, Failure>>().map(Val::obj)
        }
        other => Ok(other.clone()),
    }
}
