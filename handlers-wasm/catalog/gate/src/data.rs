//! Values of the configuration that go into results, with references to the step document.

use catalog_kit::template::{self, Piece, Template};
use catalog_kit::{Failure, Map, Text, Val, config};

/// A value whose strings are taken apart.
pub enum Data {
    Fixed(Val),
    Template(Template),
    Array(Vec<Data>),
    Object(Vec<(Text, Data)>),
}

impl Data {
    pub fn of(value: &Val, pointer: &str) -> Result<Self, Failure> {
        Ok(match value {
            Val::Str(text) => {
                let template = Template::parse(text, pointer)?;
                if template.pieces.iter().any(|piece| matches!(piece, Piece::Secret(_))) {
                    return Err(config::invalid(pointer, "a secret cannot be in a result"));
                }
                Self::Template(template)
            }
            Val::Arr(values) => {
                let values = values.iter().enumerate();
                Self::Array(values.map(|(i, value)| Self::of(value, &format!("{pointer}/{i}"))).collect::<Result<_, _>>()?)
            }
            Val::Obj(members) => {
                let members = members.iter().map(|(key, value)| {
                    let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                    Ok((key.clone(), Self::of(value, &pointer)?))
                });
                Self::Object(members.collect::<Result<_, Failure>>()?)
            }
            other => Self::Fixed(other.clone()),
        })
    }

    /// The value for a step document. A string that is one reference becomes what it refers to.
    pub fn filled(&self, document: &Map) -> Result<Val, Failure> {
        match self {
            Self::Fixed(value) => Ok(value.clone()),
            Self::Template(template) => match template.single() {
                Some(reference) => reference.resolve(document, &template.pointer).cloned(),
                None => template.text(document, template::write_any).map(Val::from),
            },
            Self::Array(values) => values.iter().map(|value| value.filled(document)).collect(),
            Self::Object(members) => {
                let members = members.iter().map(|(key, value)| Ok((key.clone(), value.filled(document)?)));
                members.collect::<Result<Map, Failure>>().map(Val::obj)
            }
        }
    }
}
