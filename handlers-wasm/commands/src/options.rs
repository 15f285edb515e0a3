//! The options of a command, as POSIX and GNU write them.

use crate::Fail;
use crate::io::shown;

/// Whether an option has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// It has none.
    None,
    /// It needs one: `-n 1`, `-n1`, `--lines 1`, `--lines=1`.
    Needed,
    /// It may have one, in the long form only: `--color=never`.
    Optional,
    /// It is written as its value: `-5`.
    Number,
}

/// An option that a command knows.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its letter, which is also what it is called in the code; a digit if there is only a long form.
    pub letter: u8,
    /// Its long form; empty if there is none.
    pub long: &'static str,
    /// Whether it has a value.
    pub value: Value,
}

/// An option without a value.
#[must_use]
pub const fn flag(letter: u8, long: &'static str) -> Known {
    Known { letter, long, value: Value::None }
}

/// An option with a value.
#[must_use]
pub const fn valued(letter: u8, long: &'static str) -> Known {
    Known { letter, long, value: Value::Needed }
}

/// An option that is written as its value, such as `-5`.
#[must_use]
pub const fn plain_number(letter: u8) -> Known {
    Known { letter, long: "", value: Value::Number }
}

/// What a command was called with.
#[derive(Debug, Default)]
pub struct Call {
    /// The letters of the options in their order, with their values.
    pub options: Vec<(u8, Vec<u8>)>,
    /// All other arguments.
    pub operands: Vec<Vec<u8>>,
}

impl Call {
    /// Whether there is an option.
    #[must_use]
    pub fn has(&self, letter: u8) -> bool {
        self.options.iter().any(|(found, _)| *found == letter)
    }

    /// The value of an option; that of the last one.
    #[must_use]
    pub fn value(&self, letter: u8) -> Option<&[u8]> {
        self.options.iter().rev().find(|(found, _)| *found == letter).map(|(_, value)| &value[..])
    }
}

/// Reads the arguments. Options may stand behind operands, unless there is a `--` before.
///
/// # Errors
///
/// An option that is not known, or has not the value that it needs.
pub fn read(arguments: Vec<Vec<u8>>, known: &[Known]) -> Result<Call, Fail> {
    let mut call = Call::default();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        if argument == b"--" {
            call.operands.extend(arguments);
            break;
        }
        if argument == b"--help" {
            return Err(Fail::Help);
        }
        if let Some(long) = argument.strip_prefix(b"--") {
            let (name, given) = match memchr::memchr(b'=', long) {
                Some(end) => (&long[..end], Some(long[end + 1..].to_vec())),
                None => (long, None),
            };
            let option = known.iter().find(|option| !option.long.is_empty() && option.long.as_bytes() == name);
            let option = option.ok_or_else(|| Fail::Usage(format!("unknown option '--{}'", shown(name))))?;
            let value = match (option.value, given) {
                (Value::None, Some(_)) => {
                    return Err(Fail::Usage(format!("option '--{}' has no value", shown(name))));
                }
                (Value::Needed, None) => arguments
                    .next()
                    .ok_or_else(|| Fail::Usage(format!("option '--{}' needs a value", shown(name))))?,
                (_, given) => given.unwrap_or_default(),
            };
            call.options.push((option.letter, value));
        } else if let Some(option) = number_option(&argument, known) {
            call.options.push((option.letter, argument[1..].to_vec()));
        } else if argument.len() > 1 && argument[0] == b'-' {
            let mut letters = &argument[1..];
            while let Some((letter, rest)) = letters.split_first() {
                let is_it = |option: &&Known| {
                    option.letter == *letter
                        && option.value != Value::Number
                        && (option.long.is_empty() || !letter.is_ascii_digit())
                };
                let Some(option) = known.iter().find(is_it) else {
                    return Err(Fail::Usage(format!("unknown option '-{}'", shown(&letters[..1]))));
                };
                if option.value != Value::Needed {
                    call.options.push((*letter, Vec::new()));
                    letters = rest;
                    continue;
                }
                let value = match rest {
                    [] => arguments
                        .next()
                        .ok_or_else(|| Fail::Usage(format!("option '-{}' needs a value", char::from(*letter))))?,
                    rest => rest.to_vec(),
                };
                call.options.push((*letter, value));
                break;
            }
        } else {
            call.operands.push(argument);
        }
    }
    Ok(call)
}

/// A whole number.
///
/// # Errors
///
/// The value is none.
pub fn number(value: &[u8], what: &str) -> Result<usize, Fail> {
    let number = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let number = number.and_then(|text| if text.is_empty() { None } else { Some(text.parse().unwrap_or(usize::MAX)) });
    number.ok_or_else(|| Fail::Usage(format!("invalid {what}: '{}'", shown(value))))
}

/// A number of lines or bytes, with a suffix such as `K` or `M`.
///
/// # Errors
///
/// The value is none.
pub fn count(value: &[u8], what: &str) -> Result<usize, Fail> {
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let factor: usize = match &value[digits..] {
        b"" => 1,
        b"b" => 512,
        b"kB" => 1000,
        b"K" | b"KiB" => 1 << 10,
        b"MB" => 1_000_000,
        b"M" | b"MiB" => 1 << 20,
        b"GB" => 1_000_000_000,
        b"G" | b"GiB" => 1 << 30,
        _ => return Err(Fail::Usage(format!("invalid {what}: '{}'", shown(value)))),
    };
    Ok(number(&value[..digits], what)?.saturating_mul(factor))
}

/// The option of an argument such as `-5`.
fn number_option<'k>(argument: &[u8], known: &'k [Known]) -> Option<&'k Known> {
    let is_number = argument.len() > 1 && argument[0] == b'-' && argument[1..].iter().all(u8::is_ascii_digit);
    known.iter().find(|option| is_number && option.value == Value::Number)
}
