//! Objects as people write them → the services that they are.

use std::sync::Arc;

use super::read_trees;
use crate::document::yaml;
use crate::formats::Reading;
use crate::inventory::{Process, Provider, Service};
use crate::limits::Listed;
use crate::source::Source;

fn read(text: &str) -> Reading {
    let documents = yaml::read(&Source::new("k8s.yaml", text));
    assert!(documents.errors.is_empty(), "{:?}", documents.errors);
    read_trees(documents.documents.into_iter().map(|d| d.root).collect())
}

fn one(text: &str) -> Service {
    let reading = read(text);
    assert_eq!(reading.services.len(), 1, "{:?}", reading.services.iter().map(|s| &s.name).collect::<Vec<_>>());
    reading.services.into_iter().next().expect("one")
}

/// `KEY=state`, sorted by key.
fn keys(service: &Service) -> Vec<String> {
    service.environ.vars.iter().map(|v| format!("{}={}", v.key, v.value.state())).collect()
}

fn pod(env: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n  - name: web\n    image: acme/web:1\n{env}")
}

#[test]
fn env_wins_over_env_from_and_the_later_wins() {
    let objects = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {A: '1', B: '1'}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: b}\ndata: {B: Mg==}\nstringData: {C: ''}\n";
    let env = "    env:\n    - {name: P_C, value: x}\n    envFrom:\n    - configMapRef: {name: a}\n    - secretRef: {name: b}\n    - {prefix: P_, secretRef: {name: b, optional: true}}\n    - configMapRef: {name: gone}\n";
    let service = one(&format!("{}{objects}", pod(env)));
    assert_eq!(keys(&service), ["A=set", "B=set", "C=empty", "P_B=set", "P_C=set"]);
    let b = service.environ.get("B").expect("B");
    assert_eq!((b.source.as_str(), b.shadows.is_some()), ("secret", true));
    assert!(service.environ.get("P_B").is_some_and(|v| v.optional));
    let why: Vec<&str> = service.environ.unlisted.iter().map(|u| u.why.as_str()).collect();
    assert_eq!(why, ["the ConfigMap `gone` is in no manifest"]);
}

#[test]
fn namespaces_keep_objects_apart() {
    let map = |namespace: &str| format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a{namespace}}}\ndata: {{A: '1'}}\n");
    let env = pod("    envFrom:\n    - configMapRef: {name: a}\n");
    assert_eq!(keys(&one(&format!("{env}{}", map("")))), ["A=set"]);
    assert_eq!(keys(&one(&format!("{env}{}", map(", namespace: default")))), ["A=set"]);
    let other = one(&format!("{env}{}", map(", namespace: shop")));
    assert!(keys(&other).is_empty());
    assert_eq!(other.environ.unlisted[0].why, "the ConfigMap `a` is in the namespace `shop`, not in `default`");
}

#[test]
fn references_to_variables() {
    let env = "    env:\n    - {name: USER, value: shop}\n    - {name: EMPTY, value: $(NOTHING)$(USER)}\n    - {name: URL, value: 'postgres://$(USER):$(PASSWORD)@db'}\n    - name: PASSWORD\n      valueFrom: {secretKeyRef: {name: db, key: password}}\n    - {name: LATER, value: 'postgres://$(USER):$(PASSWORD)@db'}\n    - {name: HOST, value: $(CACHE_SERVICE_HOST)}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: cache}\n";
    let service = one(&pod(env));
    assert_eq!(keys(&service), ["EMPTY=set", "HOST=unknown", "LATER=set", "PASSWORD=set", "URL=set", "USER=set"]);
    let text = |key: &str| service.environ.get(key).map(|v| v.value.clone());
    assert_eq!(text("EMPTY"), Some(crate::inventory::EnvValue::set("$(NOTHING)shop")));
    // Not said before it: it stays as it stands.
    assert_eq!(text("URL"), Some(crate::inventory::EnvValue::set("postgres://shop:$(PASSWORD)@db")));
    assert!(matches!(text("LATER"), Some(crate::inventory::EnvValue::Elsewhere(_))));
}

#[test]
fn what_kubernetes_refuses_is_said() {
    let reading =
        read(&pod("    env:\n    - {name: DEBUG, value: on}\n    - {name: PORT, value: 8080}\n    - {name: OK, value: '8080'}\n"));
    assert_eq!(keys(&reading.services[0]), ["DEBUG=unknown", "OK=set", "PORT=unknown"]);
    assert_eq!(reading.problems.len(), 2);
    assert_eq!(reading.problems[0].message, "the value of `DEBUG` is a boolean: Kubernetes takes strings alone");
}

#[test]
fn who_makes_a_secret() {
    let secrets = [
        (
            "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: x}, spec: {encryptedData: {K: AgB}, template: {metadata: {name: s}}}}",
            "K=set",
            "",
        ),
        ("{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: s}, spec: {data: [{secretKey: K}]}}", "K=set", ""),
        (
            "{apiVersion: external-secrets.io/v1beta1, kind: ExternalSecret, metadata: {name: x}, spec: {target: {name: s, template: {data: {K: '{{ .a }}'}}}, dataFrom: [{extract: {key: a}}]}}",
            "K=set",
            "",
        ),
        (
            "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: s}, spec: {dataFrom: [{extract: {key: a}}]}}",
            "",
            "takes all keys of a store",
        ),
        (
            "{apiVersion: external-secrets.io/v1, kind: ClusterExternalSecret, metadata: {name: x}, spec: {externalSecretName: s, externalSecretSpec: {data: [{secretKey: K}]}}}",
            "K=set",
            "",
        ),
        (
            "{apiVersion: secrets-store.csi.x-k8s.io/v1, kind: SecretProviderClass, metadata: {name: x}, spec: {secretObjects: [{secretName: s, data: [{objectName: o, key: K}]}]}}",
            "K=set",
            "",
        ),
        (
            "{apiVersion: isindir.github.com/v1alpha3, kind: SopsSecret, metadata: {name: x}, spec: {secretTemplates: [{name: s, stringData: {K: 'ENC[AES256_GCM]'}}]}, sops: {}}",
            "K=set",
            "",
        ),
        ("{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {K: 'ENC[AES256_GCM]'}, sops: {version: 3}}", "K=set", ""),
        (
            "{apiVersion: secrets.hashicorp.com/v1beta1, kind: VaultStaticSecret, metadata: {name: x}, spec: {destination: {name: s}}}",
            "",
            "Vault",
        ),
        (
            "{apiVersion: secrets.doppler.com/v1alpha1, kind: DopplerSecret, metadata: {name: x, namespace: doppler}, spec: {managedSecret: {name: s, namespace: default}}}",
            "",
            "Doppler",
        ),
        (
            "{apiVersion: secrets.infisical.com/v1alpha1, kind: InfisicalSecret, metadata: {name: x}, spec: {managedSecretReference: {secretName: s}}}",
            "",
            "Infisical",
        ),
        ("{apiVersion: onepassword.com/v1, kind: OnePasswordItem, metadata: {name: s}}", "", "1Password"),
        ("{apiVersion: v1, kind: Secret, metadata: {name: other}, data: {K: eA==}}", "", "in no manifest"),
    ];
    for (secret, key, why) in secrets {
        let service = one(&format!("{}---\n{secret}\n", pod("    envFrom:\n    - secretRef: {name: s}\n")));
        assert_eq!(keys(&service).join(" "), key, "{secret}");
        let unlisted: Vec<&str> = service.environ.unlisted.iter().map(|u| u.why.as_str()).collect();
        assert!(
            if why.is_empty() { unlisted.is_empty() } else { unlisted.len() == 1 && unlisted[0].contains(why) },
            "{secret}: {unlisted:?}"
        );
    }
}

#[test]
fn keys_that_dangle() {
    let env = "    env:\n    - name: A\n      valueFrom: {configMapKeyRef: {name: c, key: gone}}\n    - name: B\n      valueFrom: {configMapKeyRef: {name: c, key: gone, optional: true}}\n    - name: C\n      valueFrom: {configMapKeyRef: {name: nowhere, key: k}}\n    - name: D\n      valueFrom: {fieldRef: {fieldPath: metadata.name}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {}\n";
    let service = one(&pod(env));
    assert_eq!(keys(&service), ["A=set", "C=set", "D=set"]);
    assert_eq!(service.environ.vars.iter().take(2).map(|v| v.dangling).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn containers_and_their_parts() {
    let reading = read(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec:\n  template:\n    spec:\n      initContainers:\n      - {name: migrate, image: acme/api:1}\n      - {name: proxy, image: 'envoyproxy/envoy:v1.30.1', restartPolicy: Always}\n      containers:\n      - {name: metrics, image: 'acme/metrics:1'}\n      - {name: api, image: 'acme/api:__TAG__'}\n---\napiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: fn}\nspec: {template: {spec: {containers: [{image: acme/fn}]}}}\n---\napiVersion: apps.openshift.io/v1\nkind: DeploymentConfig\nmetadata: {name: dc}\nspec:\n  triggers:\n  - {type: ImageChange, imageChangeParams: {automatic: true, containerNames: [dc], from: {kind: ImageStreamTag, name: 'dc:prod'}}}\n  template: {spec: {containers: [{name: dc, image: ' '}]}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: whole}\nspec: {containers: [{name: whole, image: '${IMAGE}'}]}\n",
    );
    let of = |name: &str| reading.services.iter().find(|s| s.name == name).unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(of("api/migrate").process, Process::Admin);
    assert_eq!(of("api/proxy").process, Process::Service);
    assert_eq!(of("api/metrics").process, Process::Service);
    let why = |name: &str| of(name).software.as_ref().and_then(|s| s.value.why_unknown().map(str::to_owned));
    let api = of("api").known_software().expect("its repository is known");
    assert_eq!((api.text.as_str(), api.image.as_ref().and_then(|i| i.tag.as_deref())), ("acme/api:__TAG__", None));
    assert_eq!(why("whole").as_deref(), Some("the placeholder `${IMAGE}` is not filled in"));
    assert_eq!(why("dc").as_deref(), Some("the image is what the image stream tag `dc:prod` holds"));
    assert_eq!(of("fn").at.text(), "fn");
}

/// Object → provider, kind and version; `?` is unknown.
#[test]
fn operators_and_clouds() {
    let cases = [
        ("postgresql.cnpg.io/v1 Cluster {imageName: 'ghcr.io/cloudnative-pg/postgresql:16.2'}", "operator postgresql 16.2"),
        ("postgresql.cnpg.io/v1 Cluster {imageCatalogRef: {kind: ImageCatalog, name: none, major: 16}}", "operator postgresql 16"),
        ("postgresql.cnpg.io/v1 Cluster {instances: 3}", "operator postgresql -"),
        (
            "postgres-operator.crunchydata.com/v1beta1 PostgresCluster {postgresVersion: 15, postGISVersion: '3.3'}",
            "operator postgresql 15",
        ),
        ("kafka.strimzi.io/v1 Kafka {kafka: {version: 3.9.0}}", "operator kafka 3.9.0"),
        ("app.redislabs.com/v1 RedisEnterpriseCluster {redisEnterpriseImageSpec: {versionTag: 7.4.2-54}}", "operator redis -"),
        ("aiven.io/v1alpha1 PostgreSQL {userConfig: {pg_version: '16'}}", "managed postgresql 16"),
        ("rds.aws.upbound.io/v1beta1 Instance {forProvider: {engine: postgres, engineVersion: '15.4'}}", "managed postgresql 15.4"),
        (
            "rds.aws.m.upbound.io/v1beta1 Cluster {forProvider: {engine: aurora-postgresql, engineVersion: '15.4'}}",
            "managed postgresql 15.4",
        ),
        ("rds.aws.upbound.io/v1beta1 Instance {forProvider: {engineVersion: '15.4'}}", "managed ?"),
        ("elasticache.services.k8s.aws/v1alpha1 ReplicationGroup {engine: valkey, engineVersion: '8.0'}", "managed valkey 8.0"),
        ("sql.cnrm.cloud.google.com/v1beta1 SQLInstance {databaseVersion: POSTGRES_15}", "managed postgresql 15"),
        ("sql.cnrm.cloud.google.com/v1beta1 SQLInstance {databaseVersion: MYSQL_8_0}", "managed mysql 8.0"),
        ("redis.cnrm.cloud.google.com/v1beta1 RedisInstance {redisVersion: REDIS_7_2}", "managed redis 7.2"),
        ("dbforpostgresql.azure.com/v1api20221201 FlexibleServer {version: '16'}", "managed postgresql 16"),
        (
            "documentdb.azure.com/v1api20210515 DatabaseAccount {kind: MongoDB, apiProperties: {serverVersion: '6.0'}}",
            "managed mongodb 6.0",
        ),
        ("mq.services.k8s.aws/v1alpha1 Broker {engineType: RABBITMQ, engineVersion: '3.13'}", "managed rabbitmq 3.13"),
        ("dragonflydb.io/v1alpha1 Dragonfly {image: $(IMAGE)}", "operator dragonfly -"),
    ];
    for (text, wanted) in cases {
        let mut words = text.splitn(3, ' ');
        let mut next = || words.next().unwrap_or_default();
        let (version, kind, spec) = (next(), next(), next());
        let service = one(&format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: db}}\nspec: {spec}\n"));
        let software = service.known_software().map_or("?".to_owned(), |s| {
            format!("{} {}", s.kind.map_or("?", |k| k.id.as_str()), s.version.number().unwrap_or_else(|| "-".into()))
        });
        assert_eq!(format!("{} {software}", service.provider.as_str()), wanted, "{text}");
    }
}

#[test]
fn catalogues_and_compositions() {
    let reading = read(
        "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: db}\nspec: {imageCatalogRef: {apiGroup: postgresql.cnpg.io, kind: ImageCatalog, name: pg, major: 16}}\n---\napiVersion: postgresql.cnpg.io/v1\nkind: ImageCatalog\nmetadata: {name: pg}\nspec: {images: [{major: 15, image: 'ghcr.io/cloudnative-pg/postgresql:15.6'}, {major: 16, image: 'ghcr.io/cloudnative-pg/postgresql:16.4'}]}\n---\napiVersion: apiextensions.crossplane.io/v1\nkind: Composition\nmetadata: {name: x}\nspec:\n  resources:\n  - name: database\n    base: {apiVersion: rds.aws.upbound.io/v1beta1, kind: Instance, spec: {forProvider: {engine: mysql, engineVersion: '8.0'}}}\n  - name: cache\n    base: {apiVersion: elasticache.aws.upbound.io/v1beta1, kind: ReplicationGroup, spec: {forProvider: {engine: redis, engineVersion: '7.1'}}}\n    patches:\n    - {fromFieldPath: spec.version, toFieldPath: spec.forProvider.engineVersion}\n",
    );
    let of = |name: &str| reading.services.iter().find(|s| s.name == name).unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(of("db").known_software().and_then(|s| s.version.number()).as_deref(), Some("16.4"));
    assert_eq!((of("database").provider, of("database").at.text()), (Provider::Managed, "database"));
    assert_eq!(of("database").known_software().and_then(|s| s.version.number()).as_deref(), Some("8.0"));
    let cache = of("cache").known_software().map(|s| (s.kind.map(|k| k.id.as_str()), s.text.as_str(), s.version.number()));
    assert_eq!(cache, Some((Some("redis"), "what the claim says", None)));
}

#[test]
fn keys_that_are_not_known_are_said() {
    let expression = |why: &str| crate::document::Content::Expression(why.into());
    let set = |field: &str, change: &dyn Fn(&mut crate::document::Node)| {
        let text = pod("    env:\n    - {name: A, value: x}\n    - {name: B, value: x}\n    envFrom: []\n");
        let mut root = yaml::read(&Source::new("k8s.yaml", text)).documents.remove(0).root;
        let containers = crate::formats::kustomize::edit::get_mut(&mut root, "spec")
            .and_then(|s| crate::formats::kustomize::edit::get_mut(s, "containers"));
        let container = containers.and_then(crate::formats::kustomize::edit::items_mut).and_then(|c| c.first_mut()).expect("container");
        change(crate::formats::kustomize::edit::get_mut(container, field).expect("field"));
        let service = read_trees(vec![root]).services.remove(0);
        service.environ.unlisted.iter().map(|u| u.why.clone()).collect::<Vec<_>>()
    };
    let item = |list: &mut crate::document::Node| {
        let first = crate::formats::kustomize::edit::items_mut(list).and_then(|i| i.first_mut()).expect("item");
        first.content = expression("one");
    };
    assert_eq!(set("env", &|list| list.content = expression("all")), ["all"]);
    assert_eq!(set("envFrom", &|list| list.content = expression("all")), ["all"]);
    assert_eq!(set("env", &item), ["one"]);
    let name = |list: &mut crate::document::Node| {
        let first = crate::formats::kustomize::edit::items_mut(list).and_then(|i| i.first_mut()).expect("item");
        crate::formats::kustomize::edit::get_mut(first, "name").expect("name").content = expression("its name");
    };
    assert_eq!(set("env", &name), ["its name"]);
}

#[test]
fn ports_and_times_that_are_not_known_are_no_known_ones() {
    let text = pod("    ports: [{containerPort: 80}, {containerPort: '${PORT}'}]\n  terminationGracePeriodSeconds: soon\n");
    let service = one(&text);
    assert_eq!(service.ports.iter().map(|p| p.value.known().copied()).collect::<Vec<_>>(), [Some(80), None]);
    assert!(service.stop_grace.is_some_and(|g| g.value.known().is_none()));
}

#[test]
fn variables_that_double_and_config_maps_for_many_end_at_a_limit() {
    let env: String = (1..60).map(|i| format!("    - {{name: A{i}, value: '$(A{0})$(A{0})'}}\n", i - 1)).collect();
    let service = one(&pod(&format!("    env:\n    - {{name: A0, value: xxxxxxxx}}\n{env}")));
    let state = |key: &str| service.environ.get(key).map(|v| v.value.state());
    assert_eq!((state("A9"), state("A59")), (Some("set"), Some("unknown")));

    let data: String = (0..2000).map(|i| format!("  K{i}: x\n")).collect();
    let map = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: big}}\ndata:\n{data}");
    let pods: String = (0..300)
        .map(|i| {
            format!("---\n{}", pod("    envFrom: [{configMapRef: {name: big}}]\n").replace("{name: web}", &format!("{{name: web{i}}}")))
        })
        .collect();
    let (services, full) = Arc::new(Listed::default()).count(500_000, || read(&format!("{map}{pods}")).services);
    let last = services.last().map(|s| s.environ.vars.len());
    assert_eq!((services.len(), last, full), (300, Some(0), true));
}

#[test]
fn a_service_selects_by_all_of_its_labels() {
    let web =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {tier: a, app: shop}}\nspec: {containers: [{name: web, image: a}]}\n";
    let service = |name: &str, selector: &str| {
        format!("---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{selector: {selector}}}\n")
    };
    let more = [("one", "{app: shop}"), ("two", "{app: shop, tier: b}"), ("three", "{tier: a, app: shop}"), ("none", "{}")];
    let all: String = more.iter().map(|(name, selector)| service(name, selector)).collect();
    assert_eq!(one(&format!("{web}{all}")).aliases, ["one", "three"]);
}

#[test]
fn what_stands_under_a_condition_of_a_template_may_not_be_there() {
    use crate::formats::{Format, Manifest, ReadContext, ReadOptions};
    let pod = |name: &str, sidecar: &str| {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n  - name: {name}\n    image: a:1\n{sidecar}")
    };
    let sidecar = "<% if cache %>\n  - name: cache\n    image: redis:7\n<% end %>\n";
    let text = format!("{}---\n<% if search %>\n{}<% end %>\n", pod("web", sidecar), pod("search", ""));
    let workspace = crate::workspace::MemoryWorkspace::new([("k8s/a.yaml.erb", text.as_str())]);
    let (options, programs) = (ReadOptions::default(), crate::ask::process::Programs::default());
    let cx = ReadContext { workspace: &workspace, options: &options, environment: "prod", programs: &programs };
    let manifest = Manifest { format: "kubernetes".into(), paths: vec!["k8s".into()], ..Manifest::default() };
    let reading = super::Kubernetes.read(&manifest, &cx);
    let conditional: Vec<_> = reading.services.iter().map(|s| (s.name.as_str(), s.conditional.is_some())).collect();
    assert_eq!(conditional, [("web", false), ("web/cache", true), ("search", true)]);
}

#[test]
fn of_very_many_services_with_one_label_the_one_that_fits_is_found() {
    let web =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: shop, part: web}}\nspec: {containers: [{name: web, image: a}]}\n";
    let service = |name: &str, part: &str| {
        format!("---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{selector: {{app: shop, part: {part}}}}}\n")
    };
    let others: String = (0..150).map(|i| service(&format!("s{i}"), &format!("p{i}"))).collect();
    assert_eq!(one(&format!("{web}{others}{}", service("front", "web"))).aliases, ["front"]);
}
