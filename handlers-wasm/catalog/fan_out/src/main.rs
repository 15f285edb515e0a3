//! The handler as a plain program.

use catalog_kit::filter;
use catalog_kit::program::{Program, alone};
use std::process::ExitCode;

fn main() -> ExitCode {
    Program {
        name: "fan_out",
        set_up: filter::set_up,
        prepare: fan_out::prepare,
        run: fan_out::run,
        case: alone,
    }
    .main()
}
