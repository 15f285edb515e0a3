//! `sed`: edits line by line.

mod parse;
mod run;
mod substitute;

use crate::io::{self, Io, shown};
use crate::options::{self, Known, Value, flag, valued};
use crate::{Command, Fail};

const HELP: &str = r"Usage: sed [OPTION]... SCRIPT [FILE]...
       sed [OPTION]... -e SCRIPT|-f FILE... [FILE]...
Runs the commands of the script on each line, and writes what becomes of it. Without FILE, or when it is -, standard input.

  -e, --expression SCRIPT  commands; several may be given
  -f, --file FILE          a file of commands
  -E, -r, --regexp-extended  patterns are extended regular expressions
  -i, --in-place[=SUFFIX]  write the files anew, with -iSUFFIX keep the old ones under a name with this suffix
  -l, --line-length N      where the command l breaks lines (default 70; 1 for never)
  -n, --quiet, --silent    write only what commands write
  -s, --separate           line numbers and $ count in each file by itself
  -u, --unbuffered         ignored
  -z, --null-data          lines end with a zero byte
      --help               this text

Addresses: N, $, /PATTERN/, \cPATTERNc (with I and M behind), FIRST~STEP; two with a comma, of which the second may be +N
or ~N, and the first 0 before a pattern; ! for all other lines.
Commands: { } = a b c d D g G h H i l n N p P q Q r R s t T w W x y z : #
Replacements in s have & \1 to \9 \n \t \L \U \l \u \E; its flags are a number, g, p, i, I, m, M and w FILE. No command
runs programs. An empty pattern is the last one that was used.

Exit code: 0, or that of q and Q; 1 for wrong commands; 2 if a file could not be read, or for wrong options; 4 if one could
not be written.
";

/// The command.
pub const COMMAND: Command = Command { name: "sed", help: HELP, trouble: 1, run };

const KNOWN: [Known; 15] = [
    valued(b'e', "expression"),
    valued(b'f', "file"),
    flag(b'E', "regexp-extended"),
    flag(b'r', ""),
    flag(b'i', ""),
    Known { letter: b'i', long: "in-place", value: Value::Optional },
    valued(b'l', "line-length"),
    flag(b'n', "quiet"),
    flag(b'n', "silent"),
    flag(b's', "separate"),
    flag(b'u', "unbuffered"),
    flag(b'z', "null-data"),
    flag(b'z', "zero-terminated"),
    flag(b'b', "binary"),
    // There is nothing else.
    flag(b'1', "sandbox"),
];

/// How a script is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Only what commands write is written.
    pub quiet: bool,
    /// Each file by itself.
    pub separate: bool,
    /// Files are written anew; with a suffix the old ones are kept.
    pub in_place: Option<Vec<u8>>,
    /// What ends lines.
    pub end: u8,
    /// Where the command `l` breaks lines.
    pub width: usize,
}

fn run(io: &mut Io, mut arguments: Vec<Vec<u8>>) -> Result<u8, Fail> {
    // A suffix stands right behind -i.
    for argument in arguments.iter_mut().take_while(|argument| &argument[..] != b"--") {
        if let Some(suffix) = argument.strip_prefix(b"-i").filter(|suffix| !suffix.is_empty()) {
            *argument = [b"--in-place=", suffix].concat();
        }
    }
    let mut call = options::read(arguments, &KNOWN)?;
    let mut script = Vec::new();
    for (letter, value) in &call.options {
        let text = match letter {
            b'e' => value.clone(),
            b'f' => {
                let read = io::open(value).and_then(|mut source| source.read_all());
                let mut text = read.map_err(|cause| {
                    Fail::Trouble(format!("couldn't open file {}: {}", shown(value), io::reason(&cause)))
                })?;
                if text.last() == Some(&b'\n') {
                    text.pop();
                }
                text
            }
            _ => continue,
        };
        script.push(text);
    }
    if script.is_empty() {
        if call.operands.is_empty() {
            return Err(Fail::Usage("a script is missing".to_owned()));
        }
        script.push(call.operands.remove(0));
    }
    let script = script.join(&b'\n');
    let is_quiet = script.starts_with(b"#n\n") || script == b"#n";
    let extended = call.has(b'E') || call.has(b'r');
    let parsed = parse::parse(&script, extended).map_err(|problem| Fail::Trouble(format!("-e expression: {problem}")))?;
    let in_place = call.value(b'i').map(<[u8]>::to_vec);
    let settings = Settings {
        quiet: call.has(b'n') || is_quiet,
        separate: call.has(b's') || in_place.is_some(),
        in_place,
        end: if call.has(b'z') { 0 } else { b'\n' },
        width: call.value(b'l').map_or(Ok(70), |value| options::number(value, "line length"))?,
    };
    run::run(io, &parsed, settings, io::or_standard_input(call.operands))
}
