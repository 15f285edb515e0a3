//! The handler as a plain program.

use catalog_kit::program::{Program, alone};
use std::process::ExitCode;

fn main() -> ExitCode {
    Program {
        name: "validate",
        set_up: || {},
        prepare: validate::prepare,
        run: validate::run,
        case: alone,
    }
    .main()
}
