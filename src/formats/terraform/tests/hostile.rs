//! Input that is made to hurt, or is not whole.

use super::*;

#[test]
fn hostile_input_ends() {
    let mut deep = String::from("locals {\n  a0 = [1]\n");
    for i in 1..60 {
        deep.push_str(&format!("  a{i} = concat(local.a{0}, local.a{0})\n", i - 1));
    }
    deep.push_str("  s0 = \"xxxxxxxxxxxxxxxx\"\n");
    for i in 1..60 {
        deep.push_str(&format!("  s{i} = \"${{local.s{0}}}${{local.s{0}}}\"\n", i - 1));
    }
    deep.push_str("}\nresource \"aws_db_instance\" \"x\" {\n  engine = \"postgres\"\n  engine_version = local.s59\n  x = local.a59\n}\n");
    assert_eq!(read(&[("main.tf", &deep)], "").services.len(), 1);
    let cycle = "locals {\n  a = local.b\n  b = local.a\n}\nresource \"aws_db_instance\" \"x\" {\n  engine = \"postgres\"\n  engine_version = local.a\n}\nmodule \"self\" {\n  source = \"./.\"\n}\n";
    let reading = read(&[("main.tf", cycle)], "");
    assert!(reading.problems.iter().any(|p| p.message.contains("refers to itself")));
    // What nothing asks for is not read.
    let user = "resource \"aws_db_instance\" \"x\" {\n  engine = \"postgres\"\n  engine_version = local.a\n}\n";
    let nested = format!("{user}locals {{\n  a = {}1{}\n}}\n", "[".repeat(5000), "]".repeat(5000));
    assert!(!read(&[("main.tf", &nested)], "").problems.is_empty());
    let chain: String = (1..2000).map(|i| format!("  a{i} = local.a{}\n", i - 1)).collect();
    let chain = format!(
        "locals {{\n  a0 = 1\n{chain}}}\nresource \"aws_db_instance\" \"x\" {{\n  engine = \"postgres\"\n  engine_version = local.a1999\n}}\n"
    );
    assert_eq!(read(&[("main.tf", &chain)], "").services.len(), 1);
    let outside = "resource \"aws_ecs_task_definition\" \"t\" {\n  container_definitions = file(\"/../../etc/passwd\")\n}\n";
    assert_eq!(read(&[("main.tf", outside)], "").services.len(), 0);
}

#[test]
fn half_a_file() {
    let text = "resource \"aws_db_instance\" \"db\" {\n  engine = \"postgres\"\n  engine_version = \"16\"\n}\nresource \"aws_sqs_queue\" \"q\" {\n  name = \"x";
    for end in 0..text.len() {
        let _ = read(&[("main.tf", text.get(..end).unwrap_or(""))], "");
    }
    let reading = read(&[("main.tf", text)], "");
    assert_eq!((reading.services.len(), reading.problems.len()), (1, 1));
}

#[test]
fn very_many_copies_are_said() {
    let read = |keys: &str| {
        let reading = read(&[("main.tf", &format!("resource \"aws_sqs_queue\" \"q\" {{\n  {keys}\n}}\n"))], "");
        (reading.services.len(), reading.problems.into_iter().map(|p| p.message).collect::<Vec<_>>())
    };
    let said = vec!["it has more than the limit of 64 copies; the rest is not read".to_owned()];
    for (many, wanted) in [(64, (64, Vec::new())), (65, (64, said))] {
        let names: Vec<String> = (0..many).map(|i| format!("\"n{i}\"")).collect();
        assert_eq!(read(&format!("for_each = toset([{}])", names.join(", "))), wanted);
        assert_eq!(read(&format!("count = {many}\n  name = \"q${{count.index}}\"")), wanted);
    }
}
