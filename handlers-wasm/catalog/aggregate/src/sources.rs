//! Which steps are sources, and what has become of each.

use crate::settings::Settings;
use catalog_kit::{Failure, Map, Text, Val};

/// What there is of the sources.
pub struct Sources {
    /// Those whose values are used, in the order of the configuration.
    pub used: Vec<Source>,
    pub failed: Vec<Failed>,
    /// The names, or the patterns that no step has.
    pub missing: Vec<Text>,
}

/// A source and its value.
pub struct Source {
    pub name: Text,
    pub value: Val,
}

/// A source that failed, and how.
pub struct Failed {
    pub name: Text,
    pub error: Val,
}

/// A step that is to be a source, with its result if there is one.
type Named<'d> = (Text, Option<&'d Val>);

/// Looks the sources of a step document over.
pub fn read(settings: &Settings, document: &Map) -> Result<Sources, Failure> {
    let nothing = Map::default();
    let deps = match document.get("deps") {
        Some(Val::Obj(deps)) => deps,
        _ => &nothing,
    };
    let mut sources = Sources { used: Vec::new(), failed: Vec::new(), missing: Vec::new() };
    let mut taken = Map::default();
    for (name, result) in named(settings, deps) {
        if taken.contains_key(&name) {
            continue;
        }
        taken.insert(name.clone(), Val::Null);
        let Some(result) = result else {
            sources.missing.push(name);
            continue;
        };
        if has_failed(settings, &name, result)? {
            let error = error_of(result);
            sources.failed.push(Failed { name, error });
            continue;
        }
        match value(settings, result) {
            Ok(value) => sources.used.push(Source { name, value }),
            Err(failure) => sources.failed.push(Failed { name, error: failure.described() }),
        }
    }
    Ok(sources)
}

/// All sources in their order; some may come twice.
fn named<'d>(settings: &Settings, deps: &'d Map) -> Vec<Named<'d>> {
    let mut named = Vec::new();
    for source in &settings.sources {
        if source.contains('*') {
            let matching: Vec<Named<'d>> = sorted(deps, |name| matches(source, name));
            if matching.is_empty() {
                named.push((source.clone(), None));
            }
            named.extend(matching);
        } else {
            named.push((source.clone(), deps.get(source)));
        }
    }
    if let Some(worker) = &settings.batch_workers {
        named.extend(batch_workers(worker, deps));
    }
    named
}

/// The workers of a step, without one that Tasker made because there was nothing to do.
fn batch_workers<'d>(worker: &str, deps: &'d Map) -> Vec<Named<'d>> {
    let asked_for: Vec<Text> = deps.values().flat_map(|result| asked_for(worker, result)).collect();
    if !asked_for.is_empty() {
        return asked_for.into_iter().map(|name| (name.clone(), deps.get(&name))).collect();
    }
    let mut workers = sorted(deps, |name| is_of(worker, name));
    let has_none = workers.is_empty() && !deps.values().any(has_nothing_to_do);
    workers.retain(|(_, result)| !result.is_some_and(did_nothing));
    if has_none {
        // Nobody asked for workers, and nobody said that there is nothing to do: the name may be wrong.
        workers.push((Text::from(format!("{worker}_*")), None));
    }
    workers
}

/// Whether a result is that of the worker which Tasker makes when there is nothing to do.
fn did_nothing(result: &Val) -> bool {
    matches!(result, Val::Obj(result) if result.get("no_op").is_some_and(Val::is_true))
}

/// Whether a result asks for no work at all.
fn has_nothing_to_do(result: &Val) -> bool {
    let Val::Obj(result) = result else {
        return false;
    };
    let no_batches = result.get("batch_processing_outcome").and_then(|outcome| member(outcome, "type"));
    let no_steps = match result.get("new_steps_outcome") {
        Some(Val::Obj(outcome)) => matches!(outcome.get("steps"), Some(Val::Arr(steps)) if steps.is_empty()),
        _ => false,
    };
    no_steps || no_batches.is_some_and(|outcome| outcome.as_str() == "no_batches")
}

/// The names of the workers that a result asks for, by either outcome.
fn asked_for(worker: &str, result: &Val) -> Vec<Text> {
    let Val::Obj(result) = result else {
        return Vec::new();
    };
    if let Some(Val::Obj(outcome)) = result.get("batch_processing_outcome") {
        let is_ours = matches!(outcome.get("worker_template_name"), Some(Val::Str(name)) if **name == *worker);
        if let (true, Some(Val::Arr(cursors))) = (is_ours, outcome.get("cursor_configs")) {
            let ids = cursors.iter().filter_map(|cursor| member(cursor, "batch_id"));
            return ids.map(|id| Text::from(format!("{worker}_{id}"))).collect();
        }
    }
    if let Some(Val::Obj(outcome)) = result.get("new_steps_outcome") {
        if let Some(Val::Arr(steps)) = outcome.get("steps") {
            let names = steps.iter().filter_map(|step| member(step, "name"));
            return names.filter(|name| is_of(worker, name)).cloned().collect();
        }
    }
    Vec::new()
}

fn member<'v>(value: &'v Val, key: &str) -> Option<&'v Text> {
    match value {
        Val::Obj(members) => members.get(key).and_then(|member| member.as_string().ok()),
        _ => None,
    }
}

fn is_of(worker: &str, name: &str) -> bool {
    name.strip_prefix(worker).is_some_and(|rest| rest.starts_with('_'))
}

/// The results whose names fulfil a condition, by name.
fn sorted<'d>(deps: &'d Map, condition: impl Fn(&str) -> bool) -> Vec<Named<'d>> {
    let mut found: Vec<Named<'d>> =
        deps.iter().filter(|(name, _)| condition(name)).map(|(name, result)| (name.clone(), Some(result))).collect();
    found.sort_by(|(l, _), (r, _)| l.cmp(r));
    found
}

/// Whether a name matches a pattern, in which `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

/// Whether a result is one of a step that failed: what the filter says, or else `"success": false`.
fn has_failed(settings: &Settings, name: &Text, result: &Val) -> Result<bool, Failure> {
    let Some(filter) = &settings.failed_when else {
        return Ok(matches!(result, Val::Obj(result) if matches!(result.get("success"), Some(Val::Bool(false)))));
    };
    let said = filter.run(result.clone());
    said.map(|said| said.is_true()).map_err(|failure| failure.at("/config/failed_when").with("source", Val::Str(name.clone())))
}

/// What a result says of its failure.
fn error_of(result: &Val) -> Val {
    match result {
        Val::Obj(result) => result.get("error").cloned().unwrap_or_default(),
        _ => Val::Null,
    }
}

fn value(settings: &Settings, result: &Val) -> Result<Val, Failure> {
    match &settings.value {
        None => Ok(result.clone()),
        Some(filter) => filter.run(result.clone()).map_err(|failure| failure.at("/config/value")),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_of, matches};

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name) in [
            ("*", ""),
            ("*", "a"),
            ("a*", "a"),
            ("a*", "abc"),
            ("*c", "abc"),
            ("a*c", "ac"),
            ("a*b*c", "abbc"),
            ("a*b*c", "a_b_c"),
            ("*b*", "abc"),
            ("**", "abc"),
            ("a*a", "aba"),
            ("é*", "éa"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("a*", "ba"), ("*a", "ab"), ("a*c", "ab"), ("a*b*c", "ac"), ("a*a", "a"), ("*b*b*", "abc")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_worker_has_the_name_of_its_step_before_an_id() {
        assert!(is_of("batch", "batch_001"));
        for name in ["batch", "batches_001", "a_batch_001", "batc_001"] {
            assert!(!is_of("batch", name), "{name}");
        }
    }
}
