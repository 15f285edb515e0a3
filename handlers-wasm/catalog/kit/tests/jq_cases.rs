//! What jq answers, on the recorded cases in `jq-cases`: see the section on agreement in `handlers-wasm/README.md`.

#![cfg(feature = "jq")]

use catalog_kit::filter::Prelude;
use catalog_kit::{Val, json};
use std::fs;

/// What a filter answers, in the shape of the records.
#[derive(Debug, PartialEq)]
struct Answer {
    outputs: Vec<String>,
    error: Option<String>,
    compiles: bool,
}

#[test]
fn filters_answer_as_recorded() {
    let prelude = Prelude::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/jq-cases");
    let (mut compared, mut differing) = (0, Vec::new());
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let Val::Arr(cases) = json::parse_bytes(&fs::read(&path).unwrap()).unwrap() else {
            panic!("{} is no array", path.display());
        };
        for case in cases.iter() {
            let expected = recorded(&member(case, "expect").expect("a case has its answer"));
            let found = answer(&prelude, &text(case, "filter"), &text(case, "input"));
            if found != expected {
                let name = text(case, "name");
                differing.push(format!("{}: {name}\n  recorded {expected:?}\n  found    {found:?}", path.display()));
            }
            compared += 1;
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert!(compared > 800, "only {compared} cases were compared");
}

fn answer(prelude: &Prelude, filter: &str, input: &str) -> Answer {
    let Ok(filter) = prelude.compile(filter) else {
        return Answer { outputs: Vec::new(), error: None, compiles: false };
    };
    let found = filter.outputs(json::parse(input).unwrap(), usize::MAX);
    Answer {
        outputs: found.values.iter().map(json::to_string).collect(),
        error: found.error.as_ref().map(json::to_string),
        compiles: true,
    }
}

fn recorded(expected: &Val) -> Answer {
    let outputs = match member(expected, "out") {
        Some(Val::Arr(outputs)) => outputs.iter().map(string).collect(),
        _ => Vec::new(),
    };
    Answer {
        outputs,
        error: member(expected, "err").as_ref().map(string),
        compiles: member(expected, "compile").is_none(),
    }
}

fn member(value: &Val, name: &str) -> Option<Val> {
    match value {
        Val::Obj(members) => members.get(name).cloned(),
        other => panic!("expected an object, found {}", json::to_string(other)),
    }
}

fn text(case: &Val, name: &str) -> String {
    string(&member(case, name).unwrap_or_else(|| panic!("a case has no '{name}'")))
}

fn string(value: &Val) -> String {
    match value {
        Val::Str(text) => text.to_string(),
        other => panic!("expected a string, found {}", json::to_string(other)),
    }
}
