//! The whole program, process by process, on samples that it makes itself: start, a small repository, 200 and 400 services,
//! many services of one side, every report, `--base` and the time section over a history.
//!
//! It prints times, ratios and, where GNU time is, the peak memory; a time depends on the machine, a ratio hardly does.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]
#![expect(clippy::disallowed_methods, reason = "a benchmark runs the program and writes files itself")]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use parity::report;

/// Runs; the best one counts.
const ROUNDS: usize = 15;

fn main() {
    let dir = tempfile::tempdir().expect("a folder");
    let (small, some, twice) = (dir.path().join("small"), dir.path().join("200"), dir.path().join("400"));
    repository(&small, 6);
    repository(&some, 200);
    repository(&twice, 400);
    let start = time(&["--version"], dir.path());
    println!("best of {ROUNDS}, whole process");
    println!("{:<34} {:>8.2} ms", "start (--version)", ms(start));
    let plain = ["diff", "--fail-on", "never"];
    let row = |what: &str, root: &Path, arguments: &[&str], to: Option<(&str, Duration)>| {
        let took = time(arguments, root);
        let ratio = to.map_or(String::new(), |(name, other)| format!("  {:>5.2} of {name}", took.as_secs_f64() / other.as_secs_f64()));
        println!("{what:<34} {:>8.2} ms{}{ratio}", ms(took), memory(arguments, root));
        took
    };
    row("6 services, 14 files", &small, &plain, None);
    let base = row("200 services", &some, &plain, None);
    let large = row("400 services", &twice, &plain, Some(("200 services (linear is 2.00)", base)));
    row("400 services, inventory", &twice, &["inventory", "prod"], Some(("the table", large)));
    for form in report::ALL.iter().map(|form| form.id()) {
        row(&format!("400 services, --report {form}"), &twice, &[&plain[..], &["--report", form]].concat(), Some(("the table", large)));
    }
    let (alone, doubled) = (dir.path().join("alone"), dir.path().join("doubled"));
    one_sided(&alone, 4000);
    one_sided(&doubled, 8000);
    let base = row("4,000 services without a side", &alone, &plain, None);
    row("8,000 services without a side", &doubled, &plain, Some(("4,000 (linear is 2.00)", base)));
    match history(&some) {
        Ok(()) => {
            let time = row("200 services, 40 commits", &some, &plain, Some(("no history", base)));
            row("200 services, --base HEAD~5", &some, &[&plain[..], &["--base", "HEAD~5"]].concat(), Some(("40 commits", time)));
        }
        Err(why) => println!("not run: a history, --base: {why}"),
    }
}

/// The peak of a run, where GNU time can tell it.
fn memory(arguments: &[&str], root: &Path) -> String {
    let timed = Command::new("/usr/bin/time")
        .args(["-f", "%M", env!("CARGO_BIN_EXE_parity")])
        .args(arguments)
        .current_dir(root)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .stdout(Stdio::null())
        .output();
    let kib = timed.ok().and_then(|out| String::from_utf8_lossy(&out.stderr).lines().last()?.trim().parse::<f64>().ok());
    kib.map_or(String::new(), |kib| format!(" {:>6.1} MiB", kib / 1024.0))
}

/// Makes the folder a repository: 40 commits, each of which moves a version of the compose file.
fn history(root: &Path) -> Result<(), String> {
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgsign=false"]).args(arguments);
        let out = git.current_dir(root).output().map_err(|e| format!("git: {}", e.kind()))?;
        if out.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&out.stderr).into_owned()) }
    };
    git(&["init", "-q"])?;
    let compose = root.join("docker-compose.yml");
    let text = fs::read_to_string(&compose).map_err(|e| e.to_string())?;
    for n in 0..40 {
        fs::write(&compose, text.replacen("postgres:15.1", &format!("postgres:15.{n}"), 1)).map_err(|e| e.to_string())?;
        git(&["add", "-A"])?;
        git(&["commit", "-qm", &format!("commit {n}")])?;
    }
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn time(arguments: &[&str], root: &Path) -> Duration {
    let run = || {
        let start = Instant::now();
        let status = Command::new(env!("CARGO_BIN_EXE_parity"))
            .args(arguments)
            .current_dir(root)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("runs");
        assert!(status.success(), "{arguments:?}");
        start.elapsed()
    };
    (0..ROUNDS).map(|_| run()).min().expect("a round")
}

/// Services of a compose file that production has none of.
fn one_sided(root: &Path, services: usize) {
    let mut compose = String::from("services:\n  db: {image: postgres:15}\n");
    for i in 0..services {
        let _ = writeln!(compose, "  s{i}: {{image: redis:7}}");
    }
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: db}\nspec: {containers: [{name: a, image: 'acme/a:1'}]}\n";
    fs::create_dir_all(root.join("k8s")).expect("made");
    fs::write(root.join("k8s/db.yaml"), pod).expect("written");
    fs::write(root.join("docker-compose.yml"), compose).expect("written");
}

/// Services of a compose file, each with a Deployment, a ConfigMap and a Secret in a file of its own; every tenth on another
/// version, every seventh without one key.
fn repository(root: &Path, services: usize) {
    let k8s = root.join("deploy/k8s");
    fs::create_dir_all(&k8s).expect("made");
    let mut compose = String::from("services:\n");
    let mut dotenv = String::new();
    for i in 0..services {
        let name = format!("svc{i:04}");
        let (image, version) = [("postgres", "16.3"), ("redis", "7.2.5"), ("acme/api", "1.4.2"), ("acme/web", "2.0.1")][i % 4];
        let dev = if i % 10 == 0 { "15.1" } else { version };
        let keys: Vec<String> = (0..10).map(|k| format!("{}_KEY_{k}", name.to_uppercase())).collect();
        let _ = write!(compose, "  {name}:\n    image: {image}:{dev}\n    environment:\n");
        keys.iter().for_each(|k| writeln!(compose, "      {k}: ${{{k}:-x}}").expect("written"));
        keys.iter().for_each(|k| writeln!(dotenv, "{k}=v").expect("written"));
        let shipped = if i % 7 == 0 { &keys[1..] } else { &keys[..] };
        let entries = |keys: &[String]| keys.iter().map(|k| format!("  {k}: \"v\"\n")).collect::<String>();
        let (config, secret) = shipped.split_at(5);
        let text = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n{}---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\nstringData:\n{}---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  template:\n    metadata:\n      labels:\n        app: {name}\n    spec:\n      containers:\n        - name: {name}\n          image: {image}:{version}\n          envFrom:\n            - configMapRef:\n                name: {name}\n            - secretRef:\n                name: {name}\n",
            entries(config),
            entries(secret),
        );
        fs::write(k8s.join(format!("{name}.yaml")), text).expect("written");
    }
    for name in [".env.example", "README.md", "Dockerfile", "package.json", "src.txt", "Makefile"] {
        fs::write(root.join(name), if name == "Dockerfile" { "FROM node:20\n" } else { "{}\n" }).expect("written");
    }
    fs::write(root.join(".env"), dotenv).expect("written");
    fs::write(root.join("docker-compose.yml"), compose).expect("written");
}
