//! JSON Schema, drafts 4 to 2020-12, applied to values as they are.
//!
//! A step brings its own schema and applies it once, so nothing is compiled: [`Schema::prepare`] walks over the schema to
//! see that it is one and to find what its references mean, and [`Schema::violations`] walks over schema and value
//! together. References to other documents are errors, and `format` and the `content` keywords are annotations only.
//! Numbers count by their exact value. The host has a twin of this module, and a test sees to it that both give the same
//! verdicts, and the same reasons why a schema cannot be used.

mod applied;
mod apply;
mod compare;
mod dialect;
mod number;
mod prepare;
mod uri;

use crate::config;
use crate::failure::Failure;
use crate::map::Map;
use crate::pattern::Pattern;
use crate::value::Val;
pub use applied::{Applied, Part};
use dialect::Dialect;
use std::collections::BTreeMap;
use std::fmt;

/// Schemas may be written within each other so deep.
const MAX_SCHEMA_DEPTH: usize = 128;
/// Schemas may be applied within each other so deep, through references and into a value.
const MAX_DEPTH: usize = 256;

/// From so deep on, what goes into schemas goes on with more room on the stack.
const DEEP: usize = 40;

/// Where a schema stands, and what a failure is called if it is none.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The JSON pointer of the schema in the step document.
    pub pointer: &'static str,
    /// The error type.
    pub error_type: &'static str,
}

/// What is told of violations.
#[derive(Clone, Copy, Debug)]
pub struct ViolationOptions {
    /// So many at most.
    pub limit: usize,
    /// Whether messages quote the values that are wrong; names of members are always told.
    pub values: bool,
}

/// A schema that was looked over.
pub struct Schema<'s> {
    root: &'s Val,
    place: Place,
    resources: Vec<Resource<'s>>,
    /// What `$ref` means, by the address of its text.
    references: BTreeMap<*const Val, Target<'s>>,
    /// Regular expressions, by the address of their text.
    patterns: BTreeMap<*const u8, Pattern>,
    /// Some keyword asks which parts of a value were looked at.
    tracks: bool,
}

/// A part of a schema that has an identity of its own.
struct Resource<'s> {
    uri: String,
    root: &'s Val,
    dialect: Dialect,
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
#[derive(Debug)]
pub struct Violation {
    /// The place in the value, as a JSON pointer.
    pub pointer: String,
    /// The keyword of the schema.
    pub keyword: &'static str,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "the whole" } else { &self.pointer };
        write!(f, "{place}: {} ({})", self.message, self.keyword)
    }
}

/// The schema in a configuration.
///
/// # Errors
///
/// `invalid_config` when there is nothing that could be one.
pub fn of<'c>(config: &'c Map, key: &str) -> Result<&'c Val, Failure> {
    match config.get(key) {
        Some(schema @ (Val::Obj(_) | Val::Bool(_))) => Ok(schema),
        other => Err(config::expected(&format!("/config/{key}"), "a JSON Schema (an object or a boolean)", other)),
    }
}

/// The violations as text, one after another.
#[must_use]
pub fn listed(violations: &[Violation]) -> String {
    let texts: Vec<String> = violations.iter().map(Violation::to_string).collect();
    texts.join("; ")
}

/// The violations as objects of pointer, keyword and message.
#[must_use]
pub fn as_values(violations: Vec<Violation>) -> Val {
    let violations = violations.into_iter().map(|violation| {
        let fields = [
            ("pointer", violation.pointer),
            ("keyword", violation.keyword.to_owned()),
            ("message", violation.message),
        ];
        let fields = fields.map(|(key, text)| (key.to_owned().into(), Val::from(text)));
        Val::obj(fields.into_iter().collect())
    });
    violations.collect()
}

/// The name of a value's type in JSON Schema. Numbers that JSON does not have are written as null.
fn type_of(value: &Val) -> &'static str {
    match value {
        Val::Float(f) if !f.is_finite() => "null",
        value => value.type_name(),
    }
}

/// Appends a step of a JSON pointer.
pub fn push_step(pointer: &mut String, step: &str) {
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
