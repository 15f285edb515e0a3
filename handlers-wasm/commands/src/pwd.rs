//! `pwd`: the working directory.

use crate::io::{self, Io};
use crate::options::{self, flag};
use crate::{Command, Fail};

const HELP: &str = "\
Usage: pwd [-L|-P]
Writes the working directory.

  -L, -P  ignored: there are no links
  --help  this text

Exit code: 0; 2 for wrong options.
";

/// The command.
pub const COMMAND: Command = Command { name: "pwd", help: HELP, trouble: 1, run };

fn run(io: &mut Io, arguments: Vec<Vec<u8>>) -> Result<u8, Fail> {
    options::read(arguments, &[flag(b'L', "logical"), flag(b'P', "physical")])?;
    let directory = io::path(b".");
    io.line(io::bytes(directory.as_os_str()), b'\n')?;
    Ok(0)
}
