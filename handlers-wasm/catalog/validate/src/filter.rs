//! Leaving out what a schema does not name.
//!
//! A member is named by `properties`, or by a pattern of `patternProperties`, of any schema that is applied to the
//! object: also by a branch that need not hold. An object for which none of them names anything stays whole.

use catalog_kit::schema::{Part, Schema};
use catalog_kit::{Map, Val};
use std::rc::Rc;

/// Leaves out all members that the schema does not name.
pub fn filter(schema: &Schema<'_>, value: &mut Val) {
    filter_by(schema, &[schema.root()], value);
}

fn filter_by<'s>(schema: &Schema<'s>, schemas: &[Part<'s>], value: &mut Val) {
    let keywords = schema.applied(schemas, true);
    match value {
        Val::Obj(members) if !keywords.is_empty() => {
            let names = keywords
                .iter()
                .any(|keywords| keywords.get("properties").is_some() || keywords.get("patternProperties").is_some());
            let mut kept = Map::with_capacity(members.len());
            for (key, mut member) in std::mem::take(Rc::make_mut(members)) {
                let schemas = schema.of_member(&keywords, &key, !names);
                if names && schemas.is_empty() {
                    continue;
                }
                filter_by(schema, &schemas, &mut member);
                kept.insert(key, member);
            }
            *members = Rc::new(kept);
        }
        Val::Arr(items) if !keywords.is_empty() => {
            for place in 0..items.len() {
                let schemas = Schema::of_item(&keywords, place);
                if !schemas.is_empty() {
                    Rc::make_mut(items).update(place, |item| filter_by(schema, &schemas, item));
                }
            }
        }
        _ => {}
    }
}
