//! What a schema says of one place in a value, for those who change values to fit it.

use super::Schema;
use crate::map::Map;
use crate::value::Val;
use std::rc::Rc;

/// Keywords whose schemas are applied to the same value, but need not hold.
const BRANCHES: [&str; 4] = ["anyOf", "oneOf", "then", "else"];

impl<'s> Schema<'s> {
    /// The schema itself.
    #[must_use]
    pub fn root(&self) -> &'s Val {
        self.root
    }

    /// The keywords of all schemas that are applied to the same value as some schemas are: those of the schemas, of
    /// what they refer to, and of their `allOf`; with `branches` also of those that need not hold.
    #[must_use]
    pub fn applied(&self, schemas: &[&'s Val], branches: bool) -> Vec<&'s Map> {
        let mut found: Vec<&'s Map> = Vec::new();
        let mut open: Vec<&'s Val> = schemas.iter().rev().copied().collect();
        while let Some(schema) = open.pop() {
            let Val::Obj(keywords) = schema else { continue };
            let keywords: &'s Map = keywords;
            if found.iter().any(|known| std::ptr::eq(*known, keywords)) {
                continue;
            }
            found.push(keywords);
            for reference in ["$ref", "$dynamicRef"] {
                let target = keywords.get(reference).and_then(|text| self.references.get(&std::ptr::from_ref(text)));
                open.extend(target.map(|target| target.schema));
            }
            open.extend(part_schemas(keywords, "allOf"));
            if branches {
                BRANCHES.iter().for_each(|keyword| open.extend(part_schemas(keywords, keyword)));
                if let Some(Val::Obj(dependents)) = keywords.get("dependentSchemas") {
                    open.extend(dependents.values());
                }
            }
        }
        found
    }

    /// The schemas of the items at a place of an array.
    pub fn of_item(keywords: &[&'s Map], place: usize) -> Vec<&'s Val> {
        let of = |keywords: &&'s Map| {
            let first = match keywords.get("prefixItems") {
                Some(Val::Arr(schemas)) => schemas.get(place),
                _ => None,
            };
            first.or_else(|| keywords.get("items"))
        };
        keywords.iter().filter_map(of).collect()
    }

    /// The schemas of a member: those that name it, and with `others` also those for members without a name.
    pub fn of_member(&self, keywords: &[&'s Map], key: &str, others: bool) -> Vec<&'s Val> {
        let mut found = Vec::new();
        for keywords in keywords {
            let before = found.len();
            if let Some(Val::Obj(properties)) = keywords.get("properties") {
                found.extend(properties.get(key));
            }
            if let Some(Val::Obj(patterns)) = keywords.get("patternProperties") {
                let matching = patterns.iter().filter(|(pattern, _)| self.matches(pattern, key));
                found.extend(matching.map(|(_, schema)| schema));
            }
            if others && found.len() == before {
                found.extend(keywords.get("additionalProperties"));
            }
        }
        found
    }

    /// Whether a text matches a pattern of the schema.
    pub(super) fn matches(&self, pattern: &Rc<String>, text: &str) -> bool {
        let regex = self.patterns.get(&Rc::as_ptr(pattern));
        regex.is_none_or(|regex| regex.is_match(text))
    }
}

fn part_schemas<'s>(keywords: &'s Map, keyword: &str) -> impl Iterator<Item = &'s Val> {
    let schemas: &'s [Val] = match keywords.get(keyword) {
        Some(Val::Arr(schemas)) => schemas,
        Some(schema) => std::slice::from_ref(schema),
        None => &[],
    };
    schemas.iter()
}
