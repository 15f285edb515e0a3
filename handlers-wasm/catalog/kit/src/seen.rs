//! What filters see of a step document.

use crate::map::Map;
use crate::text::Text;
use crate::value::Val;

/// The parts of the step document that a filter sees.
pub const PARTS: [&str; 4] = ["context", "deps", "prev", "step"];

/// The input of a filter: an object of the step document's `context`, `deps`, `prev` and `step`. What is absent is null.
#[must_use]
pub fn seen(document: &Map) -> Val {
    let parts = PARTS.map(|name| {
        let part = document.get(name).cloned().unwrap_or_default();
        (Text::from(name), part)
    });
    Val::obj(parts.into_iter().collect())
}
