use super::*;
use crate::ask::process::Programs;
use crate::formats::ReadOptions;
use crate::workspace::MemoryWorkspace;

/// `kind number (place)` of each runtime of a file.
fn read(path: &str, text: &str) -> Vec<String> {
    let workspace = MemoryWorkspace::new([(path, text)]);
    let (options, programs) = (ReadOptions::default(), Programs::default());
    let cx = ReadContext { workspace: &workspace, options: &options, environment: "dev", programs: &programs };
    let manifest = Manifest { format: "runtimes".into(), paths: vec![path.into()], ..Manifest::default() };
    let reading = Runtimes.read(&manifest, &cx);
    let show = |r: &crate::inventory::Runtime| {
        let software = r.software.value.known().expect("known");
        assert!(r.software.at.text().contains(software.text.as_str()) || path == "global.json", "{}", r.software.at.text());
        format!(
            "{} {} ({})",
            software.kind.expect("a kind").id,
            software.version.number().unwrap_or("-".into()),
            r.software.at.position().line
        )
    };
    reading.runtimes.iter().map(show).collect()
}

#[test]
fn each_file() {
    for (path, text, wanted) in [
        (".nvmrc", "v20.11.0\n", "node 20.11.0 (1)"),
        (".nvmrc", "lts/iron", "node 20 (1)"),
        (".nvmrc", "lts/*\n", "node - (1)"),
        (".python-version", "# why\n3.12.1\n3.11\n", "python 3.12.1 (2)"),
        (".ruby-version", "ruby-3.3.0\n", "ruby 3.3.0 (1)"),
        ("runtime.txt", "python-3.12.4\n", "python 3.12.4 (1)"),
        (".tool-versions", "# x\nnodejs 20.1.0 18.0.0\npostgres 15\npython 3.11.2 # as prod\n", "node 20.1.0 (2), python 3.11.2 (4)"),
        (
            "mise.toml",
            "[tools]\nnode = \"22\"\njava = [\"temurin-21\", \"17\"]\ngo = { version = \"1.22\" }\n",
            "node 22 (2), java 21 (3), go 1.22 (4)",
        ),
        ("go.mod", "module a\n\ngo 1.21\n\ntoolchain go1.22.3\n", "go 1.22.3 (5)"),
        ("rust-toolchain.toml", "[toolchain]\nchannel = \"1.80.0\"\n", "rust 1.80.0 (2)"),
        ("rust-toolchain", "1.79\n", "rust 1.79 (1)"),
        ("package.json", "{\"engines\": {\"node\": \"^20.1.0\"}}", "node 20 (1)"),
        ("package.json", "{\"engines\": {\"node\": \">=18 <23\"}}", ""),
        ("composer.json", "{\"require\": {\"php\": \"^8.2\"}}", "php 8 (1)"),
        ("Gemfile", "source 'x'\nruby \"3.2.2\"\ngem 'ruby'\n", "ruby 3.2.2 (2)"),
        ("Gemfile", "ruby '~> 3.2.0'\n", "ruby 3.2 (1)"),
        ("Gemfile", "ruby file: '.ruby-version'\n", ""),
        (".sdkmanrc", "java=21.0.2-tem\n", "java 21.0.2 (1)"),
        ("global.json", "{\"sdk\": {\"version\": \"8.0.204\"}}", "dotnet 8.0 (1)"),
        ("Pipfile", "[requires]\npython_version = \"3.11\"\n", "python 3.11 (2)"),
        (".python-version", "pypy3.10\n", ""),
        (".node-version", "", ""),
    ] {
        assert_eq!(read(path, text).join(", "), wanted, "{path}: {text}");
    }
}

#[test]
fn half_a_file_is_no_panic() {
    for text in ["{\"engines\": {\"no", "[tools\nnode", "\u{0}", "^", "~>", "v", "lts/", "ruby \"", "💥 1"] {
        for path in ["package.json", "mise.toml", ".nvmrc", "Gemfile", ".tool-versions", "global.json", "rust-toolchain"] {
            let workspace = MemoryWorkspace::new([(path, text)]);
            let (options, programs) = (ReadOptions::default(), Programs::default());
            let cx = ReadContext { workspace: &workspace, options: &options, environment: "dev", programs: &programs };
            let mut reading = Reading::default();
            files::read(path, &cx, &mut reading);
        }
    }
}
