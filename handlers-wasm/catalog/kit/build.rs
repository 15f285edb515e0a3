//! Writes the one function that Rust has no words for: it exchanges the stack pointer of a WebAssembly module.

use std::path::Path;
use std::{env, fs, io};

/// An object file, as the assembler makes it of:
///
/// ```text
/// .globaltype __stack_pointer, i32
/// swap_stack_pointer:
///   .functype swap_stack_pointer (i32) -> (i32)
///   global.get __stack_pointer
///   local.get 0
///   global.set __stack_pointer
///   end_function
/// ```
const OBJECT: &[&[u8]] = &[
    b"\0asm\x01\0\0\0",
    // Types: (i32) -> i32.
    b"\x01\x06\x01\x60\x01\x7f\x01\x7f",
    // Imports: the memory, and the stack pointer, which is a mutable i32.
    b"\x02\x2f\x02\x03env\x0f__linear_memory\x02\0\0\x03env\x0f__stack_pointer\x03\x7f\x01",
    // Functions: one of type 0.
    b"\x03\x02\x01\0",
    // Code: global.get, local.get 0, global.set, end; the indices of the globals have five bytes to be filled in.
    b"\x0a\x12\x01\x10\0\x23\x80\x80\x80\x80\0\x20\0\x24\x80\x80\x80\x80\0\x0b",
    // Linking, version 2: the symbols are function 0 under its name, and global 0 under that of its import.
    b"\0\x25\x07linking\x02\x08\x1a\x02\0\0\0\x12swap_stack_pointer\x02\x10\0",
    // Relocations of the section at place 3, the code: global indices of symbol 1 at bytes 4 and 12.
    b"\0\x13\x0areloc.CODE\x03\x02\x07\x04\x01\x07\x0c\x01",
];

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        let directory = env::var("OUT_DIR").expect("cargo says where to write");
        fs::write(Path::new(&directory).join("libstack_pointer.a"), archive(&OBJECT.concat()))?;
        println!("cargo:rustc-link-search=native={directory}");
        println!("cargo:rustc-link-lib=static=stack_pointer");
    }
    Ok(())
}

/// An archive with one file.
fn archive(file: &[u8]) -> Vec<u8> {
    let mut archive = b"!<arch>\n".to_vec();
    let header = format!("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", "stack.o/", 0, 0, 0, 644, file.len());
    archive.extend(header.bytes());
    archive.extend(file);
    if file.len() % 2 == 1 {
        archive.push(b'\n');
    }
    archive
}
