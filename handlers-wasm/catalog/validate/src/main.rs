//! The handler as a plain program.

use catalog_kit::program::Program;
use std::process::ExitCode;

fn main() -> ExitCode {
    Program {
        name: "validate",
        run: validate::validate,
        set_up: || {},
        case: |case| validate::validate(case.document().as_bytes()),
    }
    .main()
}
