//! Changing values to the types and formats that a schema asks for, where nothing is lost and nothing is guessed.
//!
//! Only what surely applies to a value is followed: `properties`, `patternProperties`, `additionalProperties`,
//! `prefixItems` and `items`, through `$ref` and `allOf`. A value that cannot be changed stays as it is. If its type is
//! wrong, the schema tells so; that it is not in the format that is asked for, is told from here, since formats are
//! annotations to the schema.

use crate::dates::{self, Notation, Problem};
use catalog_kit::schema::{Applied, Part, Schema, Violation, push_step};
use catalog_kit::{Val, json};
use std::rc::Rc;

/// Changes a value, and all in it, to what the schema asks for; gives the places of what cannot be in its format.
pub fn coerce(schema: &Schema<'_>, notation: Notation, value: &mut Val) -> Vec<Violation> {
    let mut coercion = Coercion {
        schema,
        notation,
        pointer: String::new(),
        violations: Vec::new(),
    };
    coercion.coerce(&[schema.root()], value);
    coercion.violations
}

struct Coercion<'r, 's> {
    schema: &'r Schema<'s>,
    notation: Notation,
    pointer: String,
    violations: Vec<Violation>,
}

impl<'s> Coercion<'_, 's> {
    fn coerce(&mut self, wanted: &[Part<'s>], value: &mut Val) {
        let applied = self.schema.applied(wanted, false);
        if applied.is_empty() {
            return;
        }
        match value {
            Val::Obj(members) => {
                for place in 0..members.len() {
                    let key = members.member(place).0.clone();
                    let wanted = self.schema.of_member(&applied, &key, true);
                    if !wanted.is_empty() {
                        Rc::make_mut(members).update(place, |member| self.at(&key, &wanted, member));
                    }
                }
            }
            Val::Arr(items) => {
                for place in 0..items.len() {
                    let wanted = Schema::of_item(&applied, place);
                    if !wanted.is_empty() {
                        Rc::make_mut(items).update(place, |item| self.at(&place.to_string(), &wanted, item));
                    }
                }
            }
            scalar => {
                for applied in &applied {
                    match self.scalar(applied, scalar) {
                        Ok(None) => {}
                        Ok(Some(changed)) => *scalar = changed,
                        Err(violation) => {
                            self.violations.push(violation);
                            break;
                        }
                    }
                }
            }
        }
    }

    fn at(&mut self, step: &str, wanted: &[Part<'s>], value: &mut Val) {
        let length = self.pointer.len();
        push_step(&mut self.pointer, step);
        self.coerce(wanted, value);
        self.pointer.truncate(length);
    }

    /// What a value becomes for a schema, if it is to become something else.
    fn scalar(&self, keywords: &Applied<'_>, value: &Val) -> Result<Option<Val>, Violation> {
        let types: &[Val] = match keywords.get("type") {
            Some(Val::Arr(types)) => types,
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        let names = || types.iter().filter_map(|name| name.as_string().ok()).map(|name| name.as_str());
        let texts = types.is_empty() || names().any(|name| name == "string");
        let own_type = names().any(|name| name == value.type_name());
        let whole = names().any(|name| name == "integer");
        match (value, keywords.get("format")) {
            (Val::Str(text), Some(Val::Str(format))) if texts => self.formatted(format, text, text),
            (Val::Int(_) | Val::Num(_) | Val::Bool(_), Some(Val::Str(format)))
                if texts && !types.is_empty() && !own_type && !whole =>
            {
                let text = json::to_string(value);
                self.formatted(format, &text, "")
                    .map(|changed| changed.or_else(|| Some(text.into())))
            }
            // An integer is not to become a text or so because it has the wrong value.
            (Val::Int(_) | Val::Num(_), _) if whole => Ok(None),
            _ if own_type => Ok(None),
            _ => Ok(names().find_map(|name| changed(name, value))),
        }
    }

    /// A text in a format; none if it is so already, or the format is of another kind.
    fn formatted(&self, format: &str, text: &str, as_it_is: &str) -> Result<Option<Val>, Violation> {
        let (what, read): (_, fn(&str, Notation) -> Result<String, Problem>) = match format {
            "date" => ("a date", dates::date),
            "date-time" => ("a date with time", dates::date_time),
            _ => return Ok(None),
        };
        match read(text, self.notation) {
            Ok(read) => Ok((read != as_it_is).then(|| read.into())),
            Err(problem) => Err(Violation {
                pointer: self.pointer.clone(),
                keyword: "format",
                message: format!("cannot be read as {what}: {problem}"),
            }),
        }
    }
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
