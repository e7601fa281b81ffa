//! The Kubernetes files of the corpus (`PARITY_CORPUS`) → how long reading them takes, against the bare events of the
//! YAML parser over the same bytes on one core.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::path::Path;
use std::time::{Duration, Instant};

use granit_parser::{Options, Parser};
use parity::ask::process::Programs;
use parity::document::yaml;
use parity::formats::{self, Manifest, ReadContext, ReadOptions};
use parity::source::Source;
use parity::workspace::MemoryWorkspace;

/// Rounds; the best one counts.
const ROUNDS: usize = 7;

fn main() {
    let Some(corpus) = std::env::var_os("PARITY_CORPUS") else {
        println!("not run: PARITY_CORPUS names no corpus");
        return;
    };
    let mut files = Vec::new();
    walk(&Path::new(&corpus).join("kubernetes"), &mut files);
    let sources: Vec<_> = files.iter().map(|(path, text)| Source::new(path.as_str(), text.as_str())).collect();
    let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
    println!("{} files, {bytes} bytes, best of {ROUNDS}", files.len());

    let events = best(|| {
        for (_, text) in &files {
            let mut options = Options::default();
            options.flow_nesting_limit = 128;
            options.block_nesting_limit = 128;
            let mut parser = Parser::new_from_str_with_options(text, options);
            while parser.next_event().is_some_and(|event| event.is_ok()) {}
        }
    });
    let tree = best(|| {
        for source in &sources {
            std::hint::black_box(yaml::read(source));
        }
    });
    let workspace = MemoryWorkspace::new(files.iter().map(|(path, text)| (path.clone(), text.clone())));
    let manifest = Manifest { format: "kubernetes".into(), paths: vec![String::new()], ..Manifest::default() };
    let options = ReadOptions::default();
    let programs = Programs::new(None, None);
    let cx = ReadContext { workspace: &workspace, options: &options, environment: "prod", programs: &programs };
    let format = formats::by_id("kubernetes").expect("the format");
    let read = || {
        std::hint::black_box(format.read(&manifest, &cx));
    };
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool").install(|| best(read));
    let all = best(read);
    for (what, time) in
        [("events of the parser", events), ("trees", tree), ("whole reading, one core", one), ("whole reading, all cores", all)]
    {
        println!("{what:<26} {:>8.1} ms  {:>5.2} of the events", time.as_secs_f64() * 1e3, time.as_secs_f64() / events.as_secs_f64());
    }
}

fn best(mut run: impl FnMut()) -> Duration {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        run();
        times.push(start.elapsed());
    }
    times.into_iter().min().unwrap_or_default()
}

/// Every file that is text, under the path below the folder.
fn walk(dir: &Path, out: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, out);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            out.push((path.to_string_lossy().trim_start_matches('/').to_owned(), text));
        }
    }
}
