//! How `jq` writes its outputs.

use crate::io::{Io, shown};
use crate::{Fail, options};
use catalog_kit::{Text, Val, deep, json};
use std::fmt::Write;

/// Values that are nested deeper need more room on the stack.
const HIGH: u32 = 40;

/// How outputs are written.
#[derive(Clone, Debug)]
pub struct Style {
    /// What stands before each line, for each level; none for one line.
    indent: Option<String>,
    /// Strings as their texts.
    pub raw: bool,
    pub ascii: bool,
    pub sorted: bool,
    /// What stands behind each output.
    pub end: &'static [u8],
}

impl Default for Style {
    fn default() -> Self {
        Self { indent: Some("  ".to_owned()), raw: false, ascii: false, sorted: false, end: b"\n" }
    }
}

impl Style {
    pub fn compact(&mut self) {
        self.indent = None;
    }

    pub fn tab(&mut self) {
        self.indent = Some("\t".to_owned());
    }

    /// So many spaces.
    pub fn indent(&mut self, value: &[u8]) -> Result<(), Fail> {
        match options::number(value, "number of spaces")? {
            0 => self.indent = None,
            spaces @ 1..=7 => self.indent = Some(" ".repeat(spaces)),
            _ => return Err(Fail::Usage(format!("--indent is at most 7, not {}", shown(value)))),
        }
        Ok(())
    }
}

/// Writes an output.
pub fn print(io: &mut Io, style: &Style, value: &Val) -> Result<(), Fail> {
    if style.end == b"\0" && matches!(value, Val::Str(text) if text.contains('\0')) {
        return Err(Fail::Trouble("Cannot dump a string containing NUL with --raw-output0 option".to_owned()));
    }
    match value {
        // In ASCII, a string keeps its quotes, as in jq.
        Val::Str(text) if style.raw && !style.ascii => io.write(text.as_bytes())?,
        value => {
            let mut out = String::new();
            if value.height() > HIGH {
                deep::on_large_stack(|| write(&mut out, style, value, 0));
            } else {
                write(&mut out, style, value, 0);
            }
            io.write(out.as_bytes())?;
        }
    }
    io.write(style.end)
}

fn write(out: &mut String, style: &Style, value: &Val, level: usize) {
    if style.indent.is_none() && !style.ascii && !style.sorted {
        return json::write(out, value);
    }
    match value {
        Val::Arr(values) if !values.is_empty() => {
            let mut separator = '[';
            for value in values.iter() {
                out.push(separator);
                line(out, style, level + 1);
                write(out, style, value, level + 1);
                separator = ',';
            }
            line(out, style, level);
            out.push(']');
        }
        Val::Obj(members) if !members.is_empty() => {
            let mut members: Vec<(&Text, &Val)> = members.iter().collect();
            if style.sorted {
                members.sort_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
            }
            let mut separator = '{';
            for (key, value) in members {
                out.push(separator);
                line(out, style, level + 1);
                string(out, style, key);
                out.push_str(if style.indent.is_some() { ": " } else { ":" });
                write(out, style, value, level + 1);
                separator = ',';
            }
            line(out, style, level);
            out.push('}');
        }
        Val::Str(text) => string(out, style, text),
        value => json::write(out, value),
    }
}

fn line(out: &mut String, style: &Style, level: usize) {
    if let Some(indent) = &style.indent {
        out.push('\n');
        (0..level).for_each(|_| out.push_str(indent));
    }
}

fn string(out: &mut String, style: &Style, text: &str) {
    if !style.ascii || text.is_ascii() {
        return json::write_str(out, text);
    }
    let mut written = String::new();
    json::write_str(&mut written, text);
    for c in written.chars() {
        if c.is_ascii() {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
}
