//! Each format → how long its fixtures take to read and compare, for each KiB of them: the slow one stands out.
//!
//! Programs are not run. A case is a whole comparison, so its fixed costs are in its figure; the ratio is to the median format.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use parity::config::Options;
use parity::run;
use parity::workspace::MemoryWorkspace;

/// Rounds; the best one counts.
const ROUNDS: usize = 15;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
    let mut rows: Vec<(String, usize, usize, Duration)> = Vec::new();
    for group in folders(&root) {
        let (mut cases, mut bytes, mut time) = (0, 0, Duration::ZERO);
        for case in folders(&group) {
            let mut files = BTreeMap::new();
            walk(&case.join("repo"), &case.join("repo"), &mut files);
            bytes += files.values().map(String::len).sum::<usize>();
            cases += 1;
            let workspace = MemoryWorkspace::new(files);
            time += best(|| drop(std::hint::black_box(run::diff(&workspace, &Options::default()))));
        }
        let name = group.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned());
        rows.push((name, cases, bytes, time));
    }
    let each = |row: &(String, usize, usize, Duration)| row.3.as_secs_f64() * 1e6 / (row.2.max(1) as f64 / 1024.0);
    rows.sort_by(|a, b| each(b).total_cmp(&each(a)));
    let median = rows.get(rows.len() / 2).map_or(1.0, each);
    println!("best of {ROUNDS}; microseconds for each KiB, and how many times the median");
    for row in &rows {
        println!("{:<24} {:>3} cases {:>8.1} KiB {:>9.1}  {:>6.2}", row.0, row.1, row.2 as f64 / 1024.0, each(row), each(row) / median);
    }
}

fn best(mut run: impl FnMut()) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        run();
        best = best.min(start.elapsed());
    }
    best
}

fn folders(path: &Path) -> Vec<std::path::PathBuf> {
    let mut out: Vec<_> = fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect();
    out.sort();
    out
}

/// Every file that is text, under its path below the root.
fn walk(root: &Path, dir: &Path, out: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(root, &path, out);
        } else if let (Ok(name), Ok(text)) = (path.strip_prefix(root), fs::read_to_string(&path)) {
            out.insert(name.to_string_lossy().replace('\\', "/"), text);
        }
    }
}
