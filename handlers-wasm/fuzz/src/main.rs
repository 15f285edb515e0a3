//! Writes modules that wasm-smith made up, each with the imports and exports of a handler: the same modules for the
//! same seed.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use arbitrary::Unstructured;
use wasm_smith::{Config, Module};

/// What all modules have in common. The functions are those whose answers depend on nothing but the run itself.
const SHAPES: [&str; 3] = [
    r#"(module
      (import "wasm_broker_v1" "read_input" (func (param i32 i32) (result i32)))
      (import "wasm_broker_v1" "write_output" (func (param i32 i32) (result i32)))
      (import "wasm_broker_v1" "log" (func (param i32 i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "run") (result i32) i32.const 0))"#,
    r#"(module
      (import "wasm_broker_v1" "write_output" (func (param i32 i32) (result i32)))
      (import "wasm_broker_v1" "http_request" (func (param i32 i32 i32 i32) (result i32)))
      (import "wasm_broker_v1" "read_secret" (func (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 0 40)
      (table (export "table") 3 funcref)
      (func (export "_initialize"))
      (func (export "run")))"#,
    r#"(module
      (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_read" (func (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_close" (func (param i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
      (memory (export "memory") 1 1)
      (func (export "_start")))"#,
];

/// Calls and turns of loops of one run, after which the module traps by itself.
const FUEL: u32 = 10_000;

const MOST_RANDOM_BYTES: usize = 2048;

/// A stream of numbers that looks random: SplitMix64, by Steele, Lea and Flood.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = 64 + self.next() as usize % (MOST_RANDOM_BYTES - 64);
        (0..length).map(|_| self.next() as u8).collect()
    }
}

/// The features that the broker's engines have on, and sizes that keep a module small. With references wasm-smith makes
/// ample use of `externref`, which the broker refuses.
fn config(shape: &str, references: bool) -> Result<Config, wat::Error> {
    Ok(Config {
        module_shape: Some(wat::parse_str(shape)?),
        allow_start_export: true,
        canonicalize_nans: true,
        compact_imports_enabled: false,
        exceptions_enabled: false,
        extended_const_enabled: false,
        gc_enabled: false,
        memory64_enabled: false,
        reference_types_enabled: references,
        relaxed_simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        max_data_segments: 5,
        max_element_segments: 5,
        max_elements: 10,
        max_funcs: 10,
        max_globals: 8,
        max_instructions: 120,
        max_memory32_bytes: 64 << 20,
        max_table_elements: 200,
        max_tables: 1,
        max_types: 10,
        ..Config::default()
    })
}

/// Modules one after another, in each shape in turn; the few that wasm-smith cannot make of the bytes are left out.
fn write(folder: &Path, count: usize, seed: u64, most_bytes: usize) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let mut numbers = Numbers(seed);
    let mut written = 0;
    while written < count {
        let random = numbers.bytes();
        let config = config(SHAPES[written % SHAPES.len()], numbers.next() % 10 == 0)?;
        let Ok(mut module) = Module::new(config, &mut Unstructured::new(&random)) else {
            continue;
        };
        module.ensure_termination(FUEL)?;
        let bytes = module.to_bytes();
        if bytes.len() <= most_bytes {
            fs::write(folder.join(format!("{seed}-{written:05}.wasm")), bytes)?;
            written += 1;
        }
    }
    println!("{written} modules in {}", folder.display());
    Ok(())
}

fn arguments() -> Option<(PathBuf, usize, u64, usize)> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, count, seed, most_bytes] = arguments.as_slice() else {
        return None;
    };
    Some((folder.into(), count.parse().ok()?, seed.parse().ok()?, most_bytes.parse().ok()?))
}

fn main() -> ExitCode {
    let Some((folder, count, seed, most_bytes)) = arguments() else {
        eprintln!("usage: fuzz-modules FOLDER COUNT SEED MOST_BYTES_OF_A_MODULE");
        return ExitCode::from(2);
    };
    match write(&folder, count, seed, most_bytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("fuzz-modules: {problem}");
            ExitCode::FAILURE
        }
    }
}
