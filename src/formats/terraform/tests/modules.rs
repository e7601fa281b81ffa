//! Modules: of this repository, and of the registry.

use super::*;

#[test]
fn a_module_that_many_call_is_read_once_and_means_to_each_what_it_is_given() {
    let call = |version: &str| format!("module \"db\" {{\n  source = \"../db\"\n  line = \"{version}\"\n}}\n");
    let (one, two) = (call("15"), call("16"));
    let module = "variable \"line\" {}\nresource \"aws_db_instance\" \"x\" {\n  engine = \"postgres\"\n  engine_version = var.line\n}\n\
                  resource \"aws_elasticache_cluster\" \"broken\" {\n  engine = = \"redis\"\n}\n";
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in [("one", &one), ("two", &two), ("db", &module.to_owned())] {
        std::fs::create_dir(folder.path().join(path)).expect("made");
        std::fs::write(folder.path().join(path).join("main.tf"), text).expect("written");
    }
    let workspace = crate::workspace::DiskWorkspace::new(folder.path(), crate::limits::Limits::default()).expect("a folder");
    for (root, version) in [("one", "15"), ("two", "16"), ("one", "15")] {
        let reading = read_in(&workspace, root, &ReadOptions::default());
        let versions: Vec<_> = reading.services.iter().map(|s| stated(s).1).collect();
        assert_eq!(versions, [version], "{root}");
        // What is wrong in it is said to each who asks for it.
        let wrong: Vec<_> = reading.problems.iter().map(|p| p.message.as_str()).collect();
        assert!(matches!(wrong[..], [one] if one.starts_with("`db/main.tf` is not valid HCL")), "{root}: {wrong:?}");
    }
}

#[test]
fn a_cache_is_a_group_or_a_cluster_alone() {
    let of = |switches: &str| {
        let text =
            format!("module \"c\" {{\n  source = \"terraform-aws-modules/elasticache/aws\"\n  engine_version = \"7.1\"\n{switches}}}\n");
        read(&[("main.tf", &text)], "").services.len()
    };
    assert_eq!(of(""), 1);
    assert_eq!(of("  create_cluster = false\n"), 1);
    assert_eq!(of("  create_cluster = true\n  create_replication_group = false\n"), 1);
    assert_eq!(of("  create_replication_group = false\n"), 0);
    assert_eq!(of("  create = false\n"), 0);
}

#[test]
fn a_definition_of_a_container_is_a_workload() {
    let of = |more: &str| {
        let source = "terraform-aws-modules/ecs/aws//modules/container-definition";
        let text = format!(
            "module \"api\" {{\n  source = \"{source}\"\n  name = \"api\"\n  image = \"acme/api:1\"\n  environment = [{{ name = \"A\", value = \"1\" }}]\n{more}}}\n"
        );
        read(&[("main.tf", &text)], "").services
    };
    let services = of("");
    assert_eq!(services.len(), 1, "{services:?}");
    assert_eq!(services[0].environ.vars.iter().map(|v| v.key.as_str()).collect::<Vec<_>>(), ["A"]);
    assert!(of("  create = false\n").is_empty());
}

#[test]
fn local_modules_and_their_outputs() {
    let files = [
        (
            "infra/main.tf",
            "module \"settings\" {\n  source = \"./settings\"\n}\nmodule \"store\" {\n  for_each = { a = \"15\", b = \"16\" }\n  source = \"../modules/store\"\n  version_of = module.settings.versions[each.key]\n}\n",
        ),
        ("infra/settings/out.tf", "output \"versions\" {\n  value = { a = \"15.1\", b = \"16.1\" }\n}\n"),
        (
            "modules/store/db.tf",
            "variable \"version_of\" {}\nresource \"aws_db_instance\" \"this\" {\n  engine = \"postgres\"\n  engine_version = var.version_of\n}\n",
        ),
    ];
    let reading = read(&files, "infra");
    assert_eq!(reading.problems, Vec::new());
    let all: Vec<_> = reading.services.iter().map(|s| (s.name.clone(), stated(s).1)).collect();
    assert_eq!(all, vec![("store".into(), "15.1".into()), ("store".into(), "16.1".into())]);
    assert_eq!(
        Terraform.parts("infra", &MemoryWorkspace::new(files.iter().map(|(p, t)| (*p, *t)))),
        vec!["infra/settings", "modules/store"]
    );
}
