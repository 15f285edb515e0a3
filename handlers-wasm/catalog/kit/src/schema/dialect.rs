//! The drafts of JSON Schema, and which keywords each has.

/// A draft of JSON Schema; later ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    Draft4,
    Draft6,
    Draft7,
    Draft2019,
    Draft2020,
}

impl Dialect {
    /// The draft of a schema that does not say it.
    pub const DEFAULT: Self = Self::Draft2020;

    /// The draft that a `$schema` names.
    pub fn named(uri: &str) -> Option<Self> {
        match uri.strip_suffix('#').unwrap_or(uri) {
            "https://json-schema.org/draft/2020-12/schema" => Some(Self::Draft2020),
            "https://json-schema.org/draft/2019-09/schema" => Some(Self::Draft2019),
            "http://json-schema.org/draft-07/schema" => Some(Self::Draft7),
            "http://json-schema.org/draft-06/schema" => Some(Self::Draft6),
            "http://json-schema.org/draft-04/schema" => Some(Self::Draft4),
            _ => None,
        }
    }

    /// Whether the draft gives a keyword a meaning. `definitions` and `dependencies` keep theirs in all drafts, since
    /// schemas that were carried over still have them.
    pub fn has(self, keyword: &str) -> bool {
        match keyword {
            "id" => self == Self::Draft4,
            "$id" | "const" | "contains" | "propertyNames" | "examples" => self >= Self::Draft6,
            "if" | "then" | "else" | "$comment" | "readOnly" | "writeOnly" | "contentMediaType" | "contentEncoding" => {
                self >= Self::Draft7
            }
            "$anchor" | "$defs" | "dependentRequired" | "dependentSchemas" | "minContains" | "maxContains"
            | "unevaluatedItems" | "unevaluatedProperties" | "contentSchema" | "deprecated" | "$vocabulary" => {
                self >= Self::Draft2019
            }
            "$recursiveRef" | "$recursiveAnchor" => self == Self::Draft2019,
            "prefixItems" | "$dynamicRef" | "$dynamicAnchor" => self == Self::Draft2020,
            "additionalItems" => self < Self::Draft2020,
            _ => true,
        }
    }

    /// Whether a `$ref` stands alone: what is next to it has no meaning.
    pub fn ref_stands_alone(self) -> bool {
        self <= Self::Draft7
    }

    /// The keyword that identifies a schema.
    pub fn id(self) -> &'static str {
        if self == Self::Draft4 { "id" } else { "$id" }
    }
}
