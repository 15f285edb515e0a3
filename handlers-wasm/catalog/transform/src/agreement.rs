//! Our values and functions against jaq's own: all cases that give a result must give the same one.

use catalog_kit::{Val, cases, json};
use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, RcIter};
use std::fs;

/// Cases in which we differ, and mean to.
const DIFFERENT: [(&str, &str); 10] = [
    ("integers at the end of 64 bits", "jaq wraps around"),
    ("recursion", "jaq wraps around"),
    ("rounding", "jaq's largest integer stands for larger numbers"),
    ("nan in comparisons and sorting", "jaq's order of several NaN depends on the sorting"),
    ("the environment is empty", "jaq's is the machine's"),
    ("an object with many members", "jaq puts the last member where one was deleted"),
    ("local time is UTC", "jaq's is the machine's"),
    ("what is no date", "jaq panics at unknown formats, and words errors differently"),
    ("a text nested too deep", "jaq has no limit"),
    ("JSON in strings", "errors in JSON are worded differently"),
];

/// The output of jaq with its own values, or none if it is not exactly one.
fn jaq(filter: &str, input: &str) -> Option<String> {
    use hifijson::token::Lex;
    let mut lexer = hifijson::SliceLexer::new(input.as_bytes());
    let input = lexer.exactly_one(jaq_json::Val::parse).ok()?;
    let arena = Arena::default();
    let file = File {
        code: filter,
        path: (),
    };
    let modules = Loader::new(jaq_std::defs().chain(jaq_json::defs()))
        .load(&arena, file)
        .ok()?;
    let filter = Compiler::default()
        .with_funs(jaq_std::funs().chain(jaq_json::funs()))
        .compile(modules)
        .ok()?;
    let inputs = RcIter::new(std::iter::empty());
    let mut outputs = filter.run((Ctx::new([], &inputs), input));
    let output = outputs.next()?.ok()?;
    outputs.next().is_none().then(|| output.to_string())
}

/// The text of a value with all members sorted.
fn sorted(value: &Val) -> Val {
    match value {
        Val::Arr(values) => values.iter().map(sorted).collect(),
        Val::Obj(members) => {
            let mut members: Vec<_> = members.iter().map(|(k, v)| (k.clone(), sorted(v))).collect();
            members.sort_unstable_by(|(l, _), (r, _)| l.cmp(r));
            Val::obj(members.into_iter().collect())
        }
        other => other.clone(),
    }
}

fn get(document: &Val, key: &str) -> Val {
    match document {
        Val::Obj(members) => members.get(key).cloned().unwrap_or_default(),
        _ => Val::Null,
    }
}

#[test]
fn results_are_those_of_jaq() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/cases");
    let mut compared = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        for case in cases::read(&fs::read(&path).unwrap()).unwrap() {
            if DIFFERENT.iter().any(|(name, _)| *name == case.name) {
                continue;
            }
            let document = case.document();
            let result = json::parse_bytes(&crate::transform(document.as_bytes())).unwrap();
            let Val::Str(status) = get(&result, "status") else { unreachable!() };
            if *status != "completed" {
                continue;
            }
            let document = json::parse(&document).unwrap();
            let Val::Str(filter) = get(&get(&document, "config"), "filter") else { unreachable!() };
            let input = crate::SEEN.map(|name| (name.to_owned().into(), get(&document, name)));
            let input = json::to_string(&Val::obj(input.into_iter().collect()));
            let expected = jaq(&filter, &input);
            let expected = expected.unwrap_or_else(|| panic!("{}: jaq has no result", case.name));
            let expected = sorted(&json::parse(&expected).unwrap());
            let found = sorted(&get(&result, "result"));
            assert_eq!(json::to_string(&found), json::to_string(&expected), "{}", case.name);
            compared += 1;
        }
    }
    assert!(compared > 100, "only {compared} cases were compared");
}
