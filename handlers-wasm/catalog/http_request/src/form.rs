//! Bodies of `application/x-www-form-urlencoded`.
//!
//! Whatever comes from a value is encoded, so that data cannot add parameters. A secret is a placeholder, which the host
//! fills in as it is.

use catalog_kit::template::{self, Template};
use catalog_kit::{Failure, Map, Text, Val, config};

pub const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";
const POINTER: &str = "/config/body";

/// The body as the request document has it, with its media type: of an object its members, each with one value or
/// several; of a string the string, in which values are encoded.
pub fn body(config: &Map, document: &Map) -> Result<Option<(Val, &'static str)>, Failure> {
    let text = match config.get("body") {
        None | Some(Val::Null) => return Ok(None),
        Some(Val::Obj(members)) => of_members(members, document)?,
        Some(Val::Str(text)) => {
            let template = Template::parse(text, POINTER)?;
            let whole = template.single().map(|reference| reference.resolve(document, POINTER)).transpose()?;
            match whole {
                // The configuration says that the data is the form.
                Some(Val::Null) => return Ok(None),
                Some(Val::Obj(members)) => of_data(members)?,
                Some(form @ Val::Str(text)) => {
                    template::check_value(form, POINTER)?;
                    text.to_string()
                }
                _ => template.text(document, encode_scalar)?,
            }
        }
        other => return Err(config::expected(POINTER, "an object or a string, for a form", other)),
    };
    let members = Map::from_iter([(Text::from("text"), Val::from(text))]);
    Ok(Some((Val::obj(members), MEDIA_TYPE)))
}

/// A form of the members of the configuration.
fn of_members(members: &Map, document: &Map) -> Result<String, Failure> {
    let mut form = String::new();
    for (name, value) in members.iter() {
        let pointer = format!("{POINTER}/{}", name.replace('~', "~0").replace('/', "~1"));
        let values = match value {
            Val::Arr(values) => values.iter().collect(),
            value => vec![value],
        };
        for value in values {
            let Val::Str(text) = value else {
                add_value(&mut form, name, value).map_err(|problem| {
                    config::invalid(&pointer, format!("a value of a form {problem}"))
                })?;
                continue;
            };
            let template = Template::parse(text, &pointer)?;
            match template.single() {
                Some(reference) => {
                    let value = reference.resolve(document, &pointer)?;
                    add_values(&mut form, name, value).map_err(|problem| reference.refused(&pointer, problem))?;
                }
                None => add(&mut form, name, &template.written(document, encode, encode_scalar)?),
            }
        }
    }
    Ok(form)
}

/// A form of the members of a value.
fn of_data(members: &Map) -> Result<String, Failure> {
    let mut form = String::new();
    for (name, value) in members.iter() {
        add_values(&mut form, name, value).map_err(|problem| {
            Failure::new("invalid_value", format!("{POINTER}: the member {name:?} {problem}")).at(POINTER)
        })?;
    }
    Ok(form)
}

/// Adds a value, or each item of an array; null adds nothing.
fn add_values(form: &mut String, name: &str, value: &Val) -> Result<(), &'static str> {
    match value {
        Val::Arr(items) => items.iter().try_for_each(|item| add_value(form, name, item)),
        value => add_value(form, name, value),
    }
}

fn add_value(form: &mut String, name: &str, value: &Val) -> Result<(), &'static str> {
    if matches!(value, Val::Null) {
        return Ok(());
    }
    let mut encoded = String::new();
    encode_scalar(&mut encoded, value)?;
    add(form, name, &encoded);
    Ok(())
}

fn add(form: &mut String, name: &str, encoded: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    encode(form, name);
    form.push('=');
    form.push_str(encoded);
}

fn encode_scalar(text: &mut String, value: &Val) -> Result<(), &'static str> {
    let mut plain = String::new();
    template::write_scalar(&mut plain, value)?;
    encode(text, &plain);
    Ok(())
}

/// Writes a name or a value as a form has it.
fn encode(form: &mut String, text: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b' ' => form.push('+'),
            b'*' | b'-' | b'.' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => form.push(char::from(byte)),
            byte => {
                form.push('%');
                form.push(char::from(DIGITS[usize::from(byte >> 4)]));
                form.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
}
