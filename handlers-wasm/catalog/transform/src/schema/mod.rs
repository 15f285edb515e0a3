//! JSON Schema, draft 2020-12, applied to values as they are.
//!
//! A step brings its own schema and applies it once, so nothing is compiled: [`Schema::prepare`] walks over the schema to
//! see that it is one and to find what its references mean, and [`Schema::violations`] walks over schema and value
//! together. References to other documents are errors, `format` and the `content` keywords are annotations only, and
//! patterns are those of the crate `regex-lite`, which has no look-around and no Unicode classes.

mod apply;
mod number;
mod prepare;
mod uri;

use crate::failure::Failure;
use crate::value::Val;
use regex_lite::Regex;
use std::collections::BTreeMap;
use std::fmt::Write;

/// So many violations are told.
const MAX_VIOLATIONS: usize = 10;
/// Schemas may be applied within each other so deep.
const MAX_DEPTH: usize = 256;

/// A schema that was looked over.
pub struct Schema<'s> {
    root: &'s Val,
    resources: Vec<Resource<'s>>,
    /// What `$ref` means, by the address of its text.
    references: BTreeMap<*const Val, Target<'s>>,
    /// Regular expressions, by the address of their text.
    patterns: BTreeMap<*const String, Regex>,
    /// Some keyword asks which parts of a value were looked at.
    tracks: bool,
}

/// A part of a schema that has an identity of its own.
struct Resource<'s> {
    uri: String,
    root: &'s Val,
    /// Name, schema, and whether it is dynamic.
    anchors: Vec<(&'s str, &'s Val, bool)>,
}

/// What a reference means.
#[derive(Clone, Copy)]
struct Target<'s> {
    schema: &'s Val,
    resource: usize,
    /// The name of the dynamic anchor, if the reference looks for the outermost one of that name.
    dynamic: Option<&'s str>,
}

/// Where a value does not satisfy a schema.
struct Violation {
    pointer: String,
    keyword: &'static str,
    message: String,
}

/// Checks a result against the schema of a step's configuration.
pub fn check(schema: &Val, result: &Val) -> Result<(), Failure> {
    let violations = Schema::prepare(schema)?.violations(result)?;
    if violations.is_empty() {
        return Ok(());
    }
    let mut message = String::from("the result does not satisfy the schema: ");
    for (i, violation) in violations.iter().enumerate() {
        let separator = if i > 0 { "; " } else { "" };
        let Violation {
            pointer,
            keyword,
            message: text,
        } = violation;
        let place = if pointer.is_empty() { "the whole" } else { pointer };
        let _ = write!(message, "{separator}{place}: {text} ({keyword})");
    }
    let violations = violations.into_iter().map(|violation| {
        let fields = [
            ("pointer", violation.pointer),
            ("keyword", violation.keyword.to_owned()),
            ("message", violation.message),
        ];
        let fields = fields.map(|(key, text)| (key.to_owned().into(), Val::from(text)));
        Val::obj(fields.into_iter().collect())
    });
    let violations: Val = violations.collect();
    Err(Failure::new("output_schema_violation", message).with("violations", violations))
}

/// The name of a value's type in JSON Schema. Numbers that JSON does not have are written as null.
fn type_of(value: &Val) -> &'static str {
    match value {
        Val::Float(f) if !f.is_finite() => "null",
        value => value.type_name(),
    }
}

/// Appends a step of a JSON pointer.
fn push_step(pointer: &mut String, step: &str) {
    pointer.push('/');
    for c in step.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}

#[cfg(test)]
mod tests;
