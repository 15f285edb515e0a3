//! The URL of a request.
//!
//! Values in it are percent-encoded to the last character, so that none ends the part that it stands in. Scheme, host and
//! port must be written out: no value can change where a request goes. The one exception says so itself: a URL that is
//! nothing but one reference, such as `${context.callback_url}`, is taken whole from the data, and the operator's grants
//! decide alone. A value that would be no segment of a path, or one that leads elsewhere (`.` and `..`), is refused.

use crate::template::{self, Piece, Template};
use catalog_kit::{Failure, Map, Val, config};
use std::fmt::Write;

pub const POINTER: &str = "/config/url";

/// The URL of a configuration.
pub fn url(text: &str, document: &Map) -> Result<String, Failure> {
    let template = Template::parse(text, POINTER)?;
    if let Some(reference) = template.single() {
        let Val::Str(url) = reference.resolve(document, POINTER)? else {
            return Err(reference.refused(POINTER, "is not a string"));
        };
        if authority_end(url).is_none() {
            return Err(reference.refused(POINTER, "is not a URL that starts with http:// or https://"));
        }
        template::check_value(&Val::Str(std::rc::Rc::clone(url)), POINTER)?;
        return Ok(url.to_string());
    }
    let Some(Piece::Text(first)) = template.pieces.first() else {
        return Err(config::invalid(POINTER, "must start with http:// or https:// and a host"));
    };
    let Some(end) = authority_end(first) else {
        return Err(config::invalid(POINTER, "must start with http:// or https:// and a host"));
    };
    if end == first.len() && template.pieces.len() > 1 {
        return Err(config::invalid(POINTER, "scheme, host and port must be literal, up to a '/' or '?'"));
    }

    let mut built = Built {
        url: first[..end].to_owned(),
        segment: String::new(),
        has_value: false,
        in_path: true,
    };
    for (i, piece) in template.pieces.iter().enumerate() {
        match piece {
            Piece::Text(literal) => {
                let literal = if i == 0 { &literal[end..] } else { literal };
                built.literal(literal)?;
            }
            Piece::Value(reference) => {
                let mut text = String::new();
                template::write_scalar(&mut text, reference.resolve(document, POINTER)?)
                    .map_err(|problem| reference.refused(POINTER, problem))?;
                encode(&mut built.segment, &text);
                built.has_value = true;
            }
            Piece::Secret(_) => {
                return Err(config::invalid(POINTER, "secrets are allowed in query, headers and body, not in the URL"));
            }
        }
    }
    built.end_segment()?;
    let url = built.url;
    template::check_value(&Val::str(&url), POINTER)?;
    Ok(url)
}

/// The end of scheme, host and port; `None` if the URL does not start with them.
fn authority_end(url: &str) -> Option<usize> {
    let begins_with = |scheme: &&str| url.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme));
    let start = ["http://", "https://"].into_iter().find(begins_with)?.len();
    let end = url[start..].find(['/', '?', '#', '\\']).map_or(url.len(), |end| start + end);
    (end > start).then_some(end)
}

struct Built {
    url: String,
    /// What came since the last '/'.
    segment: String,
    has_value: bool,
    in_path: bool,
}

impl Built {
    fn literal(&mut self, literal: &str) -> Result<(), Failure> {
        for c in literal.chars() {
            if self.in_path && matches!(c, '/' | '\\' | '?' | '#') {
                self.end_segment()?;
                self.in_path = matches!(c, '/' | '\\');
                self.url.push(c);
            } else {
                self.segment.push(c);
            }
        }
        Ok(())
    }

    fn end_segment(&mut self) -> Result<(), Failure> {
        let segment = std::mem::take(&mut self.segment);
        if std::mem::take(&mut self.has_value) && self.in_path {
            let dots = segment.replace("%2e", ".").replace("%2E", ".");
            if dots.is_empty() || dots == "." || dots == ".." {
                let problem = format!("a value results in the path segment '{segment}', which would change the path");
                return Err(Failure::new("invalid_value", format!("{POINTER}: {problem}")).at(POINTER));
            }
        }
        self.url.push_str(&segment);
        Ok(())
    }
}

/// Appends a text of which only letters, digits and `-._~` stand for themselves.
fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}
