//! The first day with it: `init`, `diff`, one exception, the baseline, and the first new error after that.

use crate::repository::Repository;

fn repository() -> Repository {
    let r = Repository::new();
    r.write(
        "docker-compose.yml",
        "services:\n  db:\n    image: postgres:15\n  api:\n    image: acme/api:1\n    environment: {A: a, B: b}\n",
    );
    r.write(
        "deploy/k8s/all.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: api}\nspec:\n  containers:\n    - name: api\n      image: acme/api:1\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: db}\nspec:\n  containers:\n    - name: db\n      image: postgres:16\n",
    );
    r.commit("first");
    r
}

#[test]
fn the_first_day() {
    let r = repository();
    let (before, exit) = r.parity(&["diff", "--report", "json"]);
    assert_eq!(exit, Some(1));

    let (text, exit) = r.parity(&["init"]);
    assert_eq!(exit, Some(0), "{text}");
    assert!(text.contains("  dev:\n    - docker-compose.yml #") && text.contains("  prod:\n    - deploy/k8s"), "{text}");
    let (again, exit) = r.parity(&["init"]);
    assert_eq!(exit, Some(2));
    assert!(again.contains("`parity.yml` exists") && again.contains("--force"), "{again}");
    assert_eq!(r.parity(&["init", "--force"]).1, Some(0));

    // What was found is what is configured: the same findings.
    let (after, exit) = r.parity(&["diff", "--report", "json"]);
    assert_eq!(exit, Some(1), "{after}");
    let findings = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON")["findings"].clone();
    assert_eq!(findings(&before), findings(&after));

    // One is ignored with a reason, the rest is the baseline.
    let mut config = std::fs::read_to_string(r.path().join("parity.yml")).expect("written");
    config.push_str(
        "ignore:\n  - rule: config/missing-in-prod\n    subject: A\n    reason: only the tests read it\nbaseline: parity-baseline.json\n",
    );
    r.write("parity.yml", &config);
    r.write("parity-baseline.json", "{\"schema\": \"parity-baseline/1\", \"findings\": []}\n");
    let (text, exit) = r.parity(&["baseline", "write"]);
    assert_eq!(exit, Some(0), "{text}");
    let (text, exit) = r.parity(&["diff"]);
    assert_eq!(exit, Some(0), "{text}");
    assert!(text.contains("1 finding by an exception") && text.contains("by the baseline"), "{text}");
    r.commit("parity");

    // Something breaks: one new error, alone.
    r.write("docker-compose.yml", "services:\n  db:\n    image: postgres:15\n  cache:\n    image: redis:7\n  api:\n    image: acme/api:1\n    environment: {A: a, B: b}\n");
    for more in [&["--base", "HEAD"][..], &[]] {
        let report = r.report(more);
        let errors: Vec<_> = report["findings"].as_array().expect("findings").iter().filter(|f| f["severity"] == "error").collect();
        assert_eq!(errors.len(), 1, "{more:?}: {report:#}");
        assert_eq!((&errors[0]["rule"], &report["exit"]), (&"tools/missing-in-prod".into(), &1.into()));
    }
}
