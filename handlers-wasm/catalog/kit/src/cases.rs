//! Recorded cases: step documents with the result documents that they give, byte for byte.
//!
//! A file is a JSON array of objects with `name`, `document` and `expect`, all strings, and what else a handler's cases
//! need. A long document is written short:
//! `document` is then an array of strings and of objects `{"repeat": "text", "times": 3, "separator": ","}`, whose texts
//! follow one another; a `#` in a repeated text stands for how often it was repeated before. `expect` is written in the
//! same way when it is longer than 4,000 bytes: as `{"bytes": 12345, "fnv1a64": "0123456789abcdef"}`, its length and the
//! 64-bit FNV-1a hash of its bytes.

use crate::json;
use crate::map::Map;
use crate::value::Val;
use std::fmt::Write;
use std::rc::Rc;

/// A result that is longer is recorded as length and hash.
const MAX_RECORDED: usize = 4000;

/// A step document and the result document that it gives.
pub struct Case {
    /// What the case shows.
    pub name: String,
    members: Rc<Map>,
    /// The result document, or what is recorded of it, as JSON.
    pub expect: String,
}

impl Case {
    /// The text of the step document.
    ///
    /// # Panics
    ///
    /// Never: a document that cannot be written out is refused when the file is read.
    #[must_use]
    pub fn document(&self) -> String {
        self.member("document").and_then(expand).expect("checked when the file was read")
    }

    /// The text of the configuration in the step document, as it would be prepared: an empty object if there is none.
    #[must_use]
    pub fn configuration(&self) -> Vec<u8> {
        let config = match json::parse(&self.document()) {
            Ok(Val::Obj(document)) => document.get("config").map(json::to_string),
            _ => None,
        };
        config.unwrap_or_else(|| "{}".to_owned()).into_bytes()
    }

    /// Another member of the case.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Val> {
        self.members.get(name)
    }
}

/// What is recorded of a result document, as JSON.
///
/// # Panics
///
/// When the result is not UTF-8.
#[must_use]
pub fn recorded(result: Vec<u8>) -> String {
    let mut recorded = String::new();
    if result.len() > MAX_RECORDED {
        let (bytes, hash) = (result.len(), fnv1a(&result));
        let _ = write!(recorded, r#"{{"bytes":{bytes},"fnv1a64":"{hash:016x}"}}"#);
    } else {
        let text = String::from_utf8(result).expect("a result document is UTF-8");
        json::write_str(&mut recorded, &text);
    }
    recorded
}

/// The 64-bit FNV-1a hash.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// Reads a file of cases.
///
/// # Errors
///
/// What is wrong with the file.
pub fn read(text: &[u8]) -> Result<Vec<Case>, String> {
    let Val::Arr(cases) = json::parse_bytes(text).map_err(|cause| cause.to_string())? else {
        return Err("expected an array of cases".to_owned());
    };
    let cases = cases.iter().enumerate();
    cases
        .map(|(i, case)| case_of(case).ok_or_else(|| format!("case {i} is not a case")))
        .collect()
}

fn case_of(case: &Val) -> Option<Case> {
    let Val::Obj(case) = case else { return None };
    expand(case.get("document")?)?;
    Some(Case {
        name: text(case, "name")?.to_owned(),
        members: Rc::clone(case),
        expect: case.get("expect").map_or_else(String::new, json::to_string),
    })
}

fn text<'a>(map: &'a Map, key: &str) -> Option<&'a str> {
    match map.get(key)? {
        Val::Str(s) => Some(s),
        _ => None,
    }
}

/// The text of a document that may be written short.
#[must_use]
pub fn expand(document: &Val) -> Option<String> {
    let parts = match document {
        Val::Str(document) => return Some(document.to_string()),
        Val::Arr(parts) => parts,
        _ => return None,
    };
    let mut expanded = String::new();
    for part in parts.iter() {
        match part {
            Val::Str(piece) => expanded.push_str(piece),
            Val::Obj(part) => {
                let Some(Val::Int(times)) = part.get("times") else {
                    return None;
                };
                let separator = if part.len() > 2 { text(part, "separator")? } else { "" };
                let piece = text(part, "repeat")?;
                for n in 0..*times {
                    if n > 0 {
                        expanded.push_str(separator);
                    }
                    expanded.push_str(&piece.replace('#', &n.to_string()));
                }
            }
            _ => return None,
        }
    }
    Some(expanded)
}

/// Writes a file of cases.
#[must_use]
pub fn write(cases: &[Case]) -> String {
    let mut out = String::from("[");
    let mut separator = "\n";
    for case in cases {
        out.push_str(separator);
        out.push_str("  {");
        for (name, value) in case.members.iter().filter(|(name, _)| name.as_str() != "expect") {
            json::write_str(&mut out, name);
            out.push_str(": ");
            json::write(&mut out, value);
            out.push_str(",\n   ");
        }
        out.push_str("\"expect\": ");
        out.push_str(&case.expect);
        out.push('}');
        separator = ",\n";
    }
    out.push_str("\n]\n");
    out
}
