//! Header fields and parameters of a query: each name has one value or several.

use crate::template::{self, Template};
use crate::{Failure, Map, Text, Val, config, json};

/// The fields of a configuration, taken apart.
pub struct Fields {
    fields: Vec<Field>,
    are_headers: bool,
}

struct Field {
    name: Text,
    pointer: String,
    values: Vec<Value>,
}

enum Value {
    Written(Val),
    Filled(Template),
}

impl Fields {
    /// Takes a member of the configuration apart: `headers` or `query`.
    ///
    /// # Errors
    ///
    /// `invalid_config` when it is not an object of such fields; `invalid_value` when a name could be taken for a
    /// placeholder of a secret.
    pub fn parse(config: &Map, part: &str) -> Result<Self, Failure> {
        let place = format!("/config/{part}");
        let are_headers = part == "headers";
        let configured = match config.get(part) {
            None => return Ok(Self { fields: Vec::new(), are_headers }),
            Some(Val::Obj(fields)) => fields,
            other => return Err(config::expected(&place, "an object", other)),
        };
        let mut fields = Vec::with_capacity(configured.len());
        for (name, value) in configured.iter() {
            let pointer = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
            if are_headers && !is_token(name) {
                return Err(config::invalid(&pointer, "not a valid header name"));
            }
            template::check_value(&Val::Str(name.clone()), &pointer)?;
            let values = match value {
                Val::Arr(several) => {
                    let several = several.iter().enumerate();
                    several.map(|(i, value)| Value::parse(value, &format!("{pointer}/{i}"))).collect::<Result<_, _>>()?
                }
                value => vec![Value::parse(value, &pointer)?],
            };
            let name = if are_headers { Text::from(name.to_ascii_lowercase()) } else { name.clone() };
            fields.push(Field { name, pointer, values });
        }
        Ok(Self { fields, are_headers })
    }

    /// Whether there is a field of this name, in lower case if it is a header.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name.as_str() == name)
    }

    /// The fields for a step document. A reference to null leaves a field out.
    ///
    /// # Errors
    ///
    /// `unresolved_reference` when a value does not exist; `invalid_value` when one cannot stand here.
    pub fn of(&self, document: &Map) -> Result<Map, Failure> {
        let mut fields = Map::with_capacity(self.fields.len());
        for field in &self.fields {
            let mut values = Vec::new();
            for value in &field.values {
                match value {
                    Value::Written(value) => values.push(value.clone()),
                    Value::Filled(template) => append_values(template, document, &mut values)?,
                }
            }
            if self.are_headers && values.iter().any(has_control) {
                let message = format!("{}: header values must not contain control characters", field.pointer);
                return Err(Failure::new("invalid_value", message).at(&field.pointer));
            }
            match values.len() {
                0 => {}
                1 => fields.insert(field.name.clone(), values.remove(0)),
                _ => fields.insert(field.name.clone(), values.into_iter().collect()),
            }
        }
        Ok(fields)
    }
}

impl Value {
    fn parse(value: &Val, pointer: &str) -> Result<Self, Failure> {
        match value {
            Val::Str(text) => Template::parse(text, pointer).map(Self::Filled),
            Val::Int(_) | Val::Num(_) | Val::Float(_) | Val::Bool(_) => Ok(Self::Written(json::to_string(value).into())),
            other => Err(config::expected(pointer, "a string, a number or a boolean", Some(other))),
        }
    }
}

/// Appends what a template stands for, as strings: the items of an array if it is exactly one reference to one, and
/// nothing if it is one to null.
///
/// # Errors
///
/// As [`Template::text`]'s.
pub fn append_values(template: &Template, document: &Map, values: &mut Vec<Val>) -> Result<(), Failure> {
    let pointer = &template.pointer;
    let single = template.single().map(|reference| reference.resolve(document, pointer).map(|value| (reference, value)));
    match single.transpose()? {
        Some((_, Val::Null)) => {}
        Some((reference, Val::Arr(several))) => {
            for value in several.iter() {
                let mut text = String::new();
                template::write_scalar(&mut text, value)
                    .map_err(|problem| reference.refused(pointer, &format!("has an item that {problem}")))?;
                let value = Val::from(text);
                template::check_value(&value, pointer)?;
                values.push(value);
            }
        }
        _ => values.push(template.text(document, template::write_scalar)?.into()),
    }
    Ok(())
}

fn has_control(text: &Val) -> bool {
    matches!(text, Val::Str(text) if text.contains(|c: char| c.is_control() && c != '\t'))
}

fn is_token(name: &str) -> bool {
    let in_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(in_token)
}
