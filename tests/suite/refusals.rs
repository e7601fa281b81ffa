//! Publishing where GitHub does not do what it is asked: permissions, limits, failures, answers without an end.

use parity::publish::{self, Event, Failure, Keep};

use crate::github::{Fault, Github, TOKEN};
use crate::publish::{drift, nightly, say, settings};

fn fails(github: &Github) -> Failure {
    publish::comment(&settings(github), &Event::of(7), &drift("x"), Keep::Update).expect_err("a failure")
}

#[test]
fn no_permission_is_a_notice() {
    for status in [403, 404] {
        for method in ["GET", "POST"] {
            let github = Github::new();
            github.with(|s| s.faults.push(Fault(method, "/comments", 1, status, "")));
            let fork = Event { name: "pull_request".into(), fork: true, ..Event::of(7) };
            let outcome = publish::comment(&settings(&github), &fork, &drift("x"), Keep::Update).expect("no failure");
            assert_eq!(outcome.done, "denied");
            assert!(outcome.notices[0].contains("fork") && !outcome.notices[0].contains(TOKEN), "{:?}", outcome.notices);
        }
    }
    let github = Github::new();
    github.with(|s| s.faults.push(Fault("POST", "/issues", 1, 403, "")));
    assert_eq!(nightly(&github, &drift("x")).done, "denied");
    github.with(|s| s.faults.push(Fault("GET", "/issues", 1, 410, "")));
    assert!(nightly(&github, &drift("x")).notices[0].contains("disabled"));
}

#[test]
fn reads_are_tried_again_and_writes_never() {
    let github = Github::new();
    github.with(|s| s.faults.push(Fault("GET", "/comments", 1, 429, "retry-after: 2\r\n")));
    github.with(|s| s.faults.push(Fault("GET", "/comments", 2, 502, "")));
    assert_eq!(say(&github, &drift("x")).done, "created");
    github.with(|s| s.faults.push(Fault("GET", "/comments", 9, 503, "")));
    let failure = publish::comment(&settings(&github), &Event::of(7), &drift("x"), Keep::Update).expect_err("over");
    assert_eq!(failure.status(), Some(503));
    assert_eq!(github.with(|s| std::mem::take(&mut s.faults)[0].2), 5, "four tries");
    github.with(|s| s.faults.push(Fault("GET", "/comments", 9, 429, "retry-after: 3600\r\n")));
    let failure = publish::comment(&settings(&github), &Event::of(7), &drift("x"), Keep::Update).expect_err("too long to wait");
    assert_eq!(github.with(|s| std::mem::take(&mut s.faults)[0].2), 8, "one try");
    assert!(matches!(&failure, Failure::Status { status: 429, message, .. } if !message.contains(TOKEN)), "{failure}");
    github.with(|s| s.faults.push(Fault("PATCH", "/comments", 9, 500, "")));
    publish::comment(&settings(&github), &Event::of(7), &drift("y"), Keep::Update).expect_err("not repeated");
    assert_eq!(github.with(|s| s.faults[0].2), 8, "one try");
}

#[test]
fn a_limit_is_no_matter_of_permission() {
    // A limit comes as 403 as well, with these headers.
    for headers in ["retry-after: 3600\r\n", "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 1893456000\r\n"] {
        for method in ["GET", "POST"] {
            let github = Github::new();
            github.with(|s| s.faults.push(Fault(method, "/comments", 1, 403, headers)));
            let failure = fails(&github);
            assert!(failure.status() == Some(403) && !failure.is_denied(), "{method} {headers}: {failure}");
        }
    }
    let github = Github::new();
    github.with(|s| s.faults.push(Fault("GET", "/comments", 1, 403, "retry-after: 1\r\n")));
    assert_eq!(say(&github, &drift("x")).done, "created", "a short one is waited for");
    github.with(|s| s.faults.push(Fault("PATCH", "/comments", 9, 429, "")));
    publish::comment(&settings(&github), &Event::of(7), &drift("y"), Keep::Update).expect_err("not repeated");
    assert_eq!(github.with(|s| s.faults[0].2), 8, "one try");
}

#[test]
fn what_is_switched_off_is_a_notice() {
    let github = Github::new();
    github.with(|s| s.faults.push(Fault("POST", "/comments", 1, 410, "")));
    let outcome = say(&github, &drift("x"));
    assert!(outcome.done == "denied" && outcome.notices[0].contains("410"), "{outcome:?}");
    // A token that is none is a fault of the workflow's.
    github.with(|s| s.faults.push(Fault("GET", "/comments", 1, 401, "")));
    assert_eq!(fails(&github).status(), Some(401));
    github.with(|s| s.faults.push(Fault("POST", "/comments", 1, 422, "")));
    assert_eq!(fails(&github).status(), Some(422));
}

#[test]
fn an_answer_without_an_end_is_not_read_to_it() {
    let github = Github::new();
    github.with(|s| s.flood = Some(0));
    let failure = fails(&github);
    assert!(matches!(&failure, Failure::Network { message, .. } if message.contains("length limit")), "{failure}");
    // One try of 64 MiB, and what the sockets hold.
    let taken = github.with(|s| s.flood).expect("counted") >> 20;
    assert!((64..130).contains(&taken), "{taken} MiB");
}
