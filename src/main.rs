//! The binary: parse, run, exit. What each command does is in `commands`; what is asked of the machine in `commands::machine`.

use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};
use std::process::ExitCode;

use clap::Parser;
use parity::cli::Cli;
use parity::error::Error;
use parity::report::Exit;
use parity::report::escape::terminal;

mod commands;

fn main() -> ExitCode {
    panic::set_hook(Box::new(|info| {
        let _closed = io::stderr().write_all(fault(info).as_bytes());
        // Not aborted: what is in memory would go into a core file.
        std::process::exit(Exit::Unknown as i32);
    }));
    match commands::command(Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let _closed = say(&error);
            ExitCode::from(Exit::Usage as u8)
        }
    }
}

fn say(error: &Error) -> io::Result<()> {
    let mut err = io::stderr();
    writeln!(err, "error: {}", terminal(&error.message))?;
    if let Some(at) = &error.at {
        writeln!(err, "  --> {}", terminal(&at.to_string()))?;
    }
    if let Some(help) = &error.help {
        writeln!(err, "  = help: {}", terminal(help))?;
    }
    Ok(())
}

/// What is said of a panic: its place in the program alone, for its own words may quote what was read.
fn fault(info: &PanicHookInfo<'_>) -> String {
    let at = info.location().map(|l| format!(" at {}:{}", l.file(), l.line())).unwrap_or_default();
    let where_to = concat!(env!("CARGO_PKG_REPOSITORY"), "/issues");
    format!(
        "error: parity {} has a fault{at}; nothing can be said of this comparison\n  = help: please report it: {where_to}\n",
        env!("CARGO_PKG_VERSION")
    )
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_panic_says_its_place_and_not_what_it_quotes() {
        let said = Arc::new(Mutex::new(String::new()));
        let hook = Arc::clone(&said);
        panic::set_hook(Box::new(move |info| *hook.lock().expect("whole") = fault(info)));
        let secret = "canary-é".to_owned();
        let caught = panic::catch_unwind(|| secret[..8].len());
        drop(panic::take_hook());
        let said = said.lock().expect("whole");
        assert!(caught.is_err() && said.contains("has a fault at src/main.rs:") && said.contains("/issues"), "{said}");
        assert!(!said.contains("canary"), "{said}");
    }
}
