//! The URL of a request.
//!
//! Values in it are percent-encoded to the last character, so that none ends the part that it stands in. Scheme, host and
//! port must be written out: no value can change where a request goes. The one exception says so itself: a URL that is
//! nothing but one reference, such as `${context.callback_url}`, is taken whole from the data, and the operator's grants
//! decide alone. A value that would be no segment of a path, or one that leads elsewhere (`.` and `..`), is refused.

use crate::template::{self, Piece, Template};
use crate::{Failure, Map, Val, config};
use wasm_broker_sdk::percent;

/// Where it is.
pub const POINTER: &str = "/config/url";

/// The URL of a configuration.
pub struct Url {
    template: Template,
    /// Where in the first literal scheme, host and port end; none if the URL is one reference.
    authority_end: Option<usize>,
}

impl Url {
    /// Takes the URL of a configuration apart.
    ///
    /// # Errors
    ///
    /// `invalid_config` when a value could change where a request goes, or the URL has a secret.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let template = Template::parse(text, POINTER)?;
        if template.single().is_some() {
            return Ok(Self { template, authority_end: None });
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
        if template.pieces.iter().any(|piece| matches!(piece, Piece::Secret(_))) {
            return Err(config::invalid(POINTER, "secrets are allowed in query, headers and body, not in the URL"));
        }
        Ok(Self { template, authority_end: Some(end) })
    }

    /// The URL for a step document.
    ///
    /// # Errors
    ///
    /// `unresolved_reference` when a value does not exist; `invalid_value` when one cannot stand here.
    pub fn of(&self, document: &Map) -> Result<String, Failure> {
        match self.authority_end {
            Some(end) => self.built(end, document),
            None => self.referred_to(document),
        }
    }

    fn referred_to(&self, document: &Map) -> Result<String, Failure> {
        let reference = self.template.single().expect("the URL is one");
        let Val::Str(url) = reference.resolve(document, POINTER)? else {
            return Err(reference.refused(POINTER, "is not a string"));
        };
        if authority_end(url).is_none() {
            return Err(reference.refused(POINTER, "is not a URL that starts with http:// or https://"));
        }
        template::check_value(&Val::Str(url.clone()), POINTER)?;
        Ok(url.to_string())
    }

    fn built(&self, end: usize, document: &Map) -> Result<String, Failure> {
        let mut built = Built::default();
        for (i, piece) in self.template.pieces.iter().enumerate() {
            match piece {
                Piece::Text(literal) if i == 0 => {
                    built.url.push_str(&literal[..end]);
                    built.literal(&literal[end..])?;
                }
                Piece::Text(literal) => built.literal(literal)?,
                Piece::Value(reference) => {
                    let mut text = String::new();
                    template::write_scalar(&mut text, reference.resolve(document, POINTER)?)
                        .map_err(|problem| reference.refused(POINTER, problem))?;
                    percent::encode(&mut built.segment, &text);
                    built.has_value = true;
                }
                Piece::Secret(_) => unreachable!("no URL has one"),
            }
        }
        built.end_segment()?;
        template::check_value(&Val::str(&built.url), POINTER)?;
        Ok(built.url)
    }
}

/// The end of scheme, host and port; `None` if the URL does not start with them.
fn authority_end(url: &str) -> Option<usize> {
    let begins_with = |scheme: &&str| url.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme));
    let start = ["http://", "https://"].into_iter().find(begins_with)?.len();
    let end = url[start..].find(['/', '?', '#', '\\']).map_or(url.len(), |end| start + end);
    (end > start).then_some(end)
}

#[derive(Default)]
struct Built {
    url: String,
    /// What came since the last '/'.
    segment: String,
    has_value: bool,
    /// The path is over: what follows is query or fragment.
    is_behind_path: bool,
}

impl Built {
    fn literal(&mut self, literal: &str) -> Result<(), Failure> {
        for c in literal.chars() {
            if !self.is_behind_path && matches!(c, '/' | '\\' | '?' | '#') {
                self.end_segment()?;
                self.is_behind_path = !matches!(c, '/' | '\\');
                self.url.push(c);
            } else {
                self.segment.push(c);
            }
        }
        Ok(())
    }

    fn end_segment(&mut self) -> Result<(), Failure> {
        let segment = std::mem::take(&mut self.segment);
        if std::mem::take(&mut self.has_value) && !self.is_behind_path {
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
