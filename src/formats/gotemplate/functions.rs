//! The functions of text/template, sprig (masterminds.github.io/sprig) and Helm (helm.sh/docs/chart_template_guide).

use std::rc::Rc;

use super::eval::{Engine, Fail};
use super::text::{Origin, Text};
use super::value::{Kind, Map, Val, go_float};
use super::yaml;

mod collections;
mod encoding;
mod math;
mod regexes;
mod strings;
mod weight;

/// What a function gives.
pub(super) type Given = Result<Val, Fail>;

/// Functions whose value is another one each time, or depends on the machine.
const CHANGING: [&str; 22] = [
    "randAlphaNum",
    "randAlpha",
    "randNumeric",
    "randAscii",
    "randBytes",
    "randInt",
    "uuidv4",
    "now",
    "date",
    "dateInZone",
    "dateModify",
    "ago",
    "genPrivateKey",
    "genCA",
    "genSelfSignedCert",
    "genSignedCert",
    "genCAWithKey",
    "htpasswd",
    "bcrypt",
    "derivePassword",
    "unixEpoch",
    "toDate",
];
/// Functions of helmfile that ask the machine or another program.
const OUTSIDE: [&str; 10] =
    ["env", "requiredEnv", "exec", "fetchSecretValue", "expandSecretRefs", "readDir", "getHostByName", "expandenv", "isFile", "envExec"];
/// Functions that take unknown values as they are.
const TAKES_UNKNOWN: [&str; 45] = [
    "quote",
    "squote",
    "nindent",
    "indent",
    "print",
    "printf",
    "println",
    "toString",
    "list",
    "tuple",
    "dict",
    "set",
    "include",
    "toYaml",
    "mustToYaml",
    "toJson",
    "mustToJson",
    "append",
    "prepend",
    "mustAppend",
    "concat",
    "cat",
    "get",
    "hasKey",
    "index",
    "default",
    "merge",
    "mergeOverwrite",
    "mustMerge",
    "mustMergeOverwrite",
    "deepCopy",
    "mustDeepCopy",
    "ternary",
    "coalesce",
    "kindIs",
    "kindOf",
    "typeOf",
    "tpl",
    "required",
    "dig",
    "trim",
    "join",
    "empty",
    "toPrettyJson",
    "pluck",
];

/// What is said of a function whose value is another one each time.
const CHANGES: &str = "gives another value each time";

/// Is a value unknown because it is another one each time?
pub(in crate::formats) fn changes(why: &str) -> bool {
    why.contains(CHANGES)
}

/// Calls a function.
pub(super) fn call(engine: &mut Engine<'_>, name: &str, mut args: Vec<Val>) -> Given {
    engine.step(0)?;
    if CHANGING.contains(&name) {
        return Ok(Val::unknown(format!("`{name}` {CHANGES}")));
    }
    if OUTSIDE.contains(&name) {
        return Ok(Val::unknown(format!("`{name}` asks the machine that deploys")));
    }
    if !TAKES_UNKNOWN.contains(&name)
        && let Some(why) = args.iter().find_map(|a| engine.unknown(a))
    {
        return Ok(Val::unknown(why));
    }
    weight::charge(engine, name, &args)?;
    if let Some(given) = general(engine, name, &mut args) {
        return given;
    }
    for family in [collections::call, math::call, encoding::call, regexes::call, strings::call] {
        if let Some(given) = family(engine, name, &args) {
            return given;
        }
    }
    Ok(Val::unknown(format!("the template function `{name}` is not evaluated")))
}

/// The value at a position, or nothing.
fn at(args: &[Val], i: usize) -> Val {
    args.get(i).cloned().unwrap_or(Val::NULL)
}

fn general(engine: &mut Engine<'_>, name: &str, args: &mut [Val]) -> Option<Given> {
    let first = at(args, 0);
    let last = args.last().cloned().unwrap_or(Val::NULL);
    let unknown = |v: &Val, engine: &Engine<'_>| engine.unknown(v);
    Some(Ok(match name {
        "include" => {
            let text = engine.include(first.as_str().unwrap_or(""), &at(args, 1));
            return Some(text.map(Val::text));
        }
        "tpl" => match (&first.kind, unknown(&first, engine)) {
            (Kind::Str(text), None) => {
                let text = text.clone();
                return Some(engine.tpl(&text, &at(args, 1)).map(Val::text));
            }
            (_, Some(why)) => Val::unknown(why),
            _ => Val::text(engine.show(&first)),
        },
        "default" => match (args.len(), unknown(&last, engine)) {
            (0 | 1, _) => first,
            (_, Some(why)) => Val::unknown(why),
            _ => {
                if truth(&last) {
                    last
                } else {
                    first
                }
            }
        },
        "empty" => match unknown(&first, engine).map_or_else(|| first.truth(), Err) {
            Ok(truth) => Val::bool(!truth),
            Err(why) => Val::unknown(why),
        },
        "coalesce" => {
            let decides = args.iter().find(|v| unknown(v, engine).is_some() || truth(v));
            decides.cloned().unwrap_or(Val::NULL)
        }
        "ternary" => match unknown(&at(args, 2), engine) {
            Some(why) => Val::unknown(why),
            None => at(args, if truth(&last) { 0 } else { 1 }),
        },
        "required" => match unknown(&at(args, 1), engine) {
            Some(why) => Val::unknown(why),
            None if matches!(last.kind, Kind::Null) || last.as_str() == Some("") => {
                Val::unknown("the chart requires a value here, and none is given")
            }
            None => last,
        },
        "fail" => return Some(Err(Fail::new("refuses the values that it is given (`fail`)"))),
        "not" => Val::bool(!truth(&first)),
        "all" => Val::bool(args.iter().all(truth)),
        "any" => Val::bool(args.iter().any(truth)),
        "eq" => Val::bool(args.iter().skip(1).any(|a| equal(&first, a, 32))),
        "ne" => Val::bool(!equal(&first, &at(args, 1), 32)),
        "lt" | "le" | "gt" | "ge" => match order(&first, &at(args, 1)) {
            Some(order) => Val::bool(match name {
                "lt" => order.is_lt(),
                "le" => order.is_le(),
                "gt" => order.is_gt(),
                _ => order.is_ge(),
            }),
            None => return Some(Err(Fail::new(format!("compares values that have no order (`{name}`)")))),
        },
        // Without a cluster `lookup` finds nothing (helm template).
        "lookup" => Val::map(Map::default()),
        "kindOf" | "typeOf" => unknown(&first, engine).map_or_else(|| Val::str(kind(&first)), Val::unknown),
        "kindIs" | "typeIs" | "typeIsLike" => unknown(&last, engine).map_or_else(
            || Val::bool(first.as_str().is_some_and(|want| want == kind(&last) || name != "kindIs" && want == go_type(&last))),
            Val::unknown,
        ),
        "deepEqual" => Val::bool(equal(&first, &at(args, 1), 32)),
        _ => return None,
    }))
}

/// Is it true? Only for values that are known.
fn truth(value: &Val) -> bool {
    value.truth().unwrap_or(true)
}

fn kind(value: &Val) -> &'static str {
    match value.kind {
        Kind::Null => "invalid",
        Kind::Bool(_) => "bool",
        Kind::Int(_) => "int",
        Kind::Float(_) => "float64",
        Kind::Str(_) | Kind::Unknown(_) => "string",
        Kind::List(_) => "slice",
        Kind::Map(_) => "map",
        Kind::Files(_) | Kind::ApiVersions => "struct",
    }
}

fn go_type(value: &Val) -> &'static str {
    match value.kind {
        Kind::List(_) => "[]interface {}",
        Kind::Map(_) => "map[string]interface {}",
        _ => kind(value),
    }
}

fn number(value: &Val) -> Option<f64> {
    match value.kind {
        Kind::Int(n) => Some(n as f64),
        Kind::Float(n) => Some(n),
        _ => None,
    }
}

fn equal(a: &Val, b: &Val, depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    match (&a.kind, &b.kind) {
        (Kind::Null, Kind::Null) => true,
        (Kind::Bool(a), Kind::Bool(b)) => a == b,
        (Kind::Str(a), Kind::Str(b)) => a.as_str() == b.as_str(),
        (Kind::List(a), Kind::List(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| equal(a, b, depth - 1)),
        (Kind::Map(a), Kind::Map(b)) => {
            let (a, b) = (a.borrow(), b.borrow());
            a.entries.len() == b.entries.len()
                && a.entries.iter().zip(&b.entries).all(|((k, (_, v)), (l, (_, w)))| k == l && equal(v, w, depth - 1))
        }
        _ => number(a).is_some_and(|n| number(b) == Some(n)),
    }
}

fn order(a: &Val, b: &Val) -> Option<std::cmp::Ordering> {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => Some(a.cmp(b)),
        _ => number(a)?.partial_cmp(&number(b)?),
    }
}

/// A value as `%v` writes it.
pub(super) fn print(engine: &mut Engine<'_>, value: &Val, depth: usize) -> String {
    if depth > 32 || engine.step(0).is_err() {
        return String::new();
    }
    match &value.kind {
        Kind::Null => {
            if depth == 0 {
                String::new()
            } else {
                "<nil>".into()
            }
        }
        Kind::Bool(b) => b.to_string(),
        Kind::Int(n) => n.to_string(),
        Kind::Float(n) => go_float(*n),
        Kind::Str(text) => text.as_str().to_owned(),
        Kind::Unknown(why) => engine.mark(why),
        Kind::List(items) => {
            let items: Vec<String> = items.iter().map(|v| print(engine, v, depth + 1)).collect();
            format!("[{}]", items.join(" "))
        }
        Kind::Map(map) => {
            let entries: Vec<(String, Val)> = map.borrow().entries.iter().map(|(k, (_, v))| (k.clone(), v.clone())).collect();
            let entries: Vec<String> = entries.iter().map(|(k, v)| format!("{k}:{}", print(engine, v, depth + 1))).collect();
            format!("map[{}]", entries.join(" "))
        }
        Kind::Files(_) | Kind::ApiVersions => String::new(),
    }
}

/// The text of a value, with its origins.
fn text(engine: &mut Engine<'_>, value: &Val) -> Text {
    engine.show(value)
}

/// A method of a value that is no mapping, or a call of what is none.
pub(super) fn method(engine: &mut Engine<'_>, value: &Val, args: Vec<Val>) -> Given {
    let word = at(&args, 0).as_str().unwrap_or("").to_owned();
    match &value.kind {
        Kind::ApiVersions => Ok(Val::bool(known_api(&word))),
        Kind::Files(asked) => match asked.rsplit('\n').next() {
            Some("Get") => Ok(engine.files.and_then(|f| f.get(&word)).map_or_else(|| Val::str(""), Val::text)),
            Some("Glob") => Ok(Val::of(Kind::Files(word.into()))),
            Some("Lines") => {
                let text = engine.files.and_then(|f| f.get(&word)).unwrap_or_default();
                Ok(Val::list(text.as_str().lines().map(Val::str).collect()))
            }
            _ => Ok(Val::unknown("a method of `.Files` that is not evaluated")),
        },
        Kind::Unknown(_) => Ok(value.clone()),
        _ => Err(Fail::new("gives arguments to what is no function")),
    }
}

/// API groups that every cluster serves (kubernetes.io: API groups), as `helm template` takes them to be there.
fn known_api(version: &str) -> bool {
    const GROUPS: [&str; 14] = [
        "v1",
        "apps/v1",
        "batch/v1",
        "autoscaling/v1",
        "autoscaling/v2",
        "policy/v1",
        "networking.k8s.io/v1",
        "rbac.authorization.k8s.io/v1",
        "storage.k8s.io/v1",
        "apiextensions.k8s.io/v1",
        "admissionregistration.k8s.io/v1",
        "scheduling.k8s.io/v1",
        "coordination.k8s.io/v1",
        "discovery.k8s.io/v1",
    ];
    GROUPS.iter().any(|g| version == *g || version.strip_prefix(g).is_some_and(|rest| rest.starts_with('/')))
}

/// The files that a pattern of `.Files.Glob` names, with their texts.
pub(super) fn glob(engine: &Engine<'_>, pattern: &Rc<str>) -> Vec<(Val, Val)> {
    let Some(files) = engine.files else { return Vec::new() };
    let Ok(glob) = globset::GlobBuilder::new(pattern).literal_separator(true).build() else { return Vec::new() };
    let matcher = glob.compile_matcher();
    let found = files.paths().into_iter().filter(|p| matcher.is_match(p));
    found.filter_map(|p| Some((Val::str(p.clone()), Val::text(files.get(&p)?)))).collect()
}

/// `AsConfig` and `AsSecrets` of files: a mapping of file names to texts, as YAML.
pub(super) fn as_data(engine: &mut Engine<'_>, asked: &Rc<str>) -> Given {
    let (pattern, method) = asked.split_once('\n').unwrap_or((asked, ""));
    let mut map = Map::default();
    for (path, file) in glob(engine, &pattern.into()) {
        let name = path.as_str().unwrap_or("").rsplit('/').next().unwrap_or("").to_owned();
        let origin = file.at.clone();
        let value = if method == "AsSecrets" { encoding::base64(engine, &file) } else { file };
        map.entries.insert(name, (origin.as_ref().map(|o: &Origin| Origin::of(&o.at())), value));
    }
    Ok(Val::text(yaml::write(engine, &Val::map(map))?))
}
