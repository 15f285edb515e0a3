//! Regular expressions: compiled once in a run, however often a filter uses them.

use crate::map::Map;
use crate::value::Val;
use regex_lite::{Captures, Regex, RegexBuilder};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

thread_local! {
    static COMPILED: RefCell<BTreeMap<(String, String), Rc<Expression>>> = const { RefCell::new(BTreeMap::new()) };
}

/// A compiled pattern with its flags.
pub struct Expression {
    regex: Regex,
    /// The keys of what is told of a group, shared by all groups.
    keys: [Rc<String>; 4],
    /// Find all matches, not only the first.
    global: bool,
    /// Pass over empty matches.
    skip_empty: bool,
}

/// Forgets all expressions, so that a run starts like one in a fresh instance.
pub fn forget() {
    COMPILED.with_borrow_mut(BTreeMap::clear);
}

/// The expression of a pattern with flags.
pub fn compiled(pattern: &Rc<String>, flags: &Rc<String>) -> Result<Rc<Expression>, String> {
    COMPILED.with_borrow_mut(|compiled| {
        let key = (pattern.to_string(), flags.to_string());
        if let Some(known) = compiled.get(&key) {
            return Ok(Rc::clone(known));
        }
        let expression = Rc::new(Expression::new(pattern, flags)?);
        compiled.insert(key, Rc::clone(&expression));
        Ok(expression)
    })
}

impl Expression {
    fn new(pattern: &str, flags: &str) -> Result<Self, String> {
        let mut builder = RegexBuilder::new(pattern);
        let (mut global, mut skip_empty) = (false, false);
        for flag in flags.chars() {
            match flag {
                'g' => global = true,
                'n' => skip_empty = true,
                'i' => drop(builder.case_insensitive(true)),
                'm' => drop(builder.multi_line(true)),
                's' => drop(builder.dot_matches_new_line(true)),
                'l' => drop(builder.swap_greed(true)),
                'x' => drop(builder.ignore_whitespace(true)),
                'p' => drop(builder.multi_line(true).dot_matches_new_line(true)),
                unknown => return Err(format!("invalid regex flag: {unknown}")),
            }
        }
        let regex = builder.build().map_err(|cause| format!("invalid regex: {cause}"))?;
        Ok(Self {
            regex,
            keys: ["offset", "length", "string", "name"].map(|key| Rc::new(key.to_owned())),
            global,
            skip_empty,
        })
    }

    /// Takes a text apart: what was `found` as arrays of groups, and what lies `between` as strings.
    pub fn parts(&self, text: &str, between: bool, found: bool) -> Val {
        let mut parts = Vec::new();
        let mut done = 0;
        let mut characters = Characters { text, at: 0, count: 0 };
        for captures in self.regex.captures_iter(text) {
            let whole = captures.get(0).expect("group 0 is the match");
            if self.skip_empty && whole.is_empty() {
                continue;
            }
            if between {
                parts.push(Val::str(&text[done..whole.start()]));
                done = whole.end();
            }
            if found {
                parts.push(self.groups(&captures, &mut characters));
            }
            if !self.global {
                break;
            }
        }
        if between {
            parts.push(Val::str(&text[done..]));
        }
        parts.into_iter().collect()
    }

    fn groups(&self, captures: &Captures<'_>, characters: &mut Characters<'_>) -> Val {
        let groups = captures.iter().zip(self.regex.capture_names());
        let groups = groups.filter_map(|(group, name)| {
            let group = group?;
            let integer = |n: usize| Val::Int(i64::try_from(n).expect("smaller than the memory"));
            let [offset, length, string, name_key] = &self.keys;
            let mut fields = Map::with_capacity(3 + usize::from(name.is_some()));
            fields.insert(Rc::clone(offset), integer(characters.before(group.start())));
            fields.insert(Rc::clone(length), integer(group.as_str().chars().count()));
            fields.insert(Rc::clone(string), Val::str(group.as_str()));
            if let Some(name) = name {
                fields.insert(Rc::clone(name_key), Val::str(name));
            }
            Some(Val::obj(fields))
        });
        groups.collect()
    }
}

/// The named groups of a match, as an object from name to text.
pub fn named(groups: &[Val]) -> Val {
    let named = groups.iter().filter_map(|group| match group {
        Val::Obj(fields) => match (fields.get("name"), fields.get("string")) {
            (Some(Val::Str(name)), Some(text)) => Some((Rc::clone(name), text.clone())),
            _ => None,
        },
        _ => None,
    });
    Val::obj(named.collect())
}

/// Counts the characters before a byte; cheap when asked for places that come one after another.
struct Characters<'a> {
    text: &'a str,
    at: usize,
    count: usize,
}

impl Characters<'_> {
    fn before(&mut self, byte: usize) -> usize {
        if byte < self.at {
            (self.at, self.count) = (0, 0);
        }
        self.count += self.text[self.at..byte].chars().count();
        self.at = byte;
        self.count
    }
}
