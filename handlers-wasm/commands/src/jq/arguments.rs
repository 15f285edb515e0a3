//! The arguments of `jq`, which are not as those of other commands.

use super::inputs;
use super::print::Style;
use crate::Fail;
use crate::io::{open, reason, shown};
use catalog_kit::{Val, json};

/// What `jq` was called with.
#[derive(Debug, Default)]
pub struct Call {
    pub filter: String,
    pub files: Vec<Vec<u8>>,
    pub null_input: bool,
    pub raw_input: bool,
    pub slurp: bool,
    pub exit_status: bool,
    pub style: Style,
    pub named: Vec<(String, Val)>,
    pub positional: Vec<Val>,
}

/// What an operand is.
#[derive(Clone, Copy)]
enum Operand {
    File,
    Text,
    Json,
}

/// Reads the arguments.
pub fn read(arguments: Vec<Vec<u8>>) -> Result<Call, Fail> {
    let mut call = Call { style: Style::default(), ..Call::default() };
    let mut filter: Option<Vec<u8>> = None;
    let mut file: Option<Vec<u8>> = None;
    let mut operand = Operand::File;
    let mut only_operands = false;
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        if only_operands || argument.len() < 2 || argument[0] != b'-' {
            match operand {
                _ if filter.is_none() && file.is_none() => filter = Some(argument),
                Operand::File => call.files.push(argument),
                Operand::Text => call.positional.push(Val::from(shown(&argument))),
                Operand::Json => {
                    let value = json::parse_bytes(&argument);
                    let value = value.map_err(|_| Fail::Usage(format!("invalid JSON text passed to --jsonargs: {}", shown(&argument))))?;
                    call.positional.push(value);
                }
            }
            continue;
        }
        let mut next = |what: &str| {
            arguments.next().ok_or_else(|| Fail::Usage(format!("option '{}' needs {what}", shown(&argument))))
        };
        if let Some(long) = argument.strip_prefix(b"--") {
            match long {
                b"" => only_operands = true,
                b"help" => return Err(Fail::Help),
                b"from-file" => file = Some(next("a file")?),
                b"indent" => call.style.indent(&next("a number")?)?,
                b"tab" => call.style.tab(),
                b"args" => operand = Operand::Text,
                b"jsonargs" => operand = Operand::Json,
                b"arg" => {
                    let name = shown(&next("a name and a value")?);
                    let value = Val::from(shown(&next("a name and a value")?));
                    add(&mut call, name, value);
                }
                b"argjson" => {
                    let name = shown(&next("a name and a value")?);
                    let text = next("a name and a value")?;
                    let value = json::parse_bytes(&text);
                    let value = value.map_err(|_| Fail::Usage(format!("invalid JSON text passed to --argjson: {}", shown(&text))))?;
                    add(&mut call, name, value);
                }
                b"slurpfile" | b"rawfile" => {
                    let name = shown(&next("a name and a file")?);
                    let from = next("a name and a file")?;
                    let bad = |problem: String| Fail::Trouble(format!("bad JSON in --slurpfile {name} {}: {problem}", shown(&from)));
                    let text = open(&from).and_then(|mut source| source.read_all());
                    let text = shown(&text.map_err(|cause| bad(reason(&cause)))?);
                    let value = match long {
                        b"rawfile" => Val::from(text),
                        _ => Val::arr(inputs::values(&text).map_err(|cause| bad(cause.to_string()))?),
                    };
                    add(&mut call, name, value);
                }
                long => {
                    let letter = match long {
                        b"ascii-output" => b'a',
                        b"compact-output" => b'c',
                        b"exit-status" => b'e',
                        b"join-output" => b'j',
                        b"monochrome-output" => b'M',
                        b"null-input" => b'n',
                        b"raw-input" => b'R',
                        b"raw-output" => b'r',
                        b"raw-output0" => b'0',
                        b"slurp" => b's',
                        b"sort-keys" => b'S',
                        _ => return Err(Fail::Usage(format!("unknown option '{}'", shown(&argument)))),
                    };
                    set(&mut call, letter);
                }
            }
            continue;
        }
        for (place, letter) in argument.iter().enumerate().skip(1) {
            match letter {
                b'f' => file = Some(next("a file")?),
                b'h' => return Err(Fail::Help),
                b'0' => return Err(Fail::Usage("unknown option '-0'".to_owned())),
                letter if set(&mut call, *letter) => {}
                _ => {
                    let letter = shown(&argument[place..=place]);
                    return Err(Fail::Usage(format!("unknown option '-{letter}'")));
                }
            }
        }
    }
    // With -f, what was taken for a filter is a file as all others.
    if let Some(name) = file {
        if let Some(first) = filter.take() {
            call.files.insert(0, first);
        }
        let text = open(&name).and_then(|mut source| source.read_all());
        let text = text.map_err(|cause| Fail::Trouble(format!("error: Could not open {}: {}", shown(&name), reason(&cause))))?;
        filter = Some(text);
    }
    let filter = filter.ok_or_else(|| Fail::Usage("a filter is missing".to_owned()))?;
    call.filter = String::from_utf8(filter).map_err(|_| Fail::Usage("the filter is not UTF-8".to_owned()))?;
    Ok(call)
}

/// Of a name that comes twice, the first value counts.
fn add(call: &mut Call, name: String, value: Val) {
    if !call.named.iter().any(|(known, _)| *known == name) {
        call.named.push((name, value));
    }
}

fn set(call: &mut Call, letter: u8) -> bool {
    let style = &mut call.style;
    match letter {
        b'a' => style.ascii = true,
        b'c' => style.compact(),
        b'e' => call.exit_status = true,
        b'j' => (style.raw, style.end) = (true, b""),
        b'M' => {}
        b'n' => call.null_input = true,
        b'R' => call.raw_input = true,
        b'r' => style.raw = true,
        b'0' => (style.raw, style.end) = (true, b"\0"),
        b's' => call.slurp = true,
        b'S' => style.sorted = true,
        _ => return false,
    }
    true
}
