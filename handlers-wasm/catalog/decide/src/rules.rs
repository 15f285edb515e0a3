//! The rules of a configuration, compiled.

use catalog_kit::filter::{Filter, Prelude};
use catalog_kit::{Failure, Map, Text, Val, config};

/// So many rules can there be.
const MAX_RULES: usize = 100;
/// Tasker's orchestrator creates at most so many steps for a decision.
const MAX_STEPS: usize = 100;
/// A name or an outcome is at most so long, in bytes.
const MAX_NAME: usize = 200;

/// What a configuration says.
pub struct Rules {
    pub rules: Vec<Rule>,
    pub default: Option<Text>,
    /// All rules are looked at, and not only those up to the first that matches.
    pub all: bool,
    /// A condition that fails does not match, and the step goes on.
    pub tolerant: bool,
    pub routing: Option<Vec<Route>>,
}

/// A condition, and what follows from it.
pub struct Rule {
    pub name: Text,
    pub when: Filter,
    pub outcome: Text,
    /// Where its condition is in the step document.
    pub pointer: String,
}

/// The steps of an outcome.
pub struct Route {
    pub outcome: Text,
    pub steps: Vec<Text>,
}

impl Rules {
    /// Reads and compiles a configuration; keys that are not ours belong to somebody else.
    pub fn read(config: &Map, prelude: &Prelude) -> Result<Self, Failure> {
        let pointer = "/config/rules";
        let given = match config.get("rules") {
            Some(Val::Arr(rules)) => rules,
            other => return Err(config::expected(pointer, "an array of rules", other)),
        };
        if given.is_empty() || given.len() > MAX_RULES {
            let problem = format!("expected 1 to {MAX_RULES} rules, found {}", given.len());
            return Err(config::invalid(pointer, problem));
        }
        let mut rules: Vec<Rule> = Vec::with_capacity(given.len());
        for (place, rule) in given.iter().enumerate() {
            let rule = Rule::of(rule, place, prelude)?;
            if rules.iter().any(|other| other.name == rule.name) {
                let problem = format!("another rule has the name {:?} as well", rule.name.as_str());
                return Err(config::invalid(&format!("{pointer}/{place}/name"), problem));
            }
            rules.push(rule);
        }
        let default = match config.get("default") {
            None => None,
            Some(outcome) => Some(name("/config/default", Some(outcome))?),
        };
        let routing = match config.get("routing") {
            None => None,
            Some(Val::Obj(routing)) => Some(routes(routing, &rules, default.as_ref())?),
            other => return Err(config::expected("/config/routing", "an object", other)),
        };
        Ok(Self {
            rules,
            default,
            all: either(config, "mode", ["first", "all"])?,
            tolerant: either(config, "on_error", ["fail", "no_match"])?,
            routing,
        })
    }
}

impl Rule {
    fn of(rule: &Val, place: usize, prelude: &Prelude) -> Result<Self, Failure> {
        let at = format!("/config/rules/{place}");
        let Val::Obj(members) = rule else {
            return Err(config::expected(&at, "an object", Some(rule)));
        };
        for (key, _) in members.iter() {
            if !["name", "when", "outcome"].contains(&key.as_str()) {
                let problem = format!("a rule has name, when and outcome, but not {:?}", key.as_str());
                return Err(config::invalid(&at, problem));
            }
        }
        let name_of_rule = match members.get("name") {
            None => Text::from(format!("rule {}", place + 1)),
            name_given => name(&format!("{at}/name"), name_given)?,
        };
        let outcome = name(&format!("{at}/outcome"), members.get("outcome"))?;
        let pointer = format!("{at}/when");
        let when = match members.get("when") {
            Some(Val::Str(filter)) => prelude
                .compile(filter)
                .map_err(|failure| named(failure, &pointer, &name_of_rule))?,
            other => return Err(config::expected(&pointer, "a string", other)),
        };
        Ok(Self { name: name_of_rule, when, outcome, pointer })
    }

    /// A failure of the condition, with the place of the condition.
    pub fn named(&self, failure: Failure) -> Failure {
        named(failure, &self.pointer, &self.name)
    }
}

fn named(failure: Failure, pointer: &str, rule: &Text) -> Failure {
    failure.at(pointer).with("rule", Val::Str(rule.clone()))
}

/// The steps of each outcome. All outcomes have an entry, and no entry is for nothing: a name that was misspelt is found.
fn routes(routing: &Map, rules: &[Rule], default: Option<&Text>) -> Result<Vec<Route>, Failure> {
    let pointer = "/config/routing";
    let mut outcomes = rules.iter().map(|rule| &rule.outcome).chain(default);
    if let Some(missing) = outcomes.find(|outcome| !routing.contains_key(outcome)) {
        let problem = format!("the outcome {:?} is missing; an outcome without steps has []", missing.as_str());
        return Err(config::invalid(pointer, problem));
    }
    let mut routes = Vec::with_capacity(routing.len());
    let mut all: Vec<Text> = Vec::new();
    for (outcome, steps) in routing.iter() {
        let at = format!("{pointer}/{}", escaped(outcome));
        let is_an_outcome = rules.iter().any(|rule| rule.outcome == *outcome) || default == Some(outcome);
        if !is_an_outcome {
            return Err(config::invalid(&at, "no rule has this outcome"));
        }
        let steps = step_names(steps, &at)?;
        for step in &steps {
            if !all.contains(step) {
                all.push(step.clone());
            }
        }
        routes.push(Route { outcome: outcome.clone(), steps });
    }
    if all.len() > MAX_STEPS {
        let problem = format!("names {} steps, of which a decision can create at most {MAX_STEPS}", all.len());
        return Err(config::invalid(pointer, problem));
    }
    Ok(routes)
}

fn step_names(steps: &Val, at: &str) -> Result<Vec<Text>, Failure> {
    let steps = match steps {
        step @ Val::Str(_) => return Ok(vec![name(at, Some(step))?]),
        Val::Arr(steps) => steps,
        other => return Err(config::expected(at, "a step's name or an array of them", Some(other))),
    };
    let mut names = Vec::with_capacity(steps.len());
    for (place, step) in steps.iter().enumerate() {
        let at = format!("{at}/{place}");
        let step = name(&at, Some(step))?;
        if names.contains(&step) {
            return Err(config::invalid(&at, format!("repeats {:?}", step.as_str())));
        }
        names.push(step);
    }
    Ok(names)
}

/// A name, which is not empty and not too long.
fn name(pointer: &str, value: Option<&Val>) -> Result<Text, Failure> {
    match value {
        Some(Val::Str(name)) if name.is_empty() || name.len() > MAX_NAME => {
            let problem = format!("expected 1 to {MAX_NAME} bytes, found {}", name.len());
            Err(config::invalid(pointer, problem))
        }
        Some(Val::Str(name)) => Ok(name.clone()),
        other => Err(config::expected(pointer, "a string", other)),
    }
}

/// Whether a key has the second of two words; it has the first if it is absent.
fn either(config: &Map, key: &str, words: [&str; 2]) -> Result<bool, Failure> {
    let pointer = format!("/config/{key}");
    match config.get(key) {
        None => Ok(false),
        Some(Val::Str(word)) if words.contains(&word.as_str()) => Ok(word.as_str() == words[1]),
        Some(Val::Str(other)) => {
            let problem = format!("expected {:?} or {:?}, found {:?}", words[0], words[1], other.as_str());
            Err(config::invalid(&pointer, problem))
        }
        other => Err(config::expected(&pointer, "a string", other)),
    }
}

/// A key as a part of a JSON pointer.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
