//! The binary: parse, run, write every form asked for, publish, exit.
fn main() {}
