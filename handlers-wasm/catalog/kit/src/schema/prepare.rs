//! Looking a schema over: is it one, and what do its references mean?

use super::{Place, Resource, Schema, Target, push_step, type_of, uri};
use crate::failure::Failure;
use crate::map::Map;
use crate::value::Val;
use regex_lite::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";
/// Schemas may be written within each other so deep.
const MAX_DEPTH: usize = 128;
const TYPES: [&str; 7] = [
    "null", "boolean", "object", "array", "number", "string", "integer",
];

impl<'s> Schema<'s> {
    /// Looks a schema over.
    ///
    /// # Errors
    ///
    /// It is no schema; the failure names the place.
    pub fn prepare(root: &'s Val, place: Place) -> Result<Self, Failure> {
        let mut schema = Self {
            root,
            place,
            resources: vec![Resource {
                uri: String::new(),
                root,
                anchors: Vec::new(),
            }],
            references: BTreeMap::new(),
            patterns: BTreeMap::new(),
            tracks: false,
        };
        let mut walk = Walk {
            schema: &mut schema,
            pointer: place.pointer.to_owned(),
            depth: 0,
            seen: BTreeSet::new(),
            open: Vec::new(),
        };
        walk.schema(root, 0)?;
        // A reference may lead to a place that is no schema by itself; what is there is looked over then.
        let mut resolved = 0;
        while resolved < walk.open.len() {
            let reference = walk.open[resolved].clone();
            let target = walk.resolve(&reference)?;
            walk.schema.references.insert(reference.text, target);
            walk.pointer = reference.pointer;
            walk.schema(target.schema, target.resource)?;
            resolved += 1;
        }
        Ok(schema)
    }

    /// The resource whose root a schema is.
    pub(super) fn resource_of(&self, schema: &Val) -> Option<usize> {
        let is_root = |resource: &Resource| std::ptr::eq(resource.root, schema);
        self.resources.iter().rposition(is_root)
    }
}

/// A reference that was met and is not resolved.
#[derive(Clone)]
struct Reference<'s> {
    text: *const Val,
    reference: &'s str,
    dynamic: bool,
    resource: usize,
    pointer: String,
}

struct Walk<'w, 's> {
    schema: &'w mut Schema<'s>,
    pointer: String,
    depth: usize,
    seen: BTreeSet<*const Val>,
    open: Vec<Reference<'s>>,
}

type Checked = Result<(), Failure>;

impl<'s> Walk<'_, 's> {
    fn invalid(&self, message: impl std::fmt::Display) -> Failure {
        let pointer = self.pointer.clone();
        Failure::new(self.schema.place.error_type, format!("{pointer}: {message}")).with("pointer", pointer)
    }

    fn expected(&self, expected: &str, found: &Val) -> Failure {
        self.invalid(format_args!("expected {expected}, found {}", type_of(found)))
    }

    /// Does something one step further on.
    fn at(&mut self, step: &str, f: impl FnOnce(&mut Self) -> Checked) -> Checked {
        let length = self.pointer.len();
        push_step(&mut self.pointer, step);
        f(self)?;
        self.pointer.truncate(length);
        Ok(())
    }

    fn schema(&mut self, schema: &'s Val, resource: usize) -> Checked {
        let keywords = match schema {
            Val::Bool(_) => return Ok(()),
            Val::Obj(keywords) => keywords,
            other => return Err(self.expected("a schema (an object or a boolean)", other)),
        };
        if !self.seen.insert(schema) {
            return Ok(());
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.invalid(format_args!("schemas are nested deeper than {MAX_DEPTH} levels")));
        }
        let resource = self.identity(schema, keywords, resource)?;
        for (keyword, value) in keywords.iter() {
            self.at(keyword, |walk| walk.keyword(keyword, value, resource))?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Notes the identity and the anchors of a schema; gives its resource.
    fn identity(&mut self, schema: &'s Val, keywords: &'s Map, outer: usize) -> Result<usize, Failure> {
        let mut resource = outer;
        if let Some(Val::Str(id)) = keywords.get("$id") {
            let (uri, fragment) = uri::resolve(&self.schema.resources[outer].uri, id);
            if !fragment.is_empty() {
                return Err(self.invalid("$id must not have a fragment"));
            }
            if std::ptr::eq(schema, self.schema.root) {
                self.schema.resources[0].uri = uri;
            } else {
                resource = self.schema.resources.len();
                self.schema.resources.push(Resource {
                    uri,
                    root: schema,
                    anchors: Vec::new(),
                });
            }
        }
        for (keyword, dynamic) in [("$anchor", false), ("$dynamicAnchor", true)] {
            if let Some(Val::Str(name)) = keywords.get(keyword) {
                self.schema.resources[resource].anchors.push((name, schema, dynamic));
            }
        }
        Ok(resource)
    }

    fn keyword(&mut self, keyword: &str, value: &'s Val, resource: usize) -> Checked {
        match keyword {
            "not" | "if" | "then" | "else" | "items" | "contains" | "additionalProperties"
            | "propertyNames" | "contentSchema" => self.schema(value, resource),
            "unevaluatedItems" | "unevaluatedProperties" => {
                self.schema.tracks = true;
                self.schema(value, resource)
            }
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => self.schemas(value, resource),
            "properties" | "$defs" | "definitions" | "dependentSchemas" => {
                self.members(value, |walk, _, schema| walk.schema(schema, resource))
            }
            "patternProperties" => self.members(value, |walk, pattern, schema| {
                walk.pattern(pattern)?;
                walk.schema(schema, resource)
            }),
            "dependentRequired" => self.members(value, |walk, _, names| walk.strings(names)),
            "required" => self.strings(value),
            "type" => self.types(value),
            "enum" => match value {
                Val::Arr(_) => Ok(()),
                other => Err(self.expected("an array", other)),
            },
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties"
            | "maxProperties" | "minContains" | "maxContains" => match value.as_float() {
                Ok(f) if f >= 0.0 && f.fract() == 0.0 => Ok(()),
                _ => Err(self.invalid("expected an integer that is not negative")),
            },
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
                value.as_float().map(drop).map_err(|_| self.expected("a number", value))
            }
            "multipleOf" => match value.as_float() {
                Ok(f) if f > 0.0 => Ok(()),
                _ => Err(self.invalid("expected a number greater than 0")),
            },
            "uniqueItems" => match value {
                Val::Bool(_) => Ok(()),
                other => Err(self.expected("a boolean", other)),
            },
            "pattern" => {
                let pattern = self.string(value)?;
                self.pattern(pattern)
            }
            "$ref" | "$dynamicRef" => {
                let reference = self.string(value)?;
                let reference = Reference {
                    text: value,
                    reference,
                    dynamic: keyword == "$dynamicRef",
                    resource,
                    pointer: self.pointer.clone(),
                };
                self.open.push(reference);
                Ok(())
            }
            "$schema" => match self.string(value)?.trim_end_matches('#') {
                DRAFT => Ok(()),
                other => Err(self.invalid(format_args!("'{other}' is not served, only {DRAFT}"))),
            },
            "$id" | "$anchor" | "$dynamicAnchor" | "$comment" | "title" | "description" | "format" => {
                self.string(value).map(drop)
            }
            _ => Ok(()),
        }
    }

    fn string(&self, value: &'s Val) -> Result<&'s Rc<String>, Failure> {
        value.as_string().map_err(|_| self.expected("a string", value))
    }

    fn schemas(&mut self, value: &'s Val, resource: usize) -> Checked {
        match value {
            Val::Arr(schemas) if !schemas.is_empty() => {
                for (i, schema) in schemas.iter().enumerate() {
                    self.at(&i.to_string(), |walk| walk.schema(schema, resource))?;
                }
                Ok(())
            }
            _ => Err(self.invalid("expected an array with at least one schema")),
        }
    }

    fn members(
        &mut self,
        value: &'s Val,
        f: impl Fn(&mut Self, &'s Rc<String>, &'s Val) -> Checked,
    ) -> Checked {
        let Val::Obj(members) = value else {
            return Err(self.expected("an object", value));
        };
        for (key, value) in members.iter() {
            self.at(key, |walk| f(walk, key, value))?;
        }
        Ok(())
    }

    fn strings(&mut self, value: &Val) -> Checked {
        match value {
            Val::Arr(names) if names.iter().all(|name| matches!(name, Val::Str(_))) => Ok(()),
            _ => Err(self.invalid("expected an array of strings")),
        }
    }

    fn types(&mut self, value: &Val) -> Checked {
        let known = |v: &Val| matches!(v, Val::Str(s) if TYPES.contains(&s.as_str()));
        match value {
            Val::Arr(types) if !types.is_empty() && types.iter().all(known) => Ok(()),
            v if known(v) => Ok(()),
            _ => Err(self.invalid(format_args!("expected types out of {}", TYPES.join(", ")))),
        }
    }

    fn pattern(&mut self, pattern: &Rc<String>) -> Checked {
        let regex = Regex::new(pattern).map_err(|cause| {
            self.invalid(format_args!("the pattern cannot be used: {cause}"))
        })?;
        self.schema.patterns.insert(Rc::as_ptr(pattern), regex);
        Ok(())
    }

    fn resolve(&self, reference: &Reference<'s>) -> Result<Target<'s>, Failure> {
        let text = reference.reference;
        let fail = |message: &str| {
            Failure::new(self.schema.place.error_type, format!("{}: '{text}' {message}", reference.pointer))
                .with("pointer", reference.pointer.clone())
        };
        let resources = &self.schema.resources;
        let (uri, fragment) = uri::resolve(&resources[reference.resource].uri, text);
        let resource = resources.iter().position(|resource| resource.uri == uri);
        let resource = resource.ok_or_else(|| fail("points outside this schema"))?;
        if fragment.is_empty() || fragment.starts_with('/') {
            let (schema, resource) = self.follow(resource, &fragment).ok_or_else(|| fail("points to nothing"))?;
            return Ok(Target {
                schema,
                resource,
                dynamic: None,
            });
        }
        let mut anchors = resources[resource].anchors.iter();
        let anchor = anchors.find(|(name, _, _)| *name == fragment);
        let (name, schema, dynamic) = anchor.ok_or_else(|| fail("points to nothing"))?;
        Ok(Target {
            schema,
            resource,
            dynamic: (reference.dynamic && *dynamic).then_some(name),
        })
    }

    /// Follows a JSON pointer from the root of a resource; gives what is there and its resource.
    fn follow(&self, mut resource: usize, pointer: &str) -> Option<(&'s Val, usize)> {
        let mut place = self.schema.resources[resource].root;
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            place = match place {
                Val::Obj(members) => members.get(&step)?,
                Val::Arr(values) => values.get(step.parse::<usize>().ok()?)?,
                _ => return None,
            };
            resource = self.schema.resource_of(place).unwrap_or(resource);
        }
        Some((place, resource))
    }
}
