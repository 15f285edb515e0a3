//! Looking a schema over: is it one, and what do its references mean?

use super::{DEEP, Dialect, MAX_SCHEMA_DEPTH, Place, Resource, Schema, Target, number, push_step, type_of, uri};
use crate::deep;
use crate::failure::Failure;
use crate::json;
use crate::map::Map;
use crate::pattern::Pattern;
use crate::text::Text;
use crate::value::Val;
use std::collections::{BTreeMap, BTreeSet};

const TYPES: [&str; 7] = [
    "null", "boolean", "object", "array", "number", "string", "integer",
];

impl Schema<'static> {
    /// Looks a schema over. It refers to its text, which is kept as long as the instance lives.
    ///
    /// # Errors
    ///
    /// As [`Schema::prepare`]'s.
    pub fn kept(root: Val, place: Place) -> Result<Self, Failure> {
        Self::prepare(Box::leak(Box::new(root)), place)
    }
}

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
                dialect: Dialect::DEFAULT,
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
            walk.depth = 0;
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
    kind: Kind,
    resource: usize,
    pointer: String,
}

/// How a reference is followed.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Plain,
    Dynamic,
    Recursive,
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
            Val::Bool(_) if self.schema.resources[resource].dialect > Dialect::Draft4 || self.depth == 0 => return Ok(()),
            Val::Obj(keywords) => keywords,
            other => return Err(self.expected("a schema (an object or a boolean)", other)),
        };
        if !self.seen.insert(schema) {
            return Ok(());
        }
        self.depth += 1;
        if self.depth > MAX_SCHEMA_DEPTH {
            return Err(self.invalid(format_args!("schemas are nested deeper than {MAX_SCHEMA_DEPTH} levels")));
        }
        let dialect = self.dialect(keywords, resource)?;
        if std::ptr::eq(schema, self.schema.root) {
            self.schema.resources[0].dialect = dialect;
        }
        let alone = dialect.ref_stands_alone() && keywords.contains_key("$ref");
        let resource = if alone { resource } else { self.identity(schema, keywords, resource, dialect)? };
        let is_deep = self.depth == DEEP;
        let mut all = || {
            for (keyword, value) in keywords.iter() {
                if dialect.has(keyword) && (!alone || matches!(keyword.as_str(), "$ref" | "definitions")) {
                    self.at(keyword, |walk| walk.keyword(keyword, value, resource))?;
                }
            }
            Ok(())
        };
        if is_deep { deep::on_large_stack(all) } else { all() }?;
        self.depth -= 1;
        Ok(())
    }

    /// The dialect of a schema, which it may say itself where it begins a resource.
    fn dialect(&mut self, keywords: &'s Map, outer: usize) -> Result<Dialect, Failure> {
        let around = self.schema.resources[outer].dialect;
        let Some(named) = keywords.get("$schema") else { return Ok(around) };
        let dialect = match named {
            Val::Str(uri) => Dialect::named(uri),
            _ => None,
        };
        let invalid = |walk: &mut Self, problem: &str| {
            let named = json::to_string(named);
            push_step(&mut walk.pointer, "$schema");
            walk.invalid(format_args!("{named} {problem}"))
        };
        let Some(dialect) = dialect else {
            return Err(invalid(self, "is not a supported dialect"));
        };
        let begins = std::ptr::eq(keywords, self.root_keywords()) || keywords.contains_key(dialect.id());
        if dialect != around && !begins {
            return Err(invalid(self, "is not the dialect of the schema around it"));
        }
        Ok(dialect)
    }

    fn root_keywords(&self) -> *const Map {
        match self.schema.root {
            Val::Obj(keywords) => std::ptr::from_ref::<Map>(keywords),
            _ => std::ptr::null(),
        }
    }

    /// Notes the identity and the anchors of a schema; gives its resource.
    fn identity(
        &mut self,
        schema: &'s Val,
        keywords: &'s Map,
        outer: usize,
        dialect: Dialect,
    ) -> Result<usize, Failure> {
        let mut resource = outer;
        let is_root = std::ptr::eq(schema, self.schema.root);
        if let Some(Val::Str(id)) = keywords.get(dialect.id()) {
            let (uri, fragment) = uri::resolve(&self.schema.resources[outer].uri, id);
            // Before there was a keyword for anchors, the fragment of an identifier was one.
            let anchors = !dialect.has("$anchor");
            if !fragment.is_empty() && !anchors {
                return Err(self.invalid("$id must not have a fragment"));
            }
            if is_root {
                self.schema.resources[0].uri = uri;
            } else if !id.starts_with('#') {
                if self.schema.resources.iter().any(|known| known.uri == uri) {
                    return Err(self.invalid(format_args!("the identifier '{uri}' is there twice")));
                }
                resource = self.schema.resources.len();
                self.schema.resources.push(Resource {
                    uri,
                    root: schema,
                    dialect,
                    anchors: Vec::new(),
                });
            }
            if anchors && !fragment.is_empty() {
                let (_, fragment) = id.split_once('#').unwrap_or_default();
                self.anchor(resource, fragment, schema, false)?;
            }
        }
        for (keyword, dynamic) in [("$anchor", false), ("$dynamicAnchor", true)] {
            if let (Some(Val::Str(name)), true) = (keywords.get(keyword), dialect.has(keyword)) {
                self.anchor(resource, name, schema, dynamic)?;
            }
        }
        let begins = std::ptr::eq(schema, self.schema.resources[resource].root);
        if let (Some(Val::Bool(true)), true) = (keywords.get("$recursiveAnchor"), begins && dialect.has("$recursiveAnchor")) {
            self.schema.resources[resource].anchors.push(("", schema, true));
        }
        Ok(resource)
    }

    fn anchor(&mut self, resource: usize, name: &'s str, schema: &'s Val, dynamic: bool) -> Checked {
        let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !first || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-._:".contains(c)) {
            return Err(self.invalid(format_args!("'{name}' cannot be an anchor")));
        }
        let anchors = &mut self.schema.resources[resource].anchors;
        if anchors.iter().any(|(known, place, _)| *known == name && !std::ptr::eq(*place, schema)) {
            return Err(self.invalid(format_args!("the anchor '{name}' is there twice")));
        }
        anchors.push((name, schema, dynamic));
        Ok(())
    }

    fn keyword(&mut self, keyword: &str, value: &'s Val, resource: usize) -> Checked {
        let dialect = self.schema.resources[resource].dialect;
        match keyword {
            "additionalItems" | "additionalProperties" if matches!(value, Val::Bool(_)) => Ok(()),
            "items" if dialect < Dialect::Draft2020 && matches!(value, Val::Arr(_)) => self.schemas(value, resource),
            "not" | "if" | "then" | "else" | "items" | "additionalItems" | "contains" | "additionalProperties"
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
            "dependencies" => self.members(value, |walk, _, dependent| match dependent {
                Val::Arr(_) => walk.strings(dependent),
                schema => walk.schema(schema, resource),
            }),
            "required" => self.strings(value),
            "type" => self.types(value),
            "enum" | "examples" => match value {
                Val::Arr(_) => Ok(()),
                other => Err(self.expected("an array", other)),
            },
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties"
            | "maxProperties" | "minContains" | "maxContains" => match number::is_count(value) {
                true => Ok(()),
                false => Err(self.invalid("expected an integer that is not negative")),
            },
            "exclusiveMinimum" | "exclusiveMaximum" if dialect == Dialect::Draft4 => self.boolean(value),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => match type_of(value) {
                "number" => Ok(()),
                _ => Err(self.expected("a number", value)),
            },
            "multipleOf" => match (number::is_positive(value), number::is_divisor(value)) {
                (true, true) => Ok(()),
                (true, false) => {
                    let digits = number::MAX_DIVISOR_DIGITS;
                    Err(self.invalid(format_args!("expected a number with at most {digits} significant digits")))
                }
                _ => Err(self.invalid("expected a number greater than 0")),
            },
            "uniqueItems" | "deprecated" | "readOnly" | "writeOnly" | "$recursiveAnchor" => self.boolean(value),
            "pattern" => {
                let pattern = self.string(value)?;
                self.pattern(pattern)
            }
            "$ref" => self.reference(value, Kind::Plain, resource),
            "$dynamicRef" => self.reference(value, Kind::Dynamic, resource),
            "$recursiveRef" => match value {
                Val::Str(text) if text.as_str() == "#" => self.reference(value, Kind::Recursive, resource),
                _ => Err(self.invalid("expected \"#\"")),
            },
            "$vocabulary" => self.members(value, |walk, _, used| walk.boolean(used)),
            "$id" | "id" | "$anchor" | "$dynamicAnchor" | "$comment" | "title" | "description" | "format"
            | "contentMediaType" | "contentEncoding" => self.string(value).map(drop),
            _ => Ok(()),
        }
    }

    fn string(&self, value: &'s Val) -> Result<&'s Text, Failure> {
        match value {
            Val::Str(text) => Ok(text),
            other => Err(self.expected("a string", other)),
        }
    }

    fn boolean(&self, value: &Val) -> Checked {
        match value {
            Val::Bool(_) => Ok(()),
            other => Err(self.expected("a boolean", other)),
        }
    }

    fn reference(&mut self, value: &'s Val, kind: Kind, resource: usize) -> Checked {
        let reference = Reference {
            text: value,
            reference: self.string(value)?,
            kind,
            resource,
            pointer: self.pointer.clone(),
        };
        self.open.push(reference);
        Ok(())
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
        f: impl Fn(&mut Self, &'s Text, &'s Val) -> Checked,
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
        let mut different = BTreeSet::new();
        let is_new = |name: &Val| matches!(name, Val::Str(text) if different.insert(text.clone()));
        match value {
            Val::Arr(names) if names.iter().all(is_new) => Ok(()),
            _ => Err(self.invalid("expected an array of different strings")),
        }
    }

    fn types(&mut self, value: &Val) -> Checked {
        let known = |v: &Val| matches!(v, Val::Str(s) if TYPES.contains(&s.as_str()));
        match value {
            Val::Arr(types) if !types.is_empty() && types.iter().all(known) => self.strings(value),
            v if known(v) => Ok(()),
            _ => Err(self.invalid(format_args!("expected types out of {}", TYPES.join(", ")))),
        }
    }

    fn pattern(&mut self, pattern: &Text) -> Checked {
        let compiled = Pattern::new(pattern).map_err(|cause| {
            self.invalid(format_args!("the pattern cannot be used: {cause}"))
        })?;
        self.schema.patterns.insert(pattern.address(), compiled);
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
        let resource = resource.ok_or_else(|| fail("points outside this schema; only references within it are followed"))?;
        if fragment.is_empty() || fragment.starts_with('/') {
            let (schema, resource) = self.follow(resource, &fragment).ok_or_else(|| fail("points to nothing"))?;
            let recursive = reference.kind == Kind::Recursive;
            let recursive = recursive && resources[resource].anchors.iter().any(|(name, _, _)| name.is_empty());
            return Ok(Target {
                schema,
                resource,
                dynamic: recursive.then_some(""),
            });
        }
        let mut anchors = resources[resource].anchors.iter();
        let anchor = anchors.find(|(name, _, _)| *name == fragment);
        let (name, schema, dynamic) = anchor.ok_or_else(|| fail("points to nothing"))?;
        Ok(Target {
            schema,
            resource,
            dynamic: (reference.kind == Kind::Dynamic && *dynamic).then_some(name),
        })
    }

    /// Follows a JSON pointer from the root of a resource; gives what is there and its resource.
    fn follow(&self, mut resource: usize, pointer: &str) -> Option<(&'s Val, usize)> {
        let mut place = self.schema.resources[resource].root;
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            place = match place {
                Val::Obj(members) => members.get(&step)?,
                Val::Arr(values) => values.get(index(&step)?)?,
                _ => return None,
            };
            resource = self.schema.resource_of(place).unwrap_or(resource);
        }
        Some((place, resource))
    }
}

/// The index that a step of a JSON pointer is.
fn index(step: &str) -> Option<usize> {
    let plain = step.bytes().all(|byte| byte.is_ascii_digit()) && (step == "0" || !step.starts_with('0'));
    if plain { step.parse().ok() } else { None }
}
