//! What a schema says of one place in a value, for those who change values to fit it.

use super::apply::item_schemas;
use super::{Dialect, Schema};
use crate::map::Map;
use crate::text::Text;
use crate::value::Val;

/// Keywords whose schemas are applied to the same value, but need not hold.
const BRANCHES: [&str; 4] = ["anyOf", "oneOf", "then", "else"];

/// A schema, or a part of one.
#[derive(Clone, Copy)]
pub struct Part<'s> {
    schema: &'s Val,
    dialect: Dialect,
}

/// The keywords of a schema that is applied to some value.
#[derive(Clone, Copy)]
pub struct Applied<'s> {
    keywords: &'s Map,
    dialect: Dialect,
}

impl<'s> Applied<'s> {
    /// What a keyword says, if the schema's dialect has it.
    #[must_use]
    pub fn get(&self, keyword: &str) -> Option<&'s Val> {
        let found = self.keywords.get(keyword)?;
        self.dialect.has(keyword).then_some(found)
    }

    fn part(&self, schema: &'s Val) -> Part<'s> {
        Part {
            schema,
            dialect: self.dialect,
        }
    }
}

impl<'s> Schema<'s> {
    /// The schema itself.
    #[must_use]
    pub fn root(&self) -> Part<'s> {
        Part {
            schema: self.root,
            dialect: self.resources[0].dialect,
        }
    }

    /// The keywords of all schemas that are applied to the same value as some schemas are: those of the schemas, of
    /// what they refer to, and of their `allOf`; with `branches` also of those that need not hold.
    #[must_use]
    pub fn applied(&self, schemas: &[Part<'s>], branches: bool) -> Vec<Applied<'s>> {
        let mut found: Vec<Applied<'s>> = Vec::new();
        let mut open: Vec<Part<'s>> = schemas.iter().rev().copied().collect();
        while let Some(part) = open.pop() {
            let Val::Obj(keywords) = part.schema else { continue };
            let keywords: &'s Map = keywords;
            if found.iter().any(|known| std::ptr::eq(known.keywords, keywords)) {
                continue;
            }
            let own = self.resource_of(part.schema).map(|resource| self.resources[resource].dialect);
            let applied = Applied {
                keywords,
                dialect: own.unwrap_or(part.dialect),
            };
            for reference in ["$ref", "$dynamicRef", "$recursiveRef"] {
                let target = applied.get(reference).and_then(|text| self.references.get(&std::ptr::from_ref(text)));
                open.extend(target.map(|target| Part {
                    schema: target.schema,
                    dialect: self.resources[target.resource].dialect,
                }));
            }
            if applied.dialect.ref_stands_alone() && keywords.contains_key("$ref") {
                continue;
            }
            found.push(applied);
            open.extend(part_schemas(applied, "allOf"));
            if branches {
                BRANCHES.iter().for_each(|keyword| open.extend(part_schemas(applied, keyword)));
                for dependents in ["dependentSchemas", "dependencies"] {
                    if let Some(Val::Obj(dependents)) = applied.get(dependents) {
                        open.extend(dependents.values().map(|schema| applied.part(schema)));
                    }
                }
            }
        }
        found
    }

    /// The schemas of the items at a place of an array.
    #[must_use]
    pub fn of_item(applied: &[Applied<'s>], place: usize) -> Vec<Part<'s>> {
        let of = |applied: &Applied<'s>| {
            let (first, others) = item_schemas(applied.keywords, applied.dialect);
            first.get(place).or(others).map(|schema| applied.part(schema))
        };
        applied.iter().filter_map(of).collect()
    }

    /// The schemas of a member: those that name it, and with `others` also those for members without a name.
    #[must_use]
    pub fn of_member(&self, applied: &[Applied<'s>], key: &str, others: bool) -> Vec<Part<'s>> {
        let mut found = Vec::new();
        for applied in applied {
            let before = found.len();
            if let Some(Val::Obj(properties)) = applied.get("properties") {
                found.extend(properties.get(key).map(|schema| applied.part(schema)));
            }
            if let Some(Val::Obj(patterns)) = applied.get("patternProperties") {
                let matching = patterns.iter().filter(|(pattern, _)| self.matches(pattern, key));
                found.extend(matching.map(|(_, schema)| applied.part(schema)));
            }
            if others && found.len() == before {
                found.extend(applied.get("additionalProperties").map(|schema| applied.part(schema)));
            }
        }
        found
    }

    /// Whether a text matches a pattern of the schema.
    pub(super) fn matches(&self, pattern: &Text, text: &str) -> bool {
        let pattern = self.patterns.get(&pattern.address());
        pattern.is_none_or(|pattern| pattern.is_match(text))
    }
}

fn part_schemas<'s>(applied: Applied<'s>, keyword: &str) -> impl Iterator<Item = Part<'s>> {
    let schemas: &'s [Val] = match applied.get(keyword) {
        Some(Val::Arr(schemas)) => schemas,
        Some(schema) => std::slice::from_ref(schema),
        None => &[],
    };
    schemas.iter().map(move |schema| applied.part(schema))
}
