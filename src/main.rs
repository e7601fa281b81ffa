//! The binary: parse, run, exit. What each command does is in `commands`; what is asked of the machine in `commands::machine`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use parity::cli::Cli;
use parity::report::escape::terminal;

mod commands;

fn main() -> ExitCode {
    match commands::command(Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(e) => {
            let mut err = io::stderr();
            let _closed = writeln!(err, "error: {}", terminal(&e.message));
            if let Some(at) = &e.at {
                let _closed = writeln!(err, "  --> {}", terminal(&at.to_string()));
            }
            if let Some(help) = &e.help {
                let _closed = writeln!(err, "  = help: {}", terminal(help));
            }
            ExitCode::from(2)
        }
    }
}
