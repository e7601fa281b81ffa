//! Input that is made to hurt: each ends soon, with a problem that says why, and the rest stands.

use super::*;

fn message(reading: &Reading, part: &str) -> bool {
    reading.problems.iter().any(|p| p.message.contains(part))
}

#[test]
fn bombs_end_with_a_problem() {
    let mut bomb = String::from("x0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for i in 1..12 {
        bomb.push_str(&format!("x{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 10].join(",")));
    }
    bomb.push_str("services: {db: {image: postgres:16}}\n");
    assert!(message(&of(&bomb), "limit of"), "aliases of aliases");

    let mut quadratic = format!("x: &a {{{}}}\nservices:\n", (0..2000).map(|i| format!("k{i}: 1")).collect::<Vec<_>>().join(", "));
    (0..2000).for_each(|i| quadratic.push_str(&format!("  s{i}: {{environment: *a}}\n")));
    assert!(message(&of(&quadratic), "limit of"), "one alias many times");

    let deep = format!("services: {}", "{a: ".repeat(100_000));
    assert!(message(&of(&deep), "not valid YAML") || message(&of(&deep), "limit"));
    let mut chain = String::from("x0: &a0 {k: v}\n");
    (1..3000).for_each(|i| chain.push_str(&format!("x{i}: &a{i} {{k: *a{}}}\n", i - 1)));
    assert!(message(&of(&chain), "deeper than the limit"), "a chain of aliases");

    let long = format!("services: {{db: {{image: \"{}\"}}, ok: {{image: postgres:16}}}}", "a/".repeat(5000));
    let reading = of(&long);
    assert_eq!(reading.services.len(), 2);
    assert!(reading.services[0].software.as_ref().is_some_and(|s| s.value.known().is_none()));
}

#[test]
fn cycles_are_problems() {
    let workspace = MemoryWorkspace::new([
        ("compose.yaml", "include: [a/b.yaml]\nservices:\n  db: {image: postgres:16}\n"),
        ("a/b.yaml", "include: [../compose.yaml]\nservices:\n  cache: {image: redis:7}\n"),
    ]);
    let reading = read(&workspace, &["compose.yaml".to_owned()], &ReadOptions::default());
    assert!(message(&reading, "`include` of `compose.yaml` is a cycle"), "{:?}", reading.problems);
    assert_eq!(reading.services.len(), 2);

    let reading = of("services:\n  a: {extends: b, image: redis}\n  b: {extends: c}\n  c: {extends: a}\n  db: {image: postgres:16}\n");
    assert!(message(&reading, "is a cycle"), "{:?}", reading.problems);
    assert_eq!(reading.services.len(), 4);
}

#[test]
fn a_dotenv_file_beside_many_files_is_read_once() {
    // Read for each of them, it would be more than a project may have.
    let dotenv = format!("TAG=16\n#{}\n", "x".repeat(1024 * 1024));
    let names: Vec<String> = (0..100).map(|i| format!("i{i}.yaml")).collect();
    let top = format!("include: [{}]\n", names.join(", "));
    let texts: Vec<String> = (0..100).map(|i| format!("services: {{db{i}: {{image: \"postgres:${{TAG}}\"}}}}\n")).collect();
    let included = names.iter().zip(&texts).map(|(n, t)| (n.as_str(), t.as_str()));
    let workspace = MemoryWorkspace::new(included.chain([("compose.yaml", top.as_str()), (".env", dotenv.as_str())]));
    let reading = read(&workspace, &["compose.yaml".to_owned()], &ReadOptions::default());
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    let texts: Vec<_> = reading.services.iter().filter_map(|s| Some(s.known_software()?.text.clone())).collect();
    assert_eq!(texts, vec!["postgres:16"; 100]);
}

#[test]
fn what_lies_outside_is_not_read_and_not_fetched() {
    let reading = of(
        "include:\n  - https://example.com/app.git\n  - oci://example.com/app\n  - ../../etc/app.yaml\nservices:\n  db:\n    image: postgres:16\n    env_file: /etc/app.env\n    build: https://example.com/db.git\n",
    );
    assert_eq!(reading.problems.iter().filter(|p| p.message.contains("it is not fetched")).count(), 2, "{:?}", reading.problems);
    assert!(message(&reading, "outside the root"));
    assert_eq!(reading.services[0].environ.unlisted.len(), 1);
}

#[test]
fn every_cut_is_read_without_panic() {
    let text = "x: &a {A: 1.10, B: }\nservices:\n  db:\n    build: {dockerfile_inline: \"FROM a AS b\\nENV X=1\", args: [V]}\n    environment:\n      <<: *a\n      C: \"${D:-${E}}\"\n  web:\n    extends: {service: db}\n    environment: [\"K=v\", L, \"${M}=1\"]\n    ports: !override [\"80:80\"]\n    command: !reset null\n";
    (0..text.len()).filter(|i| text.is_char_boundary(*i)).for_each(|i| drop(of(&text[..i])));
}

#[test]
fn what_is_not_set_is_named_and_the_place_is_where_it_is_written() {
    let reading = of(
        "services:\n  db:\n    image: postgres:${TAG:-16}\n    environment:\n      - \"A=${NOT_SET}\"\n  web:\n    image: acme/web:${WEB}\n",
    );
    let db = &reading.services[0];
    let at = &db.software.as_ref().expect("image").at;
    assert_eq!((at.text(), at.position().line.get()), ("postgres:${TAG:-16}", 3));
    let a = db.environ.get("A").expect("key");
    assert!(matches!(&a.value, EnvValue::Unknown(why) if why == "the variable `NOT_SET` is not set"));
    assert_eq!(a.at.text(), "A");
    let why = reading.services[1].software.as_ref().and_then(|s| s.value.why_unknown());
    assert_eq!(why, Some("the variable `WEB` is not set"));
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
}
