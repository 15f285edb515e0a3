//! JSONPath, RFC 9535.
//!
//! A query that can only find one value (names and indexes alone) gives it; any other gives an array of all that it
//! finds. Patterns of `match` and `search` are those of JSON Schema, which I-Regexp (RFC 9485) is a part of; one that is
//! written in the query and cannot be used makes it no query.

mod evaluate;
mod parse;
#[cfg(test)]
mod tests;

use catalog_kit::Val;
use catalog_kit::pattern::Pattern;
use std::borrow::Cow;
use std::fmt;

/// A query that can be applied.
pub struct Query {
    segments: Vec<Segment>,
}

/// Why a text is no query.
#[derive(Debug)]
pub struct Error {
    problem: Cow<'static, str>,
    /// The byte at which it went wrong.
    pub offset: usize,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a JSONPath: {} at byte {}", self.problem, self.offset)
    }
}

enum Segment {
    /// Selects out of the value.
    Child(Vec<Selector>),
    /// Selects out of the value and all in it.
    Descendant(Vec<Selector>),
}

enum Selector {
    Name(String),
    Wildcard,
    Index(i64),
    Slice(Option<i64>, Option<i64>, i64),
    Filter(Logical),
}

enum Logical {
    Or(Vec<Logical>),
    And(Vec<Logical>),
    Not(Box<Logical>),
    Compare(Comparable, Comparison, Comparable),
    /// Some value is found.
    Exists(Path),
    Matches { text: Comparable, pattern: Expression },
}

/// A regular expression (RFC 9485, I-Regexp).
enum Expression {
    /// It is written in the query.
    Written(Pattern),
    /// It is found in the value. If it cannot be used, nothing matches it.
    Found { pattern: Comparable, whole: bool },
}

#[derive(Clone, Copy)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A query inside a filter.
struct Path {
    /// It begins at the root, else at the value that is looked at.
    absolute: bool,
    query: Query,
}

enum Comparable {
    Literal(Val),
    Path(Path),
    Length(Box<Comparable>),
    Count(Path),
    Value(Path),
}

impl Query {
    /// Reads a query.
    pub fn parse(text: &str) -> Result<Self, Error> {
        parse::query(text)
    }

    /// What the query finds; none if it can only find one value and does not.
    pub fn apply(&self, root: &Val) -> Option<Val> {
        let found = self.find(root, root);
        if self.is_singular() {
            return found.first().map(|value| (*value).clone());
        }
        Some(found.into_iter().cloned().collect())
    }

    fn is_singular(&self) -> bool {
        self.segments.iter().all(|segment| {
            matches!(segment, Segment::Child(selectors)
                if matches!(selectors.as_slice(), [Selector::Name(_) | Selector::Index(_)]))
        })
    }
}
