//! Runs a program: no shell, a scrubbed environment, a time limit, a cap on output. The only place that starts one.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How long and how much a program may run and write.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest time that it may take.
    pub time: Duration,
    /// Most bytes that it may write to standard output.
    pub output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(30), output: 64 * 1024 * 1024 }
    }
}

/// What a program wrote, and how it ended.
#[derive(Clone)]
pub struct Output {
    /// Did it end with exit code 0?
    pub success: bool,
    /// Its exit code, where it has one.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// The beginning of standard error. It may quote values: never show it as it is.
    pub stderr: Vec<u8>,
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Output(code {:?}, {} bytes)", self.code, self.stdout.len())
    }
}

impl Output {
    /// Standard output as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

/// Why a program gave no output.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProcessError {
    /// It is not on `PATH`.
    #[error("`{0}` is not on PATH")]
    Absent(String),
    /// It could not be started.
    #[error("`{0}` could not be started: {1}")]
    Start(String, String),
    /// It took too long and was ended.
    #[error("`{0}` took longer than the limit of {1} seconds and was ended")]
    Time(String, u64),
    /// It wrote too much and was ended.
    #[error("`{0}` wrote more than the limit of {1} bytes and was ended")]
    Output(String, usize),
}

/// What programs may see of the machine's environment: where they are, and where their own files are. Read once, in
/// `main`; empty, nothing can be run.
#[derive(Debug, Clone, Default)]
pub struct Programs {
    path: Option<OsString>,
    home: Option<OsString>,
}

/// Most bytes kept of standard error.
const STDERR_BYTES: usize = 64 * 1024;

/// Longest wait for pipes that a program's own children still hold after it ended.
const PIPES: Duration = Duration::from_millis(500);

/// One run: the program's name, its arguments, where it runs and what it is given.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Name on `PATH`.
    pub program: &'a str,
    /// Arguments.
    pub args: &'a [&'a str],
    /// Working folder.
    pub dir: &'a Path,
    /// Environment beside `PATH`, `HOME` and `LC_ALL=C`.
    pub env: &'a [(&'a str, &'a str)],
    /// Standard input.
    pub input: &'a [u8],
    /// Limits.
    pub limits: Limits,
}

impl<'a> Call<'a> {
    /// A call with default limits and nothing on standard input.
    #[must_use]
    pub fn new(program: &'a str, args: &'a [&'a str], dir: &'a Path) -> Self {
        Self { program, args, dir, env: &[], input: &[], limits: Limits::default() }
    }
}

impl Programs {
    /// With the `PATH` and `HOME` of the machine.
    #[must_use]
    pub fn new(path: Option<OsString>, home: Option<OsString>) -> Self {
        Self { path, home }
    }

    /// The file of a program on `PATH`. Relative entries are passed over: a checkout must not bring programs.
    #[must_use]
    pub fn find(&self, program: &str) -> Option<PathBuf> {
        let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
        std::env::split_paths(self.path.as_ref()?).filter(|dir| dir.is_absolute()).map(|dir| dir.join(&name)).find(|file| file.is_file())
    }

    /// Runs a program to its end.
    ///
    /// # Errors
    /// It is absent, does not start, or goes past a limit. Its own failure is in [`Output::success`].
    pub fn run(&self, call: &Call<'_>) -> Result<Output, ProcessError> {
        let name = call.program.to_owned();
        let file = self.find(call.program).ok_or_else(|| ProcessError::Absent(name.clone()))?;
        #[expect(clippy::disallowed_methods, reason = "this is the one place that starts programs")]
        let mut command = Command::new(file);
        command.args(call.args).current_dir(call.dir).env_clear().env("LC_ALL", "C");
        for (key, value) in [("PATH", &self.path), ("HOME", &self.home)] {
            if let Some(value) = value {
                command.env(key, value);
            }
        }
        command.envs(call.env.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A group of its own, so that what it starts ends with it. An interrupt of the terminal does not reach it; the end of its pipes does.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(|e| ProcessError::Start(name.clone(), e.kind().to_string()))?;
        if let Some(mut stdin) = child.stdin.take() {
            let input = call.input.to_vec();
            thread::spawn(move || {
                // A program may close its input unread.
                let _closed = stdin.write_all(&input);
            });
        }
        let stdout = drain(child.stdout.take(), call.limits.output);
        let stderr = drain(child.stderr.take(), STDERR_BYTES);
        let end = Instant::now() + call.limits.time;
        let written = stdout.recv_timeout(call.limits.time);
        let too_much = written.as_ref().is_ok_and(|w| w.full);
        let status = if too_much || written == Err(RecvTimeoutError::Timeout) { None } else { wait(&mut child, end) };
        let Some(status) = status else {
            kill(&mut child);
            return Err(if too_much {
                ProcessError::Output(name, call.limits.output)
            } else {
                ProcessError::Time(name, call.limits.time.as_secs())
            });
        };
        let stderr = stderr.recv_timeout(PIPES).unwrap_or_default().bytes;
        Ok(Output { success: status.success(), code: status.code(), stdout: written.unwrap_or_default().bytes, stderr })
    }
}

/// Ends a program and everything that it started and that is still in its group.
fn kill(child: &mut Child) {
    // It was not waited for yet, so its id is still that of its group.
    #[cfg(unix)]
    let _killed = rustix::process::kill_process_group(rustix::process::Pid::from_child(child), rustix::process::Signal::KILL);
    let _killed = child.kill();
    let _reaped = child.wait();
}

/// What a pipe gave.
#[derive(Default, PartialEq, Eq)]
struct Drained {
    bytes: Vec<u8>,
    full: bool,
}

/// Reads a pipe to its end, or to one byte past the cap; what comes after the cap is thrown away while the sender lives.
fn drain(pipe: Option<impl Read + Send + 'static>, cap: usize) -> Receiver<Drained> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let Some(mut pipe) = pipe else { return };
        let mut bytes = Vec::new();
        let _ended = pipe.by_ref().take(cap as u64 + 1).read_to_end(&mut bytes);
        let full = bytes.len() > cap;
        bytes.truncate(cap);
        let _sent = send.send(Drained { bytes, full });
        let _rest = std::io::copy(&mut pipe, &mut std::io::sink());
    });
    receive
}

/// Waits for the end of a program until a moment.
fn wait(child: &mut Child, end: Instant) -> Option<ExitStatus> {
    let mut pause = Duration::from_micros(200);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < end => thread::sleep(pause),
            Ok(None) | Err(_) => return None,
        }
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn programs() -> Programs {
        Programs::new(Some("relative:/usr/bin:/bin".into()), None)
    }

    fn sh(script: &str, limits: Limits) -> Result<Output, ProcessError> {
        programs().run(&Call { limits, ..Call::new("sh", &["-c", script], Path::new("/")) })
    }

    #[test]
    fn output_and_exit_come_back() {
        let out = sh("printf a; printf b >&2; exit 3", Limits::default()).expect("runs");
        assert_eq!((out.text().as_str(), out.stderr.as_slice(), out.code, out.success), ("a", b"b".as_slice(), Some(3), false));
    }

    #[test]
    fn input_is_given_and_the_environment_is_scrubbed() {
        let call = Call { input: b"hello", ..Call::new("cat", &[], Path::new("/")) };
        assert_eq!(programs().run(&call).expect("runs").text(), "hello");
        let env = sh("env", Limits::default()).expect("runs").text();
        assert!(env.lines().all(|l| ["PATH=", "LC_ALL=", "PWD=", "SHLVL=", "_="].iter().any(|k| l.starts_with(k))), "{env}");
    }

    #[test]
    fn limits_end_a_program() {
        let short = Limits { time: Duration::from_millis(200), ..Limits::default() };
        assert!(matches!(sh("sleep 20", short), Err(ProcessError::Time(..))));
        assert!(matches!(sh("exec >&-; sleep 20", short), Err(ProcessError::Time(..))));
        let small = Limits { output: 1000, ..Limits::default() };
        assert!(matches!(sh("yes", small), Err(ProcessError::Output(..))));
    }

    #[test]
    fn what_a_program_started_ends_with_it() {
        let short = Limits { time: Duration::from_millis(300), ..Limits::default() };
        let dir = tempfile::tempdir().expect("a folder");
        let args = ["-c", "sleep 300 & echo $! > started; wait"];
        let call = Call { limits: short, ..Call::new("sh", &args, dir.path()) };
        assert!(matches!(programs().run(&call), Err(ProcessError::Time(..))));
        let id = std::fs::read_to_string(dir.path().join("started")).expect("its id");
        // What nobody waits for stays as a zombie where there is no init.
        let state = || sh(&format!("ps -o stat= -p {}", id.trim()), Limits::default()).expect("runs").text();
        let lives = || !matches!(state().trim().chars().next(), None | Some('Z'));
        let end = Instant::now() + Duration::from_secs(10);
        while lives() && Instant::now() < end {
            thread::sleep(Duration::from_millis(20));
        }
        assert!(!lives(), "`sleep` goes on");
    }

    #[test]
    fn what_is_not_there_is_said() {
        let call = Call::new("no-such-program", &[], Path::new("/"));
        assert_eq!(programs().run(&call).expect_err("absent").to_string(), "`no-such-program` is not on PATH");
    }
}
