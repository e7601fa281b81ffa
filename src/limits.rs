//! What one run may cost: each limit with its name in `parity.yml` (`limits:`), its default, and what is said past it.
//!
//! Input is hostile: without these, a small file can fill the memory or the day.

use std::fmt::Write as _;
use std::time::Duration;

use crate::document::TreeLimits;

pub(crate) mod listed;

pub use listed::Listed;

/// The limits of a run. Each has an error that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest file that is read, in bytes.
    pub file_bytes: u64,
    /// Most bytes of all files that are read.
    pub total_bytes: u64,
    /// Most bytes of files that were read before and are needed again.
    pub again_bytes: u64,
    /// Most files that are listed below the root.
    pub files: usize,
    /// Deepest folder that is listed.
    pub depth: usize,
    /// Most nodes that all files which are read may become.
    pub total_nodes: usize,
    /// What one file may become.
    pub tree: TreeLimits,
    /// Most services of one environment.
    pub services: usize,
    /// Most variables of all services together.
    pub variables: usize,
    /// Longest chain of files that take in files.
    pub includes: usize,
    /// Most bytes that a program which renders manifests may write.
    pub rendered_bytes: usize,
    /// Longest time that a program may take, in seconds.
    pub process_seconds: u64,
    /// Longest time of all that is asked of the network, in seconds.
    pub network_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 10 * 1024 * 1024,
            total_bytes: 64 * 1024 * 1024,
            again_bytes: 1024 * 1024 * 1024,
            files: 100_000,
            depth: 64,
            total_nodes: 1_500_000,
            tree: TreeLimits::default(),
            services: 4000,
            variables: 250_000,
            includes: 32,
            rendered_bytes: 16 * 1024 * 1024,
            process_seconds: 30,
            network_seconds: 90,
        }
    }
}

impl Limits {
    /// Those of a program that is run.
    #[must_use]
    pub fn process(&self) -> crate::ask::process::Limits {
        crate::ask::process::Limits { time: Duration::from_secs(self.process_seconds), output: self.rendered_bytes }
    }

    /// Those of the network.
    #[must_use]
    pub fn network(&self) -> crate::ask::http::Limits {
        let whole = Duration::from_secs(self.network_seconds);
        let default = crate::ask::http::Limits::default();
        crate::ask::http::Limits { whole, request: default.request.min(whole), ..default }
    }
}

/// One limit in words.
struct Limit {
    key: &'static str,
    of: fn(&Limits) -> u64,
    what: &'static str,
    said: &'static str,
}

/// Every limit, in the order of the documentation.
static ALL: &[Limit] = &[
    Limit {
        key: "file-bytes",
        of: |l| l.file_bytes,
        what: "Bytes of one file.",
        said: "`FILE` has M bytes, more than the limit of N bytes a file",
    },
    Limit {
        key: "total-bytes",
        of: |l| l.total_bytes,
        what: "Bytes of all files that are read, each once.",
        said: "`FILE` is not read: the files that are read have more than the limit of N bytes in all",
    },
    Limit {
        key: "again-bytes",
        of: |l| l.again_bytes,
        what: "Bytes of files that were read before and are needed again, as a Dockerfile or an `env_file` is for each of its services.",
        said: "`FILE` is not read again: what is needed again has more than the limit of N bytes in all",
    },
    Limit {
        key: "files",
        of: |l| l.files as u64,
        what: "Files below the root that are looked at, and folders that are looked into: each by every path that links lead to it.",
        said: "`.` has more than the limit of N files or folders; the rest is not looked at",
    },
    Limit {
        key: "depth",
        of: |l| l.depth as u64,
        what: "Folders in folders.",
        said: "`FOLDER` is nested deeper than the limit of N folders",
    },
    Limit {
        key: "nodes",
        of: |l| l.tree.nodes as u64,
        what: "Scalars, lists and mappings of one file, aliases counted as what they expand to; in HCL and TOML, signs between values.",
        said: "`FILE` has more than the limit of N nodes",
    },
    Limit {
        key: "total-nodes",
        of: |l| l.total_nodes as u64,
        what: "Signs between values (line breaks, commas, colons, equals signs, opening brackets) of all files that are read: there are no more nodes. In HCL every sign that is no letter counts, and twice: its nodes are large.",
        said: "`FILE` is not read: the files that are read have more than the limit of N nodes in all",
    },
    Limit {
        key: "alias-nodes",
        of: |l| l.tree.aliases as u64,
        what: "Nodes that the aliases of one file expand to.",
        said: "`FILE` has aliases that expand to more than the limit of N nodes",
    },
    Limit {
        key: "nesting",
        of: |l| l.tree.depth as u64,
        what: "Lists and mappings in one another.",
        said: "`FILE` is nested deeper than the limit of N levels",
    },
    Limit {
        key: "services",
        of: |l| l.services as u64,
        what: "Services of one environment: each is compared with each of the other.",
        said: "`FILE`: the environment has more than the limit of N services; the rest is not compared",
    },
    Limit {
        key: "variables",
        of: |l| l.variables as u64,
        what: "Environment variables of all services of both environments: one that many services share counts for each of them, a long one once more for each 64 bytes.",
        said: "`FILE`: the services have more than the limit of N variables in all; the rest is not listed",
    },
    Limit {
        key: "includes",
        of: |l| l.includes as u64,
        what: "Files that take in files, one after the other: `include` and `extends` of Compose, bases of Kustomize.",
        said: "`include` of `FILE` is deeper than the limit of N",
    },
    Limit {
        key: "rendered-bytes",
        of: |l| l.rendered_bytes as u64,
        what: "Bytes that `helm` or `kustomize` may write.",
        said: "`helm` wrote more than the limit of N bytes and was ended",
    },
    Limit {
        key: "process-seconds",
        of: |l| l.process_seconds,
        what: "Seconds that `git`, `helm` or `kustomize` may run.",
        said: "`helm` took longer than the limit of N seconds and was ended",
    },
    Limit {
        key: "network-seconds",
        of: |l| l.network_seconds,
        what: "Seconds of all that is asked of the network (`--online`).",
        said: "`HOST` was not asked: the network took longer than the limit of N seconds",
    },
];

/// `docs/limits.md`.
#[must_use]
pub fn documentation() -> String {
    let mut out = include_str!("limits/before.md").to_owned();
    out.push_str("| setting | default | what it bounds | what is said past it |\n|---|---|---|---|\n");
    for limit in ALL {
        let (key, default) = (limit.key, (limit.of)(&Limits::default()));
        let _never = writeln!(out, "| `{key}` | {default} | {} | {} |", limit.what, limit.said.replace('|', "\\|"));
    }
    out.push_str(include_str!("limits/after.md"));
    out
}
