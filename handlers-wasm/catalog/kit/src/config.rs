//! The step document and the configuration in it.

use crate::failure::Failure;
use crate::json;
use crate::map::Map;
use crate::value::Val;
use std::rc::Rc;

/// The error type of a configuration that is not what the manifest says.
const INVALID: &str = "invalid_config";

/// Reads a step document.
///
/// # Errors
///
/// `invalid_step_document` when it is not a JSON object.
pub fn document(bytes: &[u8]) -> Result<Rc<Map>, Failure> {
    document_of(json::parse_bytes(bytes))
}

/// Reads a step document without its configuration, which was prepared.
///
/// # Errors
///
/// As [`document`]'s.
pub fn document_without_config(bytes: &[u8]) -> Result<Rc<Map>, Failure> {
    document_of(json::parse_without(bytes, "config"))
}

/// Reads a configuration that is to be prepared. Of one that is of no use, it is for the run to tell.
#[must_use]
pub fn to_prepare(bytes: &[u8]) -> Option<Rc<Map>> {
    match json::parse_member(bytes) {
        Ok(Val::Obj(config)) => Some(config),
        _ => None,
    }
}

fn document_of(parsed: Result<Val, json::Error>) -> Result<Rc<Map>, Failure> {
    let document = parsed.map_err(|cause| {
        Failure::new("invalid_step_document", format!("step document: {cause}"))
            .with_count("offset", cause.offset)
    })?;
    let Val::Obj(document) = document else {
        let message = format!("step document: expected an object, found {}", document.type_name());
        return Err(Failure::new("invalid_step_document", message));
    };
    Ok(document)
}

/// The configuration of a step; keys that are not the handler's belong to somebody else.
///
/// # Errors
///
/// `invalid_config` when it is not an object.
pub fn config(document: &Map) -> Result<&Rc<Map>, Failure> {
    match document.get("config") {
        Some(Val::Obj(config)) => Ok(config),
        other => Err(expected("/config", "an object", other)),
    }
}

/// A switch that is off unless it is on.
///
/// # Errors
///
/// `invalid_config` when it is no boolean.
pub fn switch(config: &Map, key: &str) -> Result<bool, Failure> {
    match config.get(key) {
        None => Ok(false),
        Some(Val::Bool(on)) => Ok(*on),
        other => Err(expected(&format!("/config/{key}"), "a boolean", other)),
    }
}

/// One of some words; the first if there is none.
///
/// # Errors
///
/// `invalid_config` when it is another one, or no string.
pub fn word<'w>(config: &Map, key: &str, words: &[&'w str]) -> Result<&'w str, Failure> {
    let pointer = format!("/config/{key}");
    match config.get(key) {
        None => Ok(words[0]),
        Some(Val::Str(given)) => words.iter().find(|word| **word == given.as_str()).copied().ok_or_else(|| {
            let problem = format!("expected one of \"{}\", found {:?}", words.join("\", \""), given.as_str());
            invalid(&pointer, problem)
        }),
        other => Err(expected(&pointer, "a string", other)),
    }
}

/// A failure that names the place, what was expected there and what was found.
#[must_use]
pub fn expected(pointer: &str, expected: &str, found: Option<&Val>) -> Failure {
    let found = found.map_or("nothing", Val::type_name);
    invalid(pointer, format_args!("expected {expected}, found {found}"))
}

/// A failure that names the place and what is wrong there.
#[must_use]
pub fn invalid(pointer: &str, problem: impl std::fmt::Display) -> Failure {
    Failure::new(INVALID, format!("{pointer}: {problem}")).at(pointer)
}
