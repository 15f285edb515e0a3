//! Changing values to the types that a schema asks for, where nothing is lost by it.
//!
//! Only what surely applies to a value is followed: `properties`, `patternProperties`, `additionalProperties`,
//! `prefixItems` and `items`, through `$ref` and `allOf`. A value that cannot be changed stays as it is, and the schema
//! tells what is wrong with it.

use crate::dates;
use catalog_kit::schema::Schema;
use catalog_kit::{Map, Val, json};
use std::rc::Rc;

/// Changes a value, and all in it, to what the schema asks for.
pub fn coerce(schema: &Schema<'_>, value: &mut Val) {
    coerce_to(schema, &[schema.root()], value);
}

fn coerce_to<'s>(schema: &Schema<'s>, wanted: &[&'s Val], value: &mut Val) {
    let keywords = schema.applied(wanted, false);
    if keywords.is_empty() {
        return;
    }
    match value {
        Val::Obj(members) => {
            for place in 0..members.len() {
                let wanted = schema.of_member(&keywords, members.member(place).0, true);
                if !wanted.is_empty() {
                    Rc::make_mut(members).update(place, |member| coerce_to(schema, &wanted, member));
                }
            }
        }
        Val::Arr(items) => {
            for place in 0..items.len() {
                let wanted = Schema::of_item(&keywords, place);
                if !wanted.is_empty() {
                    Rc::make_mut(items).update(place, |item| coerce_to(schema, &wanted, item));
                }
            }
        }
        _ => {
            if let Some(changed) = keywords.iter().find_map(|keywords| scalar(keywords, value)) {
                *value = changed;
            }
        }
    }
}

/// What a value becomes for a schema, if it is to become something else.
fn scalar(keywords: &Map, value: &Val) -> Option<Val> {
    let types: &[Val] = match keywords.get("type")? {
        Val::Arr(types) => types,
        one => std::slice::from_ref(one),
    };
    let names = || types.iter().filter_map(|name| name.as_string().ok()).map(|name| name.as_str());
    if names().any(|name| name == value.type_name()) {
        return match (value, keywords.get("format")) {
            (Val::Str(text), Some(Val::Str(format))) => match format.as_str() {
                "date-time" => dates::date_time(text),
                "date" => dates::date(text),
                _ => None,
            }
            .map(Val::from),
            _ => None,
        };
    }
    if matches!(value, Val::Int(_) | Val::Num(_)) && names().any(|name| name == "integer") {
        return None;
    }
    names().find_map(|name| changed(name, value))
}

fn changed(wanted: &str, value: &Val) -> Option<Val> {
    match (wanted, value) {
        ("number", Val::Str(text)) => number(text),
        ("integer", Val::Str(text)) if !text.contains(['.', 'e', 'E']) => number(text),
        ("boolean", Val::Str(text)) => match text.as_str() {
            "true" => Some(Val::Bool(true)),
            "false" => Some(Val::Bool(false)),
            _ => None,
        },
        ("string", Val::Int(_) | Val::Num(_) | Val::Bool(_)) => Some(json::to_string(value).into()),
        _ => None,
    }
}

/// The number that a text is as JSON; none that is too large to count with.
fn number(text: &str) -> Option<Val> {
    if !text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) || text.ends_with(char::is_whitespace) {
        return None;
    }
    let number = json::parse(text).ok()?;
    number.as_float().is_ok_and(f64::is_finite).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_number_is_what_json_calls_one() {
        for text in ["0", "-1", "12.50", "1e3", "123456789012345678901234567890"] {
            assert!(number(text).is_some(), "{text}");
        }
        for text in ["", " 1", "1 ", "+1", "01", ".5", "0x10", "1e999", "NaN", "inf", "-", "1,5", "true"] {
            assert!(number(text).is_none(), "{text}");
        }
    }
}
