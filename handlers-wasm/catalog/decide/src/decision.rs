//! The rules applied to a step.

use crate::rules::{Route, Rule, Rules};
use catalog_kit::failure::capped;
use catalog_kit::{Failure, Map, Text, Val};
use wasm_broker_sdk::log;

/// What a condition gave is told so far, in bytes.
const MAX_TOLD: usize = 100;

/// Finds the outcome for what a step document has, and gives the step's result.
pub fn decide(rules: &Rules, input: Val) -> Result<Val, Failure> {
    let mut looked_at = Vec::with_capacity(rules.rules.len());
    let mut matched: Vec<&Rule> = Vec::new();
    for rule in &rules.rules {
        let gave = rule.when.run(input.clone()).map_err(|failure| rule.named(failure));
        let gave = match gave {
            Err(failure) if !rules.tolerant => return Err(failure),
            gave => gave,
        };
        let matches = gave.as_ref().is_ok_and(Val::is_true);
        looked_at.push(told(rule, matches, &gave));
        if matches {
            matched.push(rule);
            if !rules.all {
                break;
            }
        }
    }
    let looked_at: Val = looked_at.into_iter().collect();
    let outcomes = outcomes(rules, &matched).ok_or_else(|| {
        let message = "no rule matched, and the configuration has no default";
        Failure::new("no_rule_matched", message).with("rules", looked_at.clone())
    })?;
    let mut members = Map::with_capacity(7);
    let mut add = |key: &str, value| members.insert(Text::from(key), value);
    add("outcome", Val::Str(outcomes[0].clone()));
    add("outcomes", outcomes.iter().cloned().map(Val::Str).collect());
    add("matched", matched.iter().map(|rule| Val::Str(rule.name.clone())).collect());
    add("is_default", Val::Bool(matched.is_empty()));
    add("explanation", Val::from(explanation(rules, &matched)));
    add("rules", looked_at);
    if let Some(routing) = &rules.routing {
        add("decision_point_outcome", decision_point(routing, &outcomes));
    }
    Ok(Val::obj(members))
}

/// The outcomes of the rules that match, each once, or the default, if there is one.
fn outcomes(rules: &Rules, matched: &[&Rule]) -> Option<Vec<Text>> {
    let mut outcomes: Vec<Text> = Vec::with_capacity(1);
    for rule in matched {
        if !outcomes.contains(&rule.outcome) {
            outcomes.push(rule.outcome.clone());
        }
    }
    if outcomes.is_empty() {
        outcomes.push(rules.default.clone()?);
    }
    Some(outcomes)
}

/// One rule that was looked at, for people and programs.
fn told(rule: &Rule, matches: bool, gave: &Result<Val, Failure>) -> Val {
    let mut members = Map::with_capacity(4);
    members.insert(Text::from("rule"), Val::Str(rule.name.clone()));
    members.insert(Text::from("matched"), Val::Bool(matches));
    match gave {
        Ok(value) => members.insert(Text::from("gave"), Val::from(capped(value, MAX_TOLD))),
        Err(failure) => {
            let told = failure.described();
            log::warn(&format!("a condition failed and does not match: {told}"));
            members.insert(Text::from("error"), told);
        }
    }
    Val::obj(members)
}

fn explanation(rules: &Rules, matched: &[&Rule]) -> String {
    let of = rules.rules.len();
    match matched {
        [] => format!("none of {of} rules matched: the default"),
        [rule] if !rules.all => {
            let place = 1 + rules.rules.iter().position(|other| other.name == rule.name).unwrap_or_default();
            format!("rule {place} of {of} is the first that matched: {}", rule.name)
        }
        matched => {
            let names: Vec<&str> = matched.iter().map(|rule| rule.name.as_str()).collect();
            capped(format_args!("{} of {of} rules matched: {}", matched.len(), names.join(", ")), 1000)
        }
    }
}

/// What Tasker's orchestrator reads: the steps of the outcomes, each once.
fn decision_point(routing: &[Route], outcomes: &[Text]) -> Val {
    let mut steps: Vec<Text> = Vec::new();
    for outcome in outcomes {
        let route = routing.iter().find(|route| route.outcome == *outcome);
        for step in route.map_or(&[][..], |route| &route.steps) {
            if !steps.contains(step) {
                steps.push(step.clone());
            }
        }
    }
    let mut members = Map::with_capacity(2);
    if steps.is_empty() {
        members.insert(Text::from("type"), Val::str("no_branches"));
    } else {
        members.insert(Text::from("type"), Val::str("create_steps"));
        members.insert(Text::from("step_names"), steps.into_iter().map(Val::Str).collect());
    }
    Val::obj(members)
}
