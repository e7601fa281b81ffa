//! The whole program, process by process, on samples that it makes itself: start, a small repository, 200 and 400 services.
//!
//! It prints times and ratios; a time depends on the machine, a ratio hardly does.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]
#![expect(clippy::disallowed_methods, reason = "a benchmark runs the program and writes files itself")]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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
    let mut before = None;
    for (what, root, arguments) in [
        ("6 services, 14 files", &small, &["diff", "--fail-on", "never"][..]),
        ("200 services", &some, &["diff", "--fail-on", "never"]),
        ("400 services", &twice, &["diff", "--fail-on", "never"]),
        ("400 services, --report json", &twice, &["diff", "--fail-on", "never", "--report", "json"]),
        ("400 services, --report html", &twice, &["diff", "--fail-on", "never", "--report", "html"]),
        ("400 services, inventory", &twice, &["inventory", "prod"]),
    ] {
        let took = time(arguments, root);
        let ratio = before.filter(|_| what == "400 services").map_or(String::new(), |b: Duration| {
            format!("  {:.2} times 200 services (linear is 2.00)", took.as_secs_f64() / b.as_secs_f64())
        });
        println!("{what:<34} {:>8.2} ms{ratio}", ms(took));
        before = Some(took);
    }
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
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("runs");
        assert!(status.success(), "{arguments:?}");
        start.elapsed()
    };
    (0..ROUNDS).map(|_| run()).min().expect("a round")
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
