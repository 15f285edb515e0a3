//! What recorded cases cannot show: places, depth, and what becomes of many steps.

use super::compile::Prelude;
use crate::filter;
use crate::json;
use crate::value::Val;

/// The only output of a filter, or the document of its failure.
fn run(text: &str, input: &str) -> String {
    let input = json::parse(input).unwrap();
    let mut failed = String::new();
    match filter::Prelude::new().compile(text).and_then(|filter| filter.run(input)) {
        Ok(value) => return json::to_string(&value),
        Err(failure) => failure.write(&mut failed),
    }
    failed
}

/// The message of the failure of a filter.
fn message(text: &str, input: &str) -> String {
    let Ok(Val::Obj(failed)) = json::parse(&run(text, input)) else { panic!("{text} has not failed") };
    let Some(Val::Obj(error)) = failed.get("error") else { panic!("{text} has not failed") };
    error.get("message").and_then(|message| message.as_string().ok()).unwrap().to_string()
}

#[test]
fn an_error_names_the_place_of_what_failed() {
    let city = "line 1, column 10: Cannot index number with string (\"city\")";
    assert_eq!(message(".customer.city", r#"{"customer":5}"#), city);
    assert_eq!(message("# total\n.a\n| . + 1", r#"{"a":[]}"#), "line 3, column 5: array ([]) and number (1) cannot be added");
    assert_eq!(message("map(.n) | add", "7"), "line 1, column 1: Cannot iterate over number (7)");
    assert_eq!(message("map(.n.é)", r#"[{"n":1}]"#), "line 1, column 8: expected a field, found 'é'");
    assert_eq!(message(".a |= (.b | length)", r#"{"a":true}"#), "line 1, column 8: Cannot index boolean with string (\"b\")");
    assert_eq!(message("def f: .x; [.[] | f]", "[[]]"), "line 1, column 8: Cannot index array with string (\"x\")");
}

#[test]
fn what_catch_sees_of_an_error_has_no_place() {
    assert_eq!(run("try .a.b catch .", r#"{"a":1}"#), r#""Cannot index number with string (\"b\")""#);
}

#[test]
fn what_a_filter_raises_is_handed_on_as_it_is() {
    assert_eq!(message(r#"error("no lines")"#, "null"), "no lines");
    assert!(run(r#"1 | error({code: "E1"})"#, "null").contains(r#""raised":{"code":"E1"},"line":1,"column":5"#));
}

#[test]
fn a_call_at_the_end_takes_no_stack() {
    assert_eq!(run("def down: if . == 0 then \"done\" else . - 1 | down end; 300000 | down", "null"), "\"done\"");
    let sum = "def sum($n; $total): if $n == 0 then $total else sum($n - 1; $total + $n) end; sum(100000; 0)";
    assert_eq!(run(sum, "null"), "5000050000");
    assert_eq!(run("last(recurse(if . < 100000 then . + 1 else empty end))", "0"), "100000");
    assert_eq!(run("0 | until(. == 100000; . + 1)", "null"), "100000");
}

#[test]
fn a_filter_that_calls_itself_without_end_fails() {
    let endless = [
        "def f: . + 1 | f | . + 1; f",
        "def f: 1 + f; f",
        "def f: (., 1) | f; f",
        "def f: [f]; f",
        "def f: reduce 1 as $x (0; f); f",
        "def f: foreach 1 as $x (0; f); f",
        "def f: try f catch error; f | .",
        "def f: label $x | f, 1; f",
        "def f: any(1; f); f",
        "def f: {a: f}; f",
        "def f: \"\\(f)\"; f",
        "def f: .a |= f; f",
        "def f: first(.a) |= f; f",
        "def f: path(.a | f); f",
        "def f: path(.a | f, .b); f",
        "def f: \"a\" | sub(\"a\"; f); f",
        "def f: [1] | walk(f); f",
        "def f: limit(1; f, 1); f",
        "def f: f // 1; f",
        "def f(g): f(g | g); f(.)",
    ];
    on_a_large_stack(move || {
        for text in endless {
            let message = message(text, "null");
            assert!(message.contains("calls itself too deep") || message.contains("nested deeper"), "{text}: {message}");
        }
    });
}

/// The frames of a build without optimization are many times as large as those that are counted, which are a module's.
fn on_a_large_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(test).unwrap();
    thread.join().unwrap();
}

#[test]
fn a_value_that_becomes_too_deep_is_an_error() {
    on_a_large_stack(values_that_become_too_deep);
}

fn values_that_become_too_deep() {
    let expected = "the filter makes a value that is nested deeper than 640 levels";
    assert!(message("reduce range(100000) as $i (0; [.])", "null").ends_with(expected));
    assert!(message("reduce range(100000) as $i (0; {a: .})", "null").ends_with(expected));
    assert!(message("reduce range(100000) as $i ({}; .a = .)", "null").ends_with(expected));
    assert_eq!(run("reduce range(100000) as $i ([[1]]; [.[0]])", "null"), "[[1]]");
}

#[test]
fn a_document_of_500_levels_can_be_walked_through() {
    on_a_large_stack(walks_through_500_levels);
}

fn walks_through_500_levels() {
    let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    assert_eq!(run("walk(if type == \"number\" then . + 1 else . end) | flatten", &deep), "[2]");
    assert_eq!(run("[paths] | length", &deep), "500");
    assert_eq!(run("(.. | numbers) |= . + 1 | flatten", &deep), "[2]");
    assert_eq!(run("[..] | length", &deep), "501");
}

/// Copied at every step, these would take hours.
#[test]
fn a_state_is_changed_in_place() {
    assert_eq!(run("reduce range(200000) as $i ([]; . + [$i]) | length", "null"), "200000");
    assert_eq!(run("reduce range(200000) as $i ({}; .[$i % 1000 | tostring].n += 1) | .\"7\".n", "null"), "200");
    assert_eq!(run("reduce range(200000) as $i ([]; .[$i] = $i) | length", "null"), "200000");
    assert_eq!(run("reduce range(200000) as $i (\"\"; . + \"x\") | length", "null"), "200000");
    assert_eq!(run("reduce range(200000) as $i ({a: []}; .a += [$i]) | .a | length", "null"), "200000");
    assert_eq!(run("reduce range(200000) as $i ([]; setpath([$i]; 1)) | length", "null"), "200000");
}

#[test]
fn a_filter_nested_too_deep_is_refused() {
    on_a_large_stack(filters_nested_too_deep);
}

fn filters_nested_too_deep() {
    for text in ["[".repeat(200), "try ".repeat(600), "-".repeat(600) + "1", "1".to_owned() + &"+1".repeat(600)] {
        assert!(message(&text, "null").contains("no deeper than"), "{}", &text[..20]);
    }
}

#[test]
fn all_that_builtins_names_can_be_called() {
    let prelude = filter::Prelude::new();
    let Ok(Val::Arr(names)) = json::parse(&run("builtins", "null")) else { panic!("the names are no array") };
    for name in names.iter() {
        let (name, arity) = name.as_string().unwrap().split_once('/').unwrap();
        let arguments = vec!["."; arity.parse().unwrap()].join("; ");
        let call = if arguments.is_empty() { name.to_owned() } else { format!("{name}({arguments})") };
        assert!(prelude.compile(&call).is_ok(), "{call}");
    }
    assert!(names.len() > 150, "only {} names", names.len());
}

#[test]
fn what_the_prelude_keeps_to_itself_is_not_defined() {
    assert!(message("_matches(\"a\"; null)", "null").ends_with("filter _matches/2 is not defined"));
    assert!(message("_captured", "null").ends_with("filter _captured/0 is not defined"));
    assert_eq!(run("def _captured: 1; _captured", "null"), "1");
}

/// What a definition of the prelude calls is what it means, whatever a filter calls its own definitions.
#[test]
fn definitions_of_a_filter_do_not_change_the_prelude() {
    assert_eq!(run("def select(f): 7; def type: 8; [.[] | strings]", r#"["a",1]"#), r#"["a"]"#);
    assert_eq!(run(". as $key | def map(f): 9; with_entries(.key |= ascii_upcase)", r#"{"a":1}"#), r#"{"A":1}"#);
    assert_eq!(run("5 as $whole | pick(.a) | .a + $whole", r#"{"a":1,"b":2}"#), "6");
}

#[test]
fn the_prelude_can_be_read() {
    let _ = Prelude::new();
}
