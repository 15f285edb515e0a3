//! The handler as a plain program.

use catalog_kit::filter;
use catalog_kit::program::{Program, alone};
use std::process::ExitCode;

fn main() -> ExitCode {
    Program {
        name: "decide",
        set_up: filter::set_up,
        prepare: decide::prepare,
        run: decide::run,
        case: alone,
    }
    .main()
}
