//! Strings of the configuration that refer to the step document and to secrets.
//!
//! `${context.customer.id}` is a value of the step document; `${deps.NAME.path}`, also written
//! `${steps.NAME.result.path}`, one of the result of a step before; `prev` and `step` can be referred to, too. A step of
//! a path is a name, `[0]`, or `["any name"]`. `$${` stands for `${`.
//!
//! `${secrets.KEY}` becomes `{{secret:KEY}}`, which the host fills in behind the handler, where the operator bound the
//! secret to the destination. Nothing else can become such a placeholder: a text that would have one that was not
//! written as a reference, from data alone or put together of data and configuration, is refused.

use crate::{Failure, Map, Val, config, json};

/// The parts of the step document that can be referred to.
const ROOTS: [&str; 4] = ["context", "deps", "prev", "step"];

/// A string of the configuration, taken apart.
pub struct Template {
    /// Its parts, in order; no two texts follow one another.
    pub pieces: Vec<Piece>,
    /// Where in the step document the string is.
    pub pointer: String,
}

/// A part of a template.
pub enum Piece {
    /// Stands for itself.
    Text(String),
    /// Stands for a value of the step document.
    Value(Reference),
    /// Stands for the secret of this name.
    Secret(String),
}

/// A path into the step document, with how it was written.
pub struct Reference {
    written: String,
    path: Vec<Step>,
}

enum Step {
    Name(String),
    Index(usize),
}

impl Template {
    /// Takes a string apart.
    ///
    /// # Errors
    ///
    /// `invalid_config` when something in it begins like a reference and is none.
    pub fn parse(text: &str, pointer: &str) -> Result<Self, Failure> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            if rest[..at].ends_with('$') {
                literal.push_str(&rest[..at - 1]);
                literal.push_str("${");
                rest = &rest[at + 2..];
                continue;
            }
            literal.push_str(&rest[..at]);
            let written = reference_text(&rest[at..])
                .ok_or_else(|| config::invalid(pointer, "a reference starts with ${ but has no closing }"))?;
            rest = &rest[at + written.len()..];
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
            }
            let piece = reference(written).map_err(|problem| config::invalid(pointer, format!("{written}: {problem}")))?;
            pieces.push(piece);
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        Ok(Self {
            pieces,
            pointer: pointer.to_owned(),
        })
    }

    /// The reference that is all there is.
    #[must_use]
    pub fn single(&self) -> Option<&Reference> {
        match self.pieces.as_slice() {
            [Piece::Value(reference)] => Some(reference),
            _ => None,
        }
    }

    /// The text, in which `write` writes each value.
    ///
    /// # Errors
    ///
    /// As [`Template::written`]'s.
    pub fn text(
        &self,
        document: &Map,
        write: impl Fn(&mut String, &Val) -> Result<(), &'static str>,
    ) -> Result<String, Failure> {
        self.written(document, String::push_str, write)
    }

    /// The text, in which `write_literal` writes what stands for itself, and `write` each value.
    ///
    /// # Errors
    ///
    /// `unresolved_reference` when a value does not exist; `invalid_value` when one cannot stand here, or the text would
    /// have a placeholder of a secret that was not written as a reference.
    pub fn written(
        &self,
        document: &Map,
        write_literal: impl Fn(&mut String, &str),
        write: impl Fn(&mut String, &Val) -> Result<(), &'static str>,
    ) -> Result<String, Failure> {
        let mut text = String::new();
        let mut placeholders = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(literal) => write_literal(&mut text, literal),
                Piece::Secret(name) => {
                    placeholders.push(text.len());
                    text.push_str("{{secret:");
                    text.push_str(name);
                    text.push_str("}}");
                }
                Piece::Value(reference) => {
                    let value = reference.resolve(document, &self.pointer)?;
                    write(&mut text, value).map_err(|problem| reference.refused(&self.pointer, problem))?;
                }
            }
        }
        if has_placeholder(&text, &placeholders) {
            return Err(placeholder(&self.pointer));
        }
        Ok(text)
    }
}

impl Reference {
    /// The value that is referred to.
    ///
    /// # Errors
    ///
    /// `unresolved_reference` when it does not exist.
    pub fn resolve<'d>(&self, document: &'d Map, pointer: &str) -> Result<&'d Val, Failure> {
        let mut found: Option<&Val> = None;
        for step in &self.path {
            found = match (step, found) {
                (Step::Name(name), None) => document.get(name),
                (Step::Name(name), Some(Val::Obj(members))) => members.get(name),
                (Step::Index(place), Some(Val::Arr(values))) => values.get(*place),
                _ => None,
            };
            if found.is_none() {
                break;
            }
        }
        found.ok_or_else(|| {
            Failure::new("unresolved_reference", format!("{pointer}: {} does not exist", self.written))
                .at(pointer)
                .with("reference", self.written.clone())
        })
    }

    /// The failure of a value that cannot stand where it is wanted.
    #[must_use]
    pub fn refused(&self, pointer: &str, problem: &str) -> Failure {
        Failure::new("invalid_value", format!("{pointer}: {} {problem}", self.written))
            .at(pointer)
            .with("reference", self.written.clone())
    }
}

/// A value whose strings could be taken for placeholders is refused.
///
/// # Errors
///
/// `invalid_value`
pub fn check_value(value: &Val, pointer: &str) -> Result<(), Failure> {
    match value {
        Val::Str(text) if has_placeholder(text, &[]) => Err(placeholder(pointer)),
        Val::Arr(values) => values.iter().try_for_each(|value| check_value(value, pointer)),
        Val::Obj(members) => members.iter().try_for_each(|(key, value)| {
            if has_placeholder(key, &[]) {
                return Err(placeholder(pointer));
            }
            check_value(value, pointer)
        }),
        _ => Ok(()),
    }
}

/// Writes a value that is a text or as good as one.
///
/// # Errors
///
/// What it is instead.
pub fn write_scalar(text: &mut String, value: &Val) -> Result<(), &'static str> {
    match value {
        Val::Str(string) => text.push_str(string),
        Val::Int(_) | Val::Float(_) | Val::Num(_) | Val::Bool(_) => json::write(text, value),
        Val::Null => return Err("is null"),
        Val::Arr(_) => return Err("is an array"),
        Val::Obj(_) => return Err("is an object"),
    }
    Ok(())
}

/// Writes a value into a text that may hold JSON.
///
/// # Errors
///
/// It is null.
pub fn write_any(text: &mut String, value: &Val) -> Result<(), &'static str> {
    match value {
        Val::Arr(_) | Val::Obj(_) => {
            json::write(text, value);
            Ok(())
        }
        value => write_scalar(text, value),
    }
}

fn placeholder(pointer: &str) -> Failure {
    let message = format!("{pointer}: the text would contain a secret placeholder; use ${{secrets.NAME}} instead");
    Failure::new("invalid_value", message).at(pointer)
}

/// Whether a text has a placeholder, however spaced or spelt, that does not begin at one of the known places.
fn has_placeholder(text: &str, known: &[usize]) -> bool {
    let mut from = 0;
    while let Some(at) = text[from..].find("{{").map(|at| from + at) {
        let inside = text[at + 2..].trim_start();
        let word = inside.as_bytes().first_chunk::<6>();
        if !known.contains(&at) && word.is_some_and(|word| word.eq_ignore_ascii_case(b"secret")) {
            return true;
        }
        from = at + 1;
    }
    false
}

/// A reference from `${` to the `}` that ends it; names in quotes may have any characters.
fn reference_text(text: &str) -> Option<&str> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'}' if !quoted => return Some(&text[..=at]),
            _ => {}
        }
    }
    None
}

fn reference(written: &str) -> Result<Piece, &'static str> {
    let mut path = steps(&written[2..written.len() - 1])?;
    let Some(Step::Name(root)) = path.first() else {
        return Err("must start with a name");
    };
    match (root.as_str(), path.as_slice()) {
        ("secrets", [_, Step::Name(name)]) => {
            let in_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            if name.len() > 128 || name.starts_with('.') || !name.chars().all(in_name) {
                return Err("not a valid secret name");
            }
            return Ok(Piece::Secret(name.clone()));
        }
        ("secrets", _) => return Err("a secret is written ${secrets.NAME}"),
        ("steps", [_, Step::Name(_), Step::Name(result), ..]) if result == "result" => {
            path.remove(2);
            path[0] = Step::Name("deps".to_owned());
        }
        ("steps", _) => return Err("a step's result is written ${steps.NAME.result}"),
        (root, _) if ROOTS.contains(&root) => {}
        _ => return Err("unknown root; available: context, deps, prev, secrets, step, steps"),
    }
    Ok(Piece::Value(Reference {
        written: written.to_owned(),
        path,
    }))
}

fn steps(text: &str) -> Result<Vec<Step>, &'static str> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        if let Some(inside) = rest.strip_prefix('[') {
            let (step, after) = bracket(inside)?;
            steps.push(step);
            rest = after;
        } else {
            if !steps.is_empty() {
                rest = rest.strip_prefix('.').ok_or("expected '.', '[' or '}'")?;
            }
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let name = &rest[..end];
            if name.is_empty() || name.contains(|c: char| c.is_whitespace() || "\"'{}]$".contains(c)) {
                return Err("a name is missing, or must be written as [\"name\"]");
            }
            steps.push(Step::Name(name.to_owned()));
            rest = &rest[end..];
        }
        if rest.is_empty() {
            return Ok(steps);
        }
    }
}

fn bracket(inside: &str) -> Result<(Step, &str), &'static str> {
    const UNCLOSED: &str = "'[' has no matching ']'";
    if !inside.starts_with('"') {
        let (digits, after) = inside.split_once(']').ok_or(UNCLOSED)?;
        let place = digits.parse().map_err(|_| "expected a number or a quoted name in brackets")?;
        return Ok((Step::Index(place), after));
    }
    let mut escaped = false;
    let end = inside[1..].find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    let end = end.ok_or(UNCLOSED)? + 2;
    match json::parse(&inside[..end]) {
        Ok(Val::Str(name)) => {
            let after = inside[end..].strip_prefix(']').ok_or(UNCLOSED)?;
            Ok((Step::Name(name.into()), after))
        }
        _ => Err("a quoted name must be a JSON string"),
    }
}

#[cfg(test)]
mod tests {
    use super::has_placeholder;

    #[test]
    fn placeholders_are_found_however_they_are_written() {
        for text in ["{{secret:A}}", "a{{secret:A}}", "{{{secret:", "{{ secret :A}}", "{{SECRET:A}}", "{{\n\tsecret"] {
            assert!(has_placeholder(text, &[]), "{text}");
        }
        for text in ["", "{{", "{secret:A}", "{ {secret:A}}", "{{secre", "secret:A"] {
            assert!(!has_placeholder(text, &[]), "{text}");
        }
        assert!(!has_placeholder("x{{secret:A}}", &[1]));
        assert!(has_placeholder("x{{secret:A}}{{secret:B}}", &[1]));
    }
}
