use super::check;
use crate::failure::Failure;
use crate::json;

fn run(schema: &str, value: &str) -> Result<(), Failure> {
    check(&json::parse(schema).unwrap(), &json::parse(value).unwrap())
}

fn text(failure: &Failure) -> String {
    let mut text = String::new();
    failure.write(&mut text);
    text
}

#[test]
fn a_violation_names_place_and_keyword() {
    let schema = r#"{"properties": {"a/b": {"items": {"type": "integer"}}}}"#;
    let failure = run(schema, r#"{"a/b": [1, 2.0, "x"]}"#).unwrap_err();
    assert!(text(&failure).contains(r#""pointer":"/a~1b/2","keyword":"type""#), "{failure:?}");
}

#[test]
fn no_more_than_ten_violations_are_told() {
    let failure = run(r#"{"items": false}"#, &format!("[{}0]", "0,".repeat(50))).unwrap_err();
    assert_eq!(text(&failure).matches(r#""keyword""#).count(), 10);
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
        let failure = run(schema, "1").unwrap_err();
        let text = text(&failure);
        assert!(text.contains("output_schema_invalid"), "{schema}: {text}");
        assert!(text.contains(&format!(r#""pointer":"{pointer}""#)), "{schema}: {text}");
    }
}
