use super::{Place, Schema, ViolationOptions, Violation};
use crate::failure::Failure;
use crate::json;

const POINTER: Place = Place {
    pointer: "/config/output",
    error_type: "no_schema",
};

fn run(schema: &str, value: &str, values: bool) -> Result<Vec<Violation>, Failure> {
    let schema = json::parse(schema).unwrap();
    let options = ViolationOptions { limit: 10, values };
    Schema::prepare(&schema, POINTER)?.violations(&json::parse(value).unwrap(), options)
}

fn text(failure: &Failure) -> String {
    let mut text = String::new();
    failure.write(&mut text);
    text
}

#[test]
fn a_violation_names_place_and_keyword() {
    let schema = r#"{"properties": {"a/b": {"items": {"type": "integer"}}}}"#;
    let violations = run(schema, r#"{"a/b": [1, 2.0, "x"]}"#, true).unwrap();
    assert_eq!(violations.len(), 1);
    assert_eq!(violations[0].pointer, "/a~1b/2");
    assert_eq!(violations[0].keyword, "type");
}

#[test]
fn no_more_than_ten_violations_are_told() {
    let violations = run(r#"{"items": false}"#, &format!("[{}0]", "0,".repeat(50)), true).unwrap();
    assert_eq!(violations.len(), 10);
}

#[test]
fn values_are_only_quoted_if_wanted() {
    let schema = r#"{"properties": {
        "a": {"enum": [1]}, "b": {"const": 2}, "c": {"minimum": 3}, "d": {"pattern": "x"}, "e": {"uniqueItems": true}}}"#;
    let value = r#"{"a": 7741, "b": 7742, "c": -7743, "d": "7744", "e": [7745, 7745]}"#;
    for violation in run(schema, value, true).unwrap() {
        assert!(violation.message.contains("774"), "{violation}");
    }
    let quiet = run(schema, value, false).unwrap();
    assert_eq!(quiet.len(), 5);
    for violation in quiet {
        assert!(!violation.message.contains("774"), "{violation}");
    }
}

#[test]
fn an_invalid_schema_names_the_place() {
    for (schema, pointer) in [
        ("5", "/config/output"),
        (r#"{"properties": {"a": 1}}"#, "/config/output/properties/a"),
        (r#"{"allOf": [true, {"minimum": "1"}]}"#, "/config/output/allOf/1/minimum"),
        (r##"{"$ref": "#/nowhere"}"##, "/config/output/$ref"),
        (r#"{"$ref": "https://example.com/s"}"#, "/config/output/$ref"),
        (r#"{"pattern": "("}"#, "/config/output/pattern"),
        (r##"{"$ref": "#"}"##, "/config/output"),
    ] {
        let failure = run(schema, "1", true).unwrap_err();
        let text = text(&failure);
        assert!(text.contains("no_schema"), "{schema}: {text}");
        assert!(text.contains(&format!(r#""pointer":"{pointer}""#)), "{schema}: {text}");
    }
}
