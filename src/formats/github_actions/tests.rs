use super::*;
use crate::ask::process::Programs;
use crate::formats::ReadOptions;
use crate::workspace::MemoryWorkspace;

fn read(text: &str) -> Reading {
    let path = ".github/workflows/test.yml";
    let workspace = MemoryWorkspace::new([(path, text), ("app/.python-version", "3.12.3\n"), ("go.mod", "go 1.22\n")]);
    let (options, programs) = (ReadOptions::default(), Programs::default());
    let cx = ReadContext { workspace: &workspace, options: &options, environment: "ci", programs: &programs };
    let manifest = Manifest { format: "github-actions".into(), paths: vec![path.into()], ..Manifest::default() };
    GithubActions.read(&manifest, &cx)
}

/// `name image` of each service, or why it is not known.
fn services(text: &str) -> Vec<String> {
    let show = |s: &crate::inventory::Service| {
        let software = s.software.as_ref().expect("software");
        let what = software.value.known().map(|k| k.text.clone()).or_else(|| software.value.why_unknown().map(|w| format!("? {w}")));
        format!("{} {}", s.name, what.unwrap_or_default())
    };
    read(text).services.iter().map(show).collect()
}

fn runtimes(text: &str) -> Vec<String> {
    let show = |r: &crate::inventory::Runtime| match r.software.value.known() {
        Some(s) => format!("{} {}", s.kind.map_or("", |k| &k.id), s.text),
        None => "?".to_owned(),
    };
    read(text).runtimes.iter().map(show).collect()
}

fn image(image: &str, job: &str) -> String {
    format!(
        "on:\n  workflow_call:\n    inputs:\n      pg: {{default: '15'}}\n      other: {{type: string}}\nenv:\n  PG: '16'\njobs:\n  test:\n    runs-on: x\n{job}    services:\n      db:\n        image: {image}\n"
    )
}

#[test]
fn an_image_and_what_stands_beside_it() {
    let reading = read(
        "jobs:\n  test:\n    services:\n      db:\n        image: postgres:14.5 # old\n        env:\n          POSTGRES_PASSWORD: hunter2\n          KEY: ${{ secrets.KEY }}\n        ports: ['5433:5432', 6379/tcp]\n        options: >-\n          --health-cmd pg_isready\n          --health-interval 10s\n",
    );
    let db = reading.services.first().expect("one service");
    assert_eq!(db.stated_at().to_string(), ".github/workflows/test.yml:5:16");
    assert_eq!(db.stated_at().text(), "postgres:14.5");
    assert_eq!(db.ports.iter().filter_map(|p| p.value.known()).collect::<Vec<_>>(), [&5432, &6379]);
    assert!(db.probe.is_some());
    assert_eq!(db.environ.get("KEY").map(|v| v.value.state()), Some("set"));
    assert!(!format!("{db:?}").contains("hunter2"));
}

#[test]
fn expressions() {
    let matrix = |m: &str| format!("    strategy:\n      matrix:\n{m}");
    for (text, job, wanted) in [
        ("postgres:${{ env.PG }}", String::new(), vec!["db postgres:16"]),
        ("postgres:${{ inputs.pg }}", String::new(), vec!["db postgres:15"]),
        ("postgres:${{ inputs.other || '13' }}", String::new(), vec!["db postgres:${{ inputs.other || '13' }}"]),
        ("${{ vars.IMAGE }}", String::new(), vec!["db ? the expression `vars.IMAGE` is known only when the workflow runs"]),
        ("${{ format('postgres:{0}', matrix.pg) }}", matrix("        pg: [14, 15]\n"), vec!["db postgres:14", "db postgres:15"]),
        (
            "postgres:${{ matrix.pg }}",
            matrix("        pg: ['14', '15']\n        node: [18, 20]\n"),
            vec!["db postgres:14", "db postgres:15"],
        ),
        (
            "postgres:${{ matrix.pg }}",
            matrix("        pg: [14]\n        include:\n          - pg: 16\n          - node: 20\n"),
            vec!["db postgres:14", "db postgres:16"],
        ),
        (
            "${{ matrix.image }}",
            matrix("        node: [18, 20]\n        include:\n          - {node: 20, image: 'postgres:16'}\n"),
            vec!["db postgres:16"],
        ),
        // What each entry of `include` sets goes into every combination: the last one wins.
        (
            "postgres:${{ matrix.pg }}",
            matrix("        os: [a, b]\n        include:\n          - pg: 15\n          - pg: 16\n"),
            vec!["db postgres:16"],
        ),
        (
            "${{ matrix.db.image }}",
            matrix("        db: [{image: 'mysql:8.0'}, {image: 'postgres:16'}]\n"),
            vec!["db mysql:8.0", "db postgres:16"],
        ),
        ("postgres:${{ matrix.pg }}", matrix("        pg: [14, 15]\n        exclude:\n          - pg: 14\n"), vec!["db postgres:15"]),
        ("postgres:${{ matrix.pg }}", matrix("        pg: ${{ fromJSON('[\"14\",\"15\"]') }}\n"), vec!["db postgres:14", "db postgres:15"]),
        ("postgres:${{ matrix.pg }}", matrix("        pg: ${{ fromJSON(needs.plan.outputs.pg) }}\n"), vec!["db postgres:${{ matrix.pg }}"]),
        (
            "postgres:${{ matrix.pg || '15' }}",
            matrix("        include:\n          - {pg: 14}\n          - {node: 1, pg: ''}\n"),
            vec!["db postgres:14", "db postgres:15"],
        ),
        (
            "${{ matrix.os == 'x' && 'postgres:16' || '' }}",
            matrix("        os: [x]\n"),
            vec!["db ? the expression `matrix.os == 'x' && 'postgres:16' || ''` is known only when the workflow runs"],
        ),
        (
            "${{ matrix.pg }}",
            matrix("        pg: ${{ fromJSON(needs.plan.outputs.pg) }}\n"),
            vec!["db ? the matrix is the expression `fromJSON(needs.plan.outputs.pg)`, known only when the workflow runs"],
        ),
        ("x/${{ matrix.pg", String::new(), vec!["db ? a `${{` is not closed"]),
    ] {
        assert_eq!(services(&image(&format!("\"{}\"", text.replace('"', "\\\"")), &job)), wanted, "{text}");
    }
}

#[test]
fn every_statement_of_a_file_is_read() {
    let text = "jobs:\n  a:\n    services: {db: {image: 'postgres:13'}}\n  b:\n    services: {db: {image: 'postgres:15'}, cache: {image: redis}}\n  c:\n    uses: ./.github/workflows/other.yml\n";
    assert_eq!(services(text), ["db postgres:13", "db postgres:15", "cache redis"]);
}

#[test]
fn runtimes_of_jobs() {
    let text = "jobs:\n  a:\n    container: node:20\n    strategy: {matrix: {py: ['3.11', '3.12']}}\n    steps:\n      - uses: actions/setup-python@v5\n        with: {python-version: '${{ matrix.py }}'}\n      - uses: actions/setup-node@v4\n        with: {node-version: '>=18'}\n  b:\n    container: {image: 'ubuntu:22.04'}\n    steps:\n      - uses: actions/setup-python@v5\n        with: {python-version-file: app/.python-version}\n      - uses: actions/setup-go@v5\n        with: {go-version-file: go.mod}\n      - uses: ruby/setup-ruby@v1\n        with: {ruby-version: ../../../etc/passwd}\n";
    assert_eq!(runtimes(text), ["node node:20", "python 3.11", "python 3.12", "python 3.12.3", "go 1.22"]);
}

#[test]
fn odd_files_are_problems_not_panics() {
    for text in [
        "",
        "jobs",
        "jobs: []",
        "jobs: {a: null}",
        "jobs: {a: {services: x, container: [], steps: {}}}",
        "jobs:\n  a:\n    services: ${{ fromJSON(x) }}\n",
        "jobs: {a: {services: {db: {}}}}",
        "jobs:\n  a:\n   services: [",
        "\u{feff}jobs: {a: {strategy: {matrix: {include: x}}, services: {d: '${{ matrix.x }}'}}}",
    ] {
        let _ = read(text);
    }
    assert_eq!(read("jobs:\n  a:\n    services: {db: {}}\n").problems.len(), 1);
    // A matrix of more combinations than are run, and variables that name each other.
    let axes: String = ["a", "b", "c", "d"].iter().map(|a| format!("        {a}: [1,2,3,4,5,6,7,8,9]\n")).collect();
    let text = image("'p:${{ matrix.a }}${{ matrix.b }}${{ matrix.c }}${{ matrix.d }}'", &format!("    strategy:\n      matrix:\n{axes}"));
    assert_eq!(services(&text), ["db p:${{ matrix.a }}${{ matrix.b }}${{ matrix.c }}${{ matrix.d }}"]);
    let text = "env: {A: '${{ env.B }}', B: '${{ env.A }}${{ env.A }}'}\njobs: {t: {services: {db: {image: '${{ env.A }}'}}}}\n";
    assert!(services(text).first().is_some_and(|s| s.starts_with("db ?")));
}
