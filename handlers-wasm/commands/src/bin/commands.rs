//! The commands on texts and files, as one module.

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::main(commands::COMMANDS)
}
