//! `echo`: its arguments.

use crate::io::Io;
use crate::{Command, Fail};

const HELP: &str = r"Usage: echo [-neE]... [STRING]...
Writes its arguments with spaces between them, and a line feed.

  -n      no line feed at the end
  -e      \a \b \c \e \f \n \r \t \v \\ \0NNN (octal) \xHH (hexadecimal) have their meanings; \c ends the output
  -E      they have none (default)
  --help  this text, if it is the only argument

What begins otherwise with - is an argument as any other. Exit code: 0.
";

/// The command.
pub const COMMAND: Command = Command { name: "echo", help: HELP, trouble: 1, run };

fn run(io: &mut Io, arguments: Vec<Vec<u8>>) -> Result<u8, Fail> {
    if arguments.len() == 1 && arguments[0] == b"--help" {
        return Err(Fail::Help);
    }
    let is_option = |argument: &&Vec<u8>| {
        argument.len() > 1 && argument[0] == b'-' && argument[1..].iter().all(|letter| b"neE".contains(letter))
    };
    let options = arguments.iter().take_while(is_option).count();
    let letters = arguments[..options].iter().flat_map(|argument| &argument[1..]);
    let (mut ends, mut escapes) = (true, false);
    for letter in letters {
        match letter {
            b'n' => ends = false,
            letter => escapes = *letter == b'e',
        }
    }
    let text = arguments[options..].join(&b' ');
    if escapes {
        let (text, is_cut) = unescaped(&text);
        io.write(&text)?;
        ends &= !is_cut;
    } else {
        io.write(&text)?;
    }
    if ends {
        io.write(b"\n")?;
    }
    Ok(0)
}

/// The text, and whether it was cut.
fn unescaped(text: &[u8]) -> (Vec<u8>, bool) {
    let mut plain = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        at += 1;
        if byte != b'\\' || at == text.len() {
            plain.push(byte);
            continue;
        }
        let escape = text[at];
        at += 1;
        match escape {
            b'a' => plain.push(7),
            b'b' => plain.push(8),
            b'c' => return (plain, true),
            b'e' => plain.push(27),
            b'f' => plain.push(12),
            b'n' => plain.push(10),
            b'r' => plain.push(13),
            b't' => plain.push(9),
            b'v' => plain.push(11),
            b'\\' => plain.push(b'\\'),
            b'0' => plain.push(digits(text, &mut at, 8, 3).unwrap_or(0)),
            b'x' => match digits(text, &mut at, 16, 2) {
                Some(byte) => plain.push(byte),
                None => plain.extend_from_slice(b"\\x"),
            },
            other => plain.extend_from_slice(&[b'\\', other]),
        }
    }
    (plain, false)
}

/// Reads so many digits at the most.
pub fn digits(text: &[u8], at: &mut usize, radix: u32, most: usize) -> Option<u8> {
    let mut number = None;
    for _ in 0..most {
        let Some(digit) = text.get(*at).and_then(|byte| char::from(*byte).to_digit(radix)) else { break };
        number = Some(number.unwrap_or(0) * radix + digit);
        *at += 1;
    }
    number.map(|number| (number & 0xFF) as u8)
}
