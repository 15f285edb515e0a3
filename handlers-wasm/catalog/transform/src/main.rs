//! The handler as a plain program.

use catalog_kit::program::Program;
use std::process::ExitCode;

fn main() -> ExitCode {
    Program {
        name: "transform",
        run: transform::transform,
        set_up: transform::set_up,
        case: |case| transform::transform(case.document().as_bytes()),
    }
    .main()
}
