//! A stand-in for GitHub's API on loopback: it keeps comments and issues, refuses what GitHub would refuse, and remembers
//! every exchange. With `PARITY_GITHUB_LOG=DIR` the exchanges are written there, to be held against GitHub's own description.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

pub(crate) const TOKEN: &str = "ghs_planted0123456789";
pub(crate) const BOT: &str = "github-actions[bot]";

/// A fault: method, part of the path, how often, status, headers.
#[derive(Clone)]
pub(crate) struct Fault(pub(crate) &'static str, pub(crate) &'static str, pub(crate) usize, pub(crate) u16, pub(crate) &'static str);

#[derive(Default)]
pub(crate) struct State {
    pub(crate) comments: Vec<Value>,
    pub(crate) issues: Vec<Value>,
    pub(crate) faults: Vec<Fault>,
    /// `METHOD path` of every request.
    pub(crate) requests: Vec<String>,
    /// What GitHub would have refused.
    pub(crate) wrong: Vec<String>,
    pub(crate) deployments: Vec<Value>,
    /// By deployment.
    pub(crate) statuses: BTreeMap<u64, Vec<Value>>,
    /// By `BASE...HEAD`.
    pub(crate) compares: BTreeMap<String, Value>,
    /// The answer to everything.
    pub(crate) raw: Option<Value>,
    /// Lists come back without what was written by others after this many requests: two runs at once.
    pub(crate) racing: Option<Value>,
    next: u64,
}

pub(crate) struct Github {
    pub(crate) url: String,
    pub(crate) state: Arc<Mutex<State>>,
}

impl Github {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/api/v3", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State { next: 1000, ..State::default() }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { url, state }
    }

    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().expect("not poisoned"))
    }

    /// The writing requests since the last look, and nothing wrong among them.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.with(|s| {
            assert_eq!(s.wrong, Vec::<String>::new());
            std::mem::take(&mut s.requests).into_iter().filter(|r| !r.starts_with("GET")).collect()
        })
    }
}

fn serve(stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).expect("a request");
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next().map(str::to_owned), words.next().map(str::to_owned)) else { return };
    let (mut length, mut authorized) = (0_usize, false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).expect("a header");
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().expect("a number"),
            "authorization" => authorized = value.trim() == format!("Bearer {TOKEN}"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let body: Value = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).expect("JSON") };
    // A proxy is asked with the whole address.
    let path = target.strip_prefix("http://api.example.invalid").unwrap_or(&target);
    let (status, headers, answer) = {
        let mut state = state.lock().expect("not poisoned");
        let path = path.strip_prefix("/api/v3").unwrap_or(path);
        if !authorized {
            state.wrong.push(format!("{method} {path}: no token"));
        }
        state.requests.push(format!("{method} {path}"));
        let answer = state.answer(&method, path, &body);
        log(&method, path, &body, answer.0, &answer.2);
        answer
    };
    let text = if status == 204 { String::new() } else { answer.to_string() };
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
        text.len()
    );
    let _closed = reader.get_mut().write_all(format!("{head}{text}").as_bytes());
}

fn log(method: &str, path: &str, body: &Value, status: u16, answer: &Value) {
    let Some(dir) = std::env::var_os("PARITY_GITHUB_LOG") else { return };
    let line = json!({ "method": method, "path": path, "body": body, "status": status, "answer": answer });
    let file = std::path::Path::new(&dir).join(format!("{}.jsonl", std::process::id()));
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file).expect("a log");
    file.write_all(format!("{line}\n").as_bytes()).expect("written");
}

fn refused(status: u16, message: &str) -> (u16, String, Value) {
    (
        status,
        String::new(),
        json!({ "message": message, "documentation_url": "https://docs.github.com/rest", "status": status.to_string() }),
    )
}

impl State {
    fn answer(&mut self, method: &str, path: &str, body: &Value) -> (u16, String, Value) {
        if let Some(i) = self.faults.iter().position(|f| f.0 == method && path.contains(f.1)) {
            let Fault(_, _, _, status, headers) = self.faults[i].clone();
            self.faults[i].2 -= 1;
            if self.faults[i].2 == 0 {
                self.faults.remove(i);
            }
            let (status, _, answer) = refused(status, &format!("no: {TOKEN}"));
            return (status, headers.to_owned(), answer);
        }
        if let Some(raw) = &self.raw {
            return (200, String::new(), raw.clone());
        }
        let (route, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<&str> = route.trim_start_matches('/').split('/').collect();
        let get = |key: &str| query.split('&').find_map(|p| p.strip_prefix(key)?.strip_prefix('=')).unwrap_or("");
        let page = |all: Vec<Value>| {
            let (per, page): (usize, usize) = (get("per_page").parse().unwrap_or(30), get("page").parse().unwrap_or(1_usize).max(1));
            assert!((1..=100).contains(&per), "per_page={per}");
            (200, String::new(), Value::Array(all.into_iter().skip((page - 1) * per).take(per).collect()))
        };
        match (method, parts.as_slice()) {
            ("GET", ["repos", "acme", "shop", "issues", "7", "comments"]) => page(self.comments.clone()),
            ("POST", ["repos", "acme", "shop", "issues", _, "comments"]) => {
                if let Some(other) = self.racing.take() {
                    self.comments.push(other);
                }
                self.fields(body, &["body"], path);
                let comment = self.item("comments", body);
                self.comments.push(comment.clone());
                (201, String::new(), comment)
            }
            ("PATCH", ["repos", "acme", "shop", "issues", "comments", id]) => {
                self.fields(body, &["body"], path);
                let Some(comment) = self.comments.iter_mut().find(|c| is(&c["id"], id)) else {
                    return refused(404, "Not Found");
                };
                comment["body"] = body["body"].clone();
                (200, String::new(), comment.clone())
            }
            ("DELETE", ["repos", "acme", "shop", "issues", "comments", id]) => {
                self.comments.retain(|c| !is(&c["id"], id));
                (204, String::new(), Value::Null)
            }
            ("GET", ["repos", "acme", "shop", "issues"]) => {
                let label = get("labels").to_owned();
                let labelled = |i: &&Value| i["labels"].as_array().is_some_and(|l| l.iter().any(|l| l["name"] == label.as_str()));
                page(self.issues.iter().filter(labelled).cloned().collect())
            }
            ("POST", ["repos", "acme", "shop", "issues"]) => {
                if let Some(other) = self.racing.take() {
                    self.issues.push(other);
                }
                self.fields(body, &["title", "body", "labels"], path);
                let issue = self.item("issues", body);
                self.issues.push(issue.clone());
                (201, String::new(), issue)
            }
            ("PATCH", ["repos", "acme", "shop", "issues", number]) => {
                self.fields(body, &["body", "state", "state_reason"], path);
                let Some(issue) = self.issues.iter_mut().find(|c| is(&c["number"], number)) else {
                    return refused(404, "Not Found");
                };
                for (key, value) in body.as_object().expect("an object") {
                    issue[key] = value.clone();
                }
                (200, String::new(), issue.clone())
            }
            ("GET", ["repos", "acme", "shop", "commits", sha, "pulls"]) => {
                (200, String::new(), json!([{ "number": 7, "state": "open", "head": { "sha": sha } }]))
            }
            ("GET", ["repos", "acme", "shop", "deployments"]) => {
                let wanted = get("environment").to_owned();
                let fits = |d: &&Value| wanted.is_empty() || d["environment"] == wanted.as_str();
                page(self.deployments.iter().filter(fits).cloned().collect())
            }
            ("GET", ["repos", "acme", "shop", "deployments", id, "statuses"]) => {
                page(self.statuses.get(&id.parse().expect("a number")).cloned().unwrap_or_default())
            }
            ("GET", ["repos", "acme", "shop", "compare", spec]) => match self.compares.get(*spec) {
                Some(answer) => (200, String::new(), answer.clone()),
                None => refused(404, "Not Found"),
            },
            ("GET", ["user"]) => (200, String::new(), json!({ "login": "ada" })),
            _ => {
                self.wrong.push(format!("{method} {path}: no such call"));
                refused(404, "Not Found")
            }
        }
    }

    /// Only known fields, and no text that is too long.
    fn fields(&mut self, body: &Value, known: &[&str], path: &str) {
        let object = body.as_object().expect("an object");
        self.wrong.extend(object.keys().filter(|k| !known.contains(&k.as_str())).map(|k| format!("{path}: field {k}")));
        if object.get("body").and_then(Value::as_str).is_some_and(|b| b.chars().count() > 65_536) {
            self.wrong.push(format!("{path}: body is too long (maximum is 65536 characters)"));
        }
    }

    fn item(&mut self, kind: &str, body: &Value) -> Value {
        self.next += 1;
        let next = self.next;
        if kind == "comments" {
            comment(next, Some(BOT), body["body"].as_str().expect("a body"))
        } else {
            let labels = body["labels"].as_array().expect("labels").iter().map(|l| l.as_str().expect("a name"));
            issue(next, "open", BOT, body["body"].as_str().expect("a body"), &labels.collect::<Vec<_>>())
        }
    }
}

pub(crate) fn comment(id: u64, login: Option<&str>, body: &str) -> Value {
    json!({ "id": id, "body": body, "user": login.map(|login| json!({ "login": login })), "html_url": format!("https://github.com/acme/shop/pull/7#{id}") })
}

pub(crate) fn issue(number: u64, state: &str, login: &str, body: &str, labels: &[&str]) -> Value {
    let labels: Vec<Value> = labels.iter().map(|l| json!({ "name": l })).collect();
    json!({ "number": number, "state": state, "body": body, "user": { "login": login }, "labels": labels,
            "html_url": format!("https://github.com/acme/shop/issues/{number}") })
}

fn is(value: &Value, number: &str) -> bool {
    value.as_u64() == number.parse().ok()
}
