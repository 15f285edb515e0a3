//! Applying a schema to a value.

use super::{DEEP, Dialect, MAX_DEPTH, Schema, Violation, ViolationOptions, compare, number, push_step, type_of};
use crate::deep;
use crate::failure::{Failure, capped};
use crate::json;
use crate::map::Map;
use crate::value::Val;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// A value in a message is cut after so many bytes.
const MAX_SHOWN: usize = 60;
const TOO_DEEP: &str = "the value cannot be checked: schemas are applied within each other deeper than 256 levels";

impl<'s> Schema<'s> {
    /// Where a value does not satisfy the schema: the first places.
    ///
    /// # Errors
    ///
    /// The value cannot be checked, since schemas are applied within each other too deep.
    pub fn violations(&self, value: &Val, options: ViolationOptions) -> Result<Vec<Violation>, Failure> {
        let mut run = Run {
            schema: self,
            options,
            path: Vec::new(),
            scope: vec![0],
            depth: 0,
            violations: Vec::new(),
            too_deep: false,
        };
        run.apply(self.root, value, "false", true, &mut Seen::default());
        if run.too_deep {
            let pointer = self.place.pointer;
            let message = format!("{pointer}: {TOO_DEEP}");
            return Err(Failure::new(self.place.error_type, message).with("pointer", pointer.to_owned()));
        }
        Ok(run.violations)
    }
}

/// A step from a value to a part of it.
#[derive(Clone, Copy)]
enum Step<'v> {
    Key(&'v str),
    Index(usize),
}

/// Which parts of a value a schema has looked at, by their places.
#[derive(Default)]
struct Seen {
    members: BTreeSet<usize>,
    items: BTreeSet<usize>,
}

struct Run<'r, 's, 'v> {
    schema: &'r Schema<'s>,
    options: ViolationOptions,
    path: Vec<Step<'v>>,
    /// The resources that the way to the current schema led through.
    scope: Vec<usize>,
    depth: usize,
    violations: Vec<Violation>,
    too_deep: bool,
}

impl<'s, 'v> Run<'_, 's, 'v> {
    /// Applies a schema; notes violations if it is to be `loud`. What was looked at is added to `seen` if the value
    /// satisfies the schema. `keyword` is the one that the schema stands in.
    fn apply(
        &mut self,
        schema: &'s Val,
        value: &'v Val,
        keyword: &'static str,
        loud: bool,
        seen: &mut Seen,
    ) -> bool {
        let keywords = match schema {
            Val::Obj(keywords) => keywords,
            Val::Bool(false) => return self.wrong(loud, keyword, || "nothing is allowed here".to_owned()),
            _ => return true,
        };
        if self.too_deep || self.depth >= MAX_DEPTH {
            self.too_deep = true;
            return false;
        }
        let outer = self.scope.last().copied().unwrap_or_default();
        let resource = self.schema.resource_of(schema).unwrap_or(outer);
        self.scope.push(resource);
        self.depth += 1;
        let mut own = Seen::default();
        let keywords = Keywords {
            keywords,
            dialect: self.schema.resources[resource].dialect,
            value,
            loud,
        };
        let valid = match self.depth {
            DEEP => deep::on_large_stack(|| keywords.apply(self, &mut own)),
            _ => keywords.apply(self, &mut own),
        };
        self.depth -= 1;
        self.scope.pop();
        if valid && self.schema.tracks {
            seen.members.append(&mut own.members);
            seen.items.append(&mut own.items);
        }
        valid
    }

    /// Applies a schema to a part of the value.
    fn apply_to_part(
        &mut self,
        schema: &'s Val,
        step: Step<'v>,
        part: &'v Val,
        keyword: &'static str,
        loud: bool,
    ) -> bool {
        self.path.push(step);
        let valid = self.apply(schema, part, keyword, loud, &mut Seen::default());
        self.path.pop();
        valid
    }

    /// Follows a reference.
    fn refer(&mut self, reference: &'s Val, value: &'v Val, loud: bool, seen: &mut Seen) -> bool {
        let Some(target) = self.schema.references.get(&std::ptr::from_ref(reference)) else {
            return true;
        };
        let (mut schema, mut resource) = (target.schema, target.resource);
        if let Some(name) = target.dynamic {
            // The outermost resource on the way here that has a dynamic anchor of this name.
            let found = self.scope.iter().find_map(|resource| {
                let mut anchors = self.schema.resources[*resource].anchors.iter();
                let anchor = anchors.find(|(n, _, dynamic)| *dynamic && *n == name)?;
                Some((anchor.1, *resource))
            });
            (schema, resource) = found.unwrap_or((schema, resource));
        }
        self.scope.push(resource);
        let valid = self.apply(schema, value, "$ref", loud, seen);
        self.scope.pop();
        valid
    }

    fn wrong(&mut self, loud: bool, keyword: &'static str, message: impl FnOnce() -> String) -> bool {
        if loud && self.violations.len() < self.options.limit {
            let mut pointer = String::new();
            for step in &self.path {
                match step {
                    Step::Key(key) => push_step(&mut pointer, key),
                    Step::Index(i) => push_step(&mut pointer, &i.to_string()),
                }
            }
            self.violations.push(Violation {
                pointer,
                keyword,
                message: message(),
            });
        }
        false
    }
}

impl ViolationOptions {
    /// A value in a message, or what stands for it.
    fn quoted(self, value: &Val) -> String {
        if self.values { shown(value) } else { "it".to_owned() }
    }
}

fn shown(value: &Val) -> String {
    capped(json::to_string(value), MAX_SHOWN)
}

fn compared(found: usize, bound: &Val) -> Ordering {
    let found = Val::Int(i64::try_from(found).unwrap_or(i64::MAX));
    number::order(&found, bound).unwrap_or(Ordering::Equal)
}

fn is_true(value: &Val) -> bool {
    matches!(value, Val::Bool(true))
}

/// The schemas of the first items, one for each, and the schema of all others.
pub(super) fn item_schemas(keywords: &Map, dialect: Dialect) -> (&[Val], Option<&Val>) {
    let items = keywords.get("items");
    let (first, others) = match (dialect == Dialect::Draft2020, items) {
        (true, others) => (keywords.get("prefixItems"), others),
        (false, first @ Some(Val::Arr(_))) => (first, keywords.get("additionalItems")),
        (false, others) => (None, others),
    };
    match first {
        Some(Val::Arr(first)) => (first, others),
        _ => (&[], others),
    }
}

/// The keywords of one schema, with the value that they are applied to.
struct Keywords<'s, 'v> {
    keywords: &'s Map,
    dialect: Dialect,
    value: &'v Val,
    loud: bool,
}

impl<'s, 'v> Keywords<'s, 'v> {
    fn apply(&self, run: &mut Run<'_, 's, 'v>, seen: &mut Seen) -> bool {
        if self.dialect.ref_stands_alone() {
            if let Some(reference) = self.keywords.get("$ref") {
                return run.refer(reference, self.value, self.loud, seen);
            }
        }
        let mut valid = true;
        for (keyword, argument) in self.keywords.iter() {
            if self.dialect != Dialect::DEFAULT && !self.dialect.has(keyword) {
                continue;
            }
            valid &= self.keyword(run, keyword, argument, seen);
            if !valid && (!self.loud || run.violations.len() == run.options.limit) {
                return false;
            }
        }
        match self.value {
            Val::Obj(members) => valid &= self.additional(run, members, seen),
            Val::Arr(items) => valid &= self.items(run, items, seen),
            _ => {}
        }
        // What was not looked at is known when all else was applied.
        if run.schema.tracks {
            valid &= self.unevaluated(run, seen);
        }
        valid
    }

    /// Keywords that need to know of no other; the others are true here.
    fn keyword(&self, run: &mut Run<'_, 's, 'v>, keyword: &str, argument: &'s Val, seen: &mut Seen) -> bool {
        let options = run.options;
        match keyword {
            "type" => self.types(run, argument),
            "enum" => match argument {
                Val::Arr(allowed) if allowed.iter().any(|one| compare::equal(one, self.value)) => true,
                _ => self.wrong(run, "enum", || format!("{} is not one of {}", options.quoted(self.value), shown(argument))),
            },
            "const" => {
                compare::equal(argument, self.value)
                    || self.wrong(run, "const", || format!("{} is not {}", options.quoted(self.value), shown(argument)))
            }
            "$ref" | "$dynamicRef" | "$recursiveRef" => run.refer(argument, self.value, self.loud, seen),
            "allOf" | "anyOf" | "oneOf" => self.combination(run, keyword, argument, seen),
            "not" => {
                !run.apply(argument, self.value, "not", false, &mut Seen::default())
                    || self.wrong(run, "not", || "must not satisfy the schema in \"not\"".to_owned())
            }
            "if" => self.condition(run, argument, seen),
            _ => match self.value {
                Val::Int(_) | Val::Float(_) | Val::Num(_) if type_of(self.value) == "number" => {
                    self.number(run, keyword, argument)
                }
                Val::Str(text) => self.string(run, keyword, argument, text),
                Val::Arr(items) => self.array(run, keyword, argument, items),
                Val::Obj(members) => self.object(run, keyword, argument, members, seen),
                _ => true,
            },
        }
    }

    fn wrong(&self, run: &mut Run<'_, 's, 'v>, keyword: &'static str, message: impl FnOnce() -> String) -> bool {
        run.wrong(self.loud, keyword, message)
    }

    /// Whether something holds, and a violation if not.
    fn holds(
        &self,
        run: &mut Run<'_, 's, 'v>,
        holds: bool,
        keyword: &'static str,
        message: impl FnOnce() -> String,
    ) -> bool {
        holds || self.wrong(run, keyword, message)
    }

    fn types(&self, run: &mut Run<'_, 's, 'v>, types: &Val) -> bool {
        let found = type_of(self.value);
        let is = |wanted: &Val| match wanted.as_string().map_or("", |s| s.as_str()) {
            "integer" => found == "number" && number::is_whole(self.value),
            wanted => wanted == found,
        };
        let fits = match types {
            Val::Arr(types) => types.iter().any(is),
            wanted => is(wanted),
        };
        self.holds(run, fits, "type", || format!("expected {}, found {found}", shown(types)))
    }

    fn combination(&self, run: &mut Run<'_, 's, 'v>, keyword: &str, argument: &'s Val, seen: &mut Seen) -> bool {
        let Val::Arr(schemas) = argument else {
            return true;
        };
        let all = schemas.iter();
        if keyword == "allOf" {
            let valid = all.map(|schema| run.apply(schema, self.value, "allOf", self.loud, seen));
            return valid.fold(true, |all, one| all & one);
        }
        let valid = all.filter(|schema| run.apply(schema, self.value, "anyOf", false, seen)).count();
        if keyword == "anyOf" {
            self.holds(run, valid > 0, "anyOf", || format!("it satisfies none of {} schemas", schemas.len()))
        } else {
            let message = || format!("satisfies {valid} of {} schemas instead of exactly one", schemas.len());
            self.holds(run, valid == 1, "oneOf", message)
        }
    }

    fn condition(&self, run: &mut Run<'_, 's, 'v>, condition: &'s Val, seen: &mut Seen) -> bool {
        let keyword = match run.apply(condition, self.value, "if", false, seen) {
            true => "then",
            false => "else",
        };
        match self.keywords.get(keyword) {
            Some(schema) => run.apply(schema, self.value, keyword, self.loud, seen),
            None => true,
        }
    }

    fn number(&self, run: &mut Run<'_, 's, 'v>, keyword: &str, bound: &Val) -> bool {
        let value = self.value;
        // In draft 4 the exclusive keywords say of the others whether they are.
        let exclusive = |keyword| self.dialect == Dialect::Draft4 && self.keywords.get(keyword).is_some_and(is_true);
        let order = number::order(value, bound);
        let is = |accepted: fn(Ordering) -> bool| order.is_none_or(accepted);
        let (holds, keyword, relation) = match keyword {
            "minimum" if exclusive("exclusiveMinimum") => (is(Ordering::is_gt), "minimum", "not greater than"),
            "maximum" if exclusive("exclusiveMaximum") => (is(Ordering::is_lt), "maximum", "not less than"),
            "minimum" => (is(Ordering::is_ge), "minimum", "less than"),
            "maximum" => (is(Ordering::is_le), "maximum", "greater than"),
            "exclusiveMinimum" => (is(Ordering::is_gt), "exclusiveMinimum", "not greater than"),
            "exclusiveMaximum" => (is(Ordering::is_lt), "exclusiveMaximum", "not less than"),
            "multipleOf" => (number::is_multiple(value, bound), "multipleOf", "not a multiple of"),
            _ => return true,
        };
        let options = run.options;
        self.holds(run, holds, keyword, || format!("{} is {relation} {}", options.quoted(value), shown(bound)))
    }

    fn string(&self, run: &mut Run<'_, 's, 'v>, keyword: &str, argument: &Val, text: &str) -> bool {
        match (keyword, argument) {
            ("minLength", bound) => self.at_least(run, "minLength", text.chars().count(), bound, "characters"),
            ("maxLength", bound) => self.at_most(run, "maxLength", text.chars().count(), bound, "characters"),
            ("pattern", Val::Str(pattern)) => {
                let matches = run.schema.matches(pattern, text);
                let options = run.options;
                self.holds(run, matches, "pattern", || {
                    format!("{} does not match {}", options.quoted(self.value), shown(argument))
                })
            }
            _ => true,
        }
    }

    fn at_least(&self, run: &mut Run<'_, 's, 'v>, keyword: &'static str, found: usize, bound: &Val, what: &str) -> bool {
        let holds = compared(found, bound).is_ge();
        self.holds(run, holds, keyword, || format!("{found} {what}, at least {} are needed", shown(bound)))
    }

    fn at_most(&self, run: &mut Run<'_, 's, 'v>, keyword: &'static str, found: usize, bound: &Val, what: &str) -> bool {
        let holds = compared(found, bound).is_le();
        self.holds(run, holds, keyword, || format!("{found} {what}, at most {} are allowed", shown(bound)))
    }

    fn array(&self, run: &mut Run<'_, 's, 'v>, keyword: &str, argument: &Val, items: &[Val]) -> bool {
        match (keyword, argument) {
            ("minItems", bound) => self.at_least(run, "minItems", items.len(), bound, "items"),
            ("maxItems", bound) => self.at_most(run, "maxItems", items.len(), bound, "items"),
            ("uniqueItems", Val::Bool(true)) => {
                let mut sorted: Vec<&Val> = items.iter().collect();
                sorted.sort_unstable_by(|left, right| compare::order(left, right));
                let twin = sorted.windows(2).find(|pair| compare::equal(pair[0], pair[1])).map(|pair| pair[0]);
                let options = run.options;
                self.holds(run, twin.is_none(), "uniqueItems", || match options.values {
                    true => format!("{} is there twice", twin.map_or_else(String::new, shown)),
                    false => "an item is there twice".to_owned(),
                })
            }
            _ => true,
        }
    }

    /// The keywords that give each item a schema.
    fn items(&self, run: &mut Run<'_, 's, 'v>, items: &'v [Val], seen: &mut Seen) -> bool {
        let mut valid = true;
        let (first, others) = item_schemas(self.keywords, self.dialect);
        for (i, (schema, item)) in first.iter().zip(items).enumerate() {
            valid &= run.apply_to_part(schema, Step::Index(i), item, "prefixItems", self.loud);
            if run.schema.tracks {
                seen.items.insert(i);
            }
        }
        if let Some(schema) = others {
            for (i, item) in items.iter().enumerate().skip(first.len()) {
                valid &= run.apply_to_part(schema, Step::Index(i), item, "items", self.loud);
                if run.schema.tracks {
                    seen.items.insert(i);
                }
            }
        }
        if let (Some(schema), true) = (self.keywords.get("contains"), self.dialect.has("contains")) {
            let mut found = 0;
            for (i, item) in items.iter().enumerate() {
                if run.apply_to_part(schema, Step::Index(i), item, "contains", false) {
                    found += 1;
                    if self.dialect == Dialect::Draft2020 {
                        seen.items.insert(i);
                    }
                }
            }
            let bounds = self.dialect.has("minContains");
            let least = self.keywords.get("minContains").filter(|_| bounds);
            let one = Val::Int(1);
            let least = least.unwrap_or(&one);
            valid &= self.holds(run, compared(found, least).is_ge(), "contains", || {
                format!("{found} items of the kind, at least {} are needed", shown(least))
            });
            if let Some(most) = self.keywords.get("maxContains").filter(|_| bounds) {
                valid &= self.holds(run, compared(found, most).is_le(), "maxContains", || {
                    format!("{found} items of the kind, at most {} are allowed", shown(most))
                });
            }
        }
        valid
    }

    fn object(
        &self,
        run: &mut Run<'_, 's, 'v>,
        keyword: &str,
        argument: &'s Val,
        members: &'v Map,
        seen: &mut Seen,
    ) -> bool {
        match (keyword, argument) {
            ("minProperties", bound) => self.at_least(run, "minProperties", members.len(), bound, "members"),
            ("maxProperties", bound) => self.at_most(run, "maxProperties", members.len(), bound, "members"),
            ("required", names) => self.required(run, members, names, "required"),
            ("dependentRequired", Val::Obj(dependents)) => {
                let mut dependents = dependents.iter().filter(|(key, _)| members.contains_key(key));
                dependents.all(|(_, names)| self.required(run, members, names, "dependentRequired"))
            }
            ("dependentSchemas", Val::Obj(dependents)) => {
                let mut dependents = dependents.iter().filter(|(key, _)| members.contains_key(key));
                dependents.all(|(_, schema)| {
                    run.apply(schema, self.value, "dependentSchemas", self.loud, seen)
                })
            }
            ("dependencies", Val::Obj(dependents)) => {
                let mut dependents = dependents.iter().filter(|(key, _)| members.contains_key(key));
                dependents.all(|(_, dependent)| match dependent {
                    Val::Arr(_) => self.required(run, members, dependent, "dependencies"),
                    schema => run.apply(schema, self.value, "dependencies", self.loud, seen),
                })
            }
            ("propertyNames", schema) => members.keys().all(|key| {
                // A name is a value for as long as the schema is applied to it; what a violation tells is its place.
                let name = Val::Str(key.clone());
                let mut aside = Run {
                    schema: run.schema,
                    options: run.options,
                    path: Vec::new(),
                    scope: run.scope.clone(),
                    depth: run.depth,
                    violations: Vec::new(),
                    too_deep: false,
                };
                let valid = aside.apply(schema, &name, "propertyNames", true, &mut Seen::default());
                run.too_deep |= aside.too_deep;
                let cause = aside.violations.pop().map_or_else(String::new, |cause| cause.message);
                self.holds(run, valid, "propertyNames", || format!("the name {}: {cause}", shown(&name)))
            }),
            _ => true,
        }
    }

    fn required(&self, run: &mut Run<'_, 's, 'v>, members: &Map, names: &Val, keyword: &'static str) -> bool {
        let Val::Arr(names) = names else { return true };
        let mut valid = true;
        for name in names.iter() {
            let there = name.as_string().is_ok_and(|name| members.contains_key(name));
            valid &= self.holds(run, there, keyword, || format!("{} is missing", shown(name)));
        }
        valid
    }

    /// The keywords that give each member a schema.
    fn additional(&self, run: &mut Run<'_, 's, 'v>, members: &'v Map, seen: &mut Seen) -> bool {
        let properties = match self.keywords.get("properties") {
            Some(Val::Obj(properties)) => Some(properties),
            _ => None,
        };
        let patterns = match self.keywords.get("patternProperties") {
            Some(Val::Obj(patterns)) => Some(patterns),
            _ => None,
        };
        let additional = self.keywords.get("additionalProperties");
        if properties.is_none() && patterns.is_none() && additional.is_none() {
            return true;
        }
        let mut valid = true;
        for (place, (key, member)) in members.iter().enumerate() {
            let step = Step::Key(key);
            let mut known = false;
            if let Some(schema) = properties.and_then(|properties| properties.get(key)) {
                known = true;
                valid &= run.apply_to_part(schema, step, member, "properties", self.loud);
            }
            for (pattern, schema) in patterns.iter().flat_map(|patterns| patterns.iter()) {
                if run.schema.matches(pattern, key) {
                    known = true;
                    valid &= run.apply_to_part(schema, step, member, "patternProperties", self.loud);
                }
            }
            if let (false, Some(schema)) = (known, additional) {
                known = true;
                valid &= run.apply_to_part(schema, step, member, "additionalProperties", self.loud);
            }
            if known && run.schema.tracks {
                seen.members.insert(place);
            }
        }
        valid
    }

    fn unevaluated(&self, run: &mut Run<'_, 's, 'v>, seen: &mut Seen) -> bool {
        let mut valid = true;
        if !self.dialect.has("unevaluatedItems") {
            return true;
        }
        if let (Val::Obj(members), Some(schema)) = (self.value, self.keywords.get("unevaluatedProperties")) {
            for (place, (key, member)) in members.iter().enumerate() {
                if seen.members.insert(place) {
                    let step = Step::Key(key);
                    valid &= run.apply_to_part(schema, step, member, "unevaluatedProperties", self.loud);
                }
            }
        }
        if let (Val::Arr(items), Some(schema)) = (self.value, self.keywords.get("unevaluatedItems")) {
            for (i, item) in items.iter().enumerate() {
                if seen.items.insert(i) {
                    let step = Step::Index(i);
                    valid &= run.apply_to_part(schema, step, item, "unevaluatedItems", self.loud);
                }
            }
        }
        valid
    }
}
