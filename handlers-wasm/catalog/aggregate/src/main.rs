//! The handler as a plain program.

use catalog_kit::filter;
use catalog_kit::program::{Program, alone};
use std::process::ExitCode;

fn main() -> ExitCode {
    Program {
        name: "aggregate",
        set_up: filter::set_up,
        prepare: aggregate::prepare,
        run: aggregate::run,
        case: alone,
    }
    .main()
}
