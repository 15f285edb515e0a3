//! Taking a part out of a body: with a jq filter, or with a JSONPath of RFC 9535, which begins with `$`.

use crate::jsonpath::Query;
use catalog_kit::filter::{Filter, Prelude};
use catalog_kit::{Failure, Val, config, json};

pub const POINTER: &str = "/config/response_extract";

pub enum Extract {
    Filter(Filter),
    Path(Query),
}

impl Extract {
    /// No jq filter begins with a `$` that is not followed by a name.
    pub fn of(text: &str, prelude: &Prelude) -> Result<Self, Failure> {
        let is_path = text.strip_prefix('$').is_some_and(|rest| {
            !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        });
        if is_path {
            let query = Query::parse(text).map_err(|error| {
                config::invalid(POINTER, &error).with_count("offset", error.offset)
            })?;
            return Ok(Self::Path(query));
        }
        let filter = prelude.compile(text);
        filter.map(Self::Filter).map_err(|failure| failure.with_type("invalid_config").at(POINTER))
    }

    /// The extracted part of a body.
    pub fn apply(&self, body: Val) -> Result<Val, Failure> {
        let value = match self {
            Self::Filter(filter) => {
                filter.run(body).map_err(|failure| failure.with_type("bad_response").at(POINTER))?
            }
            Self::Path(query) => query.apply(&body).ok_or_else(|| {
                Failure::new("bad_response", "response_extract matches nothing in the body").at(POINTER)
            })?,
        };
        if json::is_deeper_than(&value, json::MAX_DEPTH) {
            let message = format!("the result of response_extract is nested deeper than {} levels", json::MAX_DEPTH);
            return Err(Failure::new("bad_response", message).at(POINTER));
        }
        Ok(value)
    }
}
