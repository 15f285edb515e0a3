//! Filters that match regular expressions.

use super::Native;
use super::collections::count;
use crate::jq::Error;
use crate::map::Map;
use crate::jq::regex::{Captures, Matcher, Options, Regex};
use crate::text::Text;
use crate::value::Val;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The filters of this file.
pub const TABLE: &[Native] = &[
    Native {
        name: "_matches",
        arity: 2,
        run: |v, args| Subject::new(&v, &args[0], &args[1])?.matches(),
    },
    Native { name: "test", arity: 1, run: |v, args| with_flags(&args[0], |re, flags| test(&v, re, flags)) },
    Native { name: "test", arity: 2, run: |v, args| test(&v, &args[0], &args[1]) },
    Native { name: "split", arity: 2, run: |v, args| split(&v, &args[0], &args[1]) },
];

fn test(value: &Val, regex: &Val, flags: &Val) -> Result<Val, Error> {
    Subject::new(value, regex, flags)?.test().map(Val::Bool)
}

/// Takes an argument apart that may be a pattern or an array of a pattern and flags.
fn with_flags(argument: &Val, f: impl FnOnce(&Val, &Val) -> Result<Val, Error>) -> Result<Val, Error> {
    match argument {
        Val::Str(_) => f(argument, &Val::Null),
        Val::Arr(parts) => match &parts[..] {
            [] => Err(Error::new("array not a string or array")),
            [regex] => f(regex, &Val::Null),
            [regex, flags, ..] => f(regex, flags),
        },
        v => Err(Error::new(format_args!("{} not a string or array", v.type_name()))),
    }
}

/// The parts of a string between all matches.
fn split(value: &Val, regex: &Val, flags: &Val) -> Result<Val, Error> {
    let flags = match flags {
        Val::Null => Val::str("g"),
        flags => crate::jq::ops::add(flags.clone(), Val::str("g"))?,
    };
    Subject::new(value, regex, &flags)?.between()
}

/// A string, and what to find in it.
struct Subject<'v> {
    text: &'v str,
    expression: Rc<Expression>,
}

/// A pattern with its flags, compiled.
struct Expression {
    regex: Regex,
    /// Find all matches, not only the first.
    global: bool,
    /// The names of groups.
    names: Vec<Val>,
    /// The keys of what is told of a match, shared by all.
    keys: [Text; 5],
}

thread_local! {
    static COMPILED: RefCell<BTreeMap<(String, String), Rc<Expression>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Forgets all expressions, so that a run starts like one in a fresh instance.
pub fn forget() {
    COMPILED.with_borrow_mut(BTreeMap::clear);
}

fn compiled(pattern: &str, flags: &str) -> Result<Rc<Expression>, Error> {
    let key = (pattern.to_owned(), flags.to_owned());
    let known = COMPILED.with_borrow(|compiled| compiled.get(&key).map(Rc::clone));
    if let Some(known) = known {
        return Ok(known);
    }
    let expression = Rc::new(Expression::new(pattern, flags)?);
    COMPILED.with_borrow_mut(|compiled| compiled.insert(key, Rc::clone(&expression)));
    Ok(expression)
}

fn failure(cause: impl std::fmt::Display) -> Error {
    Error::new(format_args!("Regex failure: {cause}"))
}

impl Expression {
    fn new(pattern: &str, flags: &str) -> Result<Self, Error> {
        let mut options = Options::default();
        let mut global = false;
        for flag in flags.chars() {
            match flag {
                'g' => global = true,
                'i' => options.ignore_case = true,
                'x' => options.extended = true,
                'm' | 'p' => options.dot_all = true,
                // `^` and `$` match at the ends of the text only, as they always do.
                's' => {}
                'l' => options.longest = true,
                'n' => options.skip_empty = true,
                _ => {
                    let message = format!("{flags} is not a valid modifier string");
                    return Err(Error::new(message));
                }
            }
        }
        let regex = Regex::new(pattern, options).map_err(failure)?;
        let named = |name: &Option<String>| name.as_deref().map_or(Val::Null, Val::str);
        let names = regex.names().iter().map(named).collect();
        let keys = ["offset", "length", "string", "captures", "name"];
        Ok(Self { regex, global, names, keys: keys.map(|key| Text::from(key)) })
    }
}

impl<'v> Subject<'v> {
    fn new(value: &'v Val, regex: &Val, flags: &Val) -> Result<Self, Error> {
        let Val::Str(text) = value else {
            return Err(Error::typ(value, "cannot be matched, as it is not a string"));
        };
        let Val::Str(pattern) = regex else {
            return Err(Error::typ(regex, "is not a string"));
        };
        let flags = match flags {
            Val::Null => "",
            Val::Str(flags) => flags,
            flags => return Err(Error::typ(flags, "is not a string")),
        };
        let expression = compiled(pattern, flags)?;
        Ok(Self { text, expression })
    }

    fn test(&self) -> Result<bool, Error> {
        let found = Matcher::new(&self.expression.regex, self.text).search(0);
        found.map(|captures| captures.is_some()).map_err(failure)
    }

    /// Calls with each match.
    fn each(&self, mut f: impl FnMut(&Captures)) -> Result<(), Error> {
        let mut matcher = Matcher::new(&self.expression.regex, self.text);
        let mut from = 0;
        while let Some(captures) = matcher.search(from).map_err(failure)? {
            f(&captures);
            let whole = captures.whole();
            if !self.expression.global {
                break;
            }
            from = whole.end;
            if whole.is_empty() {
                match self.text[from..].chars().next() {
                    Some(c) => from += c.len_utf8(),
                    None => break,
                }
            }
        }
        Ok(())
    }

    fn matches(&self) -> Result<Val, Error> {
        let mut matches = Vec::new();
        let mut characters = Characters { text: self.text, at: 0, count: 0 };
        self.each(|captures| matches.push(self.tell(captures, &mut characters)))?;
        Ok(Val::arr(matches))
    }

    fn between(&self) -> Result<Val, Error> {
        let mut parts = Vec::new();
        let mut done = 0;
        self.each(|captures| {
            let whole = captures.whole();
            parts.push(Val::str(&self.text[done..whole.start.max(done)]));
            done = whole.end;
        })?;
        parts.push(Val::str(&self.text[done..]));
        Ok(Val::arr(parts))
    }

    /// What a filter gets of a match.
    fn tell(&self, captures: &Captures, characters: &mut Characters<'_>) -> Val {
        let [offset, length, string, captures_key, name] = &self.expression.keys;
        let whole = captures.whole();
        let text = &self.text[whole.clone()];
        let mut told = Map::with_capacity(4);
        told.insert(offset.clone(), count(characters.before(whole.start)));
        told.insert(length.clone(), count(text.chars().count()));
        told.insert(string.clone(), Val::str(text));
        let groups = self.expression.names.iter().enumerate().map(|(i, group_name)| {
            let mut group = Map::with_capacity(4);
            match captures.get(i + 1) {
                Some(range) => {
                    let start = if whole.is_empty() { whole.start } else { range.start };
                    let text = if whole.is_empty() { "" } else { &self.text[range] };
                    group.insert(offset.clone(), count(characters.before(start)));
                    if text.is_empty() {
                        group.insert(string.clone(), Val::str(text));
                        group.insert(length.clone(), count(0));
                    } else {
                        group.insert(length.clone(), count(text.chars().count()));
                        group.insert(string.clone(), Val::str(text));
                    }
                }
                None => {
                    group.insert(offset.clone(), Val::Int(-1));
                    group.insert(string.clone(), Val::Null);
                    group.insert(length.clone(), count(0));
                }
            }
            group.insert(name.clone(), group_name.clone());
            Val::obj(group)
        });
        let groups = groups.collect();
        told.insert(captures_key.clone(), groups);
        Val::obj(told)
    }
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
            self.count -= self.text[byte..self.at].chars().count();
        } else {
            self.count += self.text[self.at..byte].chars().count();
        }
        self.at = byte;
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;

    #[test]
    fn matches_are_told_in_characters() {
        assert_eq!(
            run("_matches", r#""éab""#, &[r#""(?<x>b)|(c)""#, "null"]),
            r#"[{"offset":2,"length":1,"string":"b","captures":[{"offset":2,"length":1,"string":"b","name":"x"},{"offset":-1,"string":null,"length":0,"name":null}]}]"#
        );
    }

    #[test]
    fn an_empty_match_is_found_once_at_each_place() {
        let matches = run("_matches", r#""aé""#, &[r#""""#, r#""g""#]);
        let offsets: Vec<&str> = matches.split("\"offset\":").skip(1).map(|rest| &rest[..1]).collect();
        assert_eq!(offsets, ["0", "1", "2"]);
    }

    #[test]
    fn texts_are_split_at_matches() {
        assert_eq!(run("split", r#""a1b22c""#, &[r#""[0-9]+""#, "null"]), r#"["a","b","c"]"#);
        assert_eq!(run("split", r#""aXbxc""#, &[r#""x""#, r#""i""#]), r#"["a","b","c"]"#);
    }

    #[test]
    fn what_cannot_be_matched_is_named() {
        assert_eq!(run("test", "1", &[r#""a""#]), "number (1) cannot be matched, as it is not a string");
        assert_eq!(run("test", r#""a""#, &["1"]), "number not a string or array");
        assert_eq!(run("test", r#""a""#, &[r#""a""#, r#""q""#]), "q is not a valid modifier string");
        assert_eq!(run("test", r#""a""#, &[r#""(""#]), "Regex failure: end pattern with unmatched parenthesis");
        assert_eq!(run("test", r#""a""#, &[r#"["A","i"]"#]), "true");
    }
}
