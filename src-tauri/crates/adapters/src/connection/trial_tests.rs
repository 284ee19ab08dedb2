use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use catalogue::Language;
use engine::ports::{GatewayError, GatewayOutcome, SourceError, SourceErrorKind};
use serde_json::json;

use super::tests::Papers;
use super::trial::{judge_backend, judge_wechat_pay};
use super::*;

/// Nobody listens there: it is reserved, and a bind to it needs rights that no server of ours has.
const NOBODY: &str = "127.0.0.1:1";

/// A backend that answers every call with this status, `Date` and body.
fn backend_that_answers(status: &'static str, date: Timestamp, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            answer(stream, status, date, &body);
        }
    });
    format!("http://{address}/merchant/v1")
}

fn answer(mut stream: TcpStream, status: &str, date: Timestamp, body: &str) {
    let mut request = Vec::new();
    let mut piece = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return,
            Ok(read) => request.extend_from_slice(&piece[..read]),
        }
    }
    let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT");
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nDate: {date}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    // Whoever asked may have hung up; the test sees that on its side.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
}

fn capabilities(shop: &str) -> String {
    json!({
        "api": "merchant/1", "shop": {"id": shop, "name": "示例小店（后台）"}, "auth": ["bearer"], "features": [],
        "refund": {"decide": true, "payout": "terminal"}, "changes": {"retention_days": 30}
    })
    .to_string()
}

/// The trial of a shop at this backend, with a WeChat that nobody reaches.
async fn trial_at(backend: &str) -> Trial {
    let papers = Papers::new()
        .with("backend.base_url", backend)
        .with("wechat_pay.base_url", format!("https://{NOBODY}"));
    papers.read().unwrap().try_out().await
}

fn state(trial: &Trial, subject: Subject) -> (CheckState, Vec<&'static str>, Option<String>) {
    let check = trial.check(subject).unwrap();
    (check.state, check.members.clone(), check.fault.as_ref().map(|fault| fault.code.clone()))
}

const RIGHT: (CheckState, Vec<&str>, Option<String>) = (CheckState::Right, Vec::new(), None);

#[tokio::test]
async fn a_backend_that_serves_the_shop_is_right_and_an_unreachable_wechat_is_not_held_against_it() {
    let trial = trial_at(&backend_that_answers("200 OK", Timestamp::now(), capabilities("s1"))).await;
    assert_eq!(trial.name_at_backend.as_deref(), Some("示例小店（后台）"));
    for subject in [Subject::Shop, Subject::Backend, Subject::Certificate] {
        assert_eq!(state(&trial, subject), RIGHT, "{subject:?}");
    }
    let unreachable = Some("wechat_unreachable".to_owned());
    assert_eq!(state(&trial, Subject::WechatPay), (CheckState::Unchecked, vec![], unreachable));
    assert!(trial.may_connect(), "a shop may be connected while the network is down");
    let subjects: Vec<Subject> = trial.checks.iter().map(|check| check.subject).collect();
    assert_eq!(subjects, Subject::ALL);
}

#[tokio::test]
async fn a_backend_of_another_shop_is_wrong_about_the_shop() {
    let trial = trial_at(&backend_that_answers("200 OK", Timestamp::now(), capabilities("s2"))).await;
    let other = Some("backend_other_shop".to_owned());
    assert_eq!(state(&trial, Subject::Shop), (CheckState::Wrong, vec!["shop.id"], other));
    assert_eq!(state(&trial, Subject::Backend), RIGHT);
    assert!(!trial.may_connect());
    for language in Language::ALL {
        let message = trial.check(Subject::Shop).unwrap().fault.as_ref().unwrap().message(language);
        assert!(message.contains("s1") && message.contains("s2") && !message.contains('{'), "{message}");
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_told_but_does_not_stand_in_the_way() {
    let date = time::plus_seconds(Timestamp::now(), 3_600);
    let trial = trial_at(&backend_that_answers("200 OK", date, capabilities("s1"))).await;
    let clock = Some("clock_differs".to_owned());
    assert_eq!(state(&trial, Subject::Backend), (CheckState::Right, vec![], clock));
    assert!(trial.may_connect());
}

#[tokio::test]
async fn what_answers_otherwise_is_at_another_address() {
    let portal = "<html>sign in</html>".to_owned();
    let trial = trial_at(&backend_that_answers("200 OK", Timestamp::now(), portal)).await;
    let wrong = Some("backend_bad_answer".to_owned());
    assert_eq!(state(&trial, Subject::Backend), (CheckState::Wrong, vec!["backend.base_url"], wrong));
    assert_eq!(state(&trial, Subject::Shop), (CheckState::Unchecked, vec![], None));
    let problem = json!({"type": "about:blank", "title": "no", "status": 401, "code": "unauthenticated"});
    let trial =
        trial_at(&backend_that_answers("401 Unauthorized", Timestamp::now(), problem.to_string())).await;
    let token = Some("backend_unauthenticated".to_owned());
    assert_eq!(state(&trial, Subject::Backend), (CheckState::Wrong, vec!["backend.token"], token));
    let trial = trial_at(&format!("http://{NOBODY}/merchant/v1")).await;
    let unreachable = Some("backend_unreachable".to_owned());
    assert_eq!(state(&trial, Subject::Backend), (CheckState::Unchecked, vec![], unreachable));
    assert!(trial.may_connect());
}

#[tokio::test]
async fn a_protocol_that_is_not_spoken_yet_is_wrong() {
    let papers = Papers::new()
        .with("backend.base_url", format!("http://{NOBODY}/merchant/v1"))
        .with("wechat_pay.api", "v3")
        .with("wechat_pay.api_v3_key", "0123456789abcdef0123456789abcdef");
    let trial = papers.read().unwrap().try_out().await;
    let api = Some("api_not_spoken".to_owned());
    assert_eq!(state(&trial, Subject::WechatPay), (CheckState::Wrong, vec!["wechat_pay.api"], api));
}

#[test]
fn what_wechat_refuses_marks_what_it_may_be() {
    let error = |code, err_code: &str| GatewayError {
        outcome: GatewayOutcome::Refused,
        code,
        err_code: err_code.to_owned(),
        text: String::new(),
    };
    let members = |code, err_code| judge_wechat_pay(&error(code, err_code), false).members;
    assert_eq!(members("wechat_key_wrong", "SIGNERROR"), ["wechat_pay.api_v2_key"]);
    assert_eq!(members("wechat_configuration", "APPID_NOT_EXIST"), ["wechat_pay.app_id"]);
    assert_eq!(members("wechat_configuration", "MCHID_NOT_EXIST"), ["wechat_pay.mch_id"]);
    let either = members("wechat_configuration", "APPID_MCHID_NOT_MATCH");
    assert_eq!(either, ["wechat_pay.app_id", "wechat_pay.mch_id"]);
    for code in ["wechat_tls", "wechat_bad_answer"] {
        let own_gateway = judge_wechat_pay(&error(code, "console:tls"), false);
        assert_eq!(own_gateway.state, CheckState::Wrong, "{code}");
        let wechat_itself = judge_wechat_pay(&error(code, "console:tls"), true);
        assert_eq!(wechat_itself.state, CheckState::Unchecked, "{code}: something in between");
        assert!(wechat_itself.fault.is_some());
    }
}

#[test]
fn a_certificate_of_the_backend_that_does_not_fit_marks_address_and_root() {
    let error = SourceError {
        kind: SourceErrorKind::Transient { retry_after_s: None },
        code: "backend_tls",
        problem: "console:tls".to_owned(),
        text: String::new(),
    };
    assert_eq!(judge_backend(&error).members, ["backend.base_url", "backend.ca_file"]);
}

#[test]
fn a_description_that_cannot_be_read_marks_its_part_alone() {
    let part = |papers: Papers| {
        let trial = Trial::unreadable(&papers.read().unwrap_err());
        assert!(!trial.may_connect());
        let wrong: Vec<_> = trial.checks.iter().filter(|check| check.state == CheckState::Wrong).collect();
        assert_eq!(wrong.len(), 1);
        (wrong[0].subject, wrong[0].members.clone())
    };
    assert_eq!(part(Papers::new().with("shop.id", "")), (Subject::Shop, vec!["shop.id"]));
    assert_eq!(part(Papers::new().with("backend.token", "")), (Subject::Backend, vec!["backend.token"]));
    let key = Papers::new().with("wechat_pay.api_v2_key", "a b");
    assert_eq!(part(key), (Subject::WechatPay, vec!["wechat_pay.api_v2_key"]));
    let file = Papers::new().with("wechat_pay.key_file", "gone.pem");
    assert_eq!(part(file), (Subject::Certificate, vec!["wechat_pay.key_file"]));
    let none = Connection::read(b"{", Path::new(""), Timestamp::UNIX_EPOCH).unwrap_err();
    assert_eq!(Trial::unreadable(&none).check(Subject::Shop).unwrap().state, CheckState::Wrong);
}

#[tokio::test]
async fn a_certificate_that_somebody_should_look_at_is_right_with_a_word() {
    let papers = Papers::new()
        .with("backend.base_url", format!("http://{NOBODY}/merchant/v1"))
        .with("wechat_pay.base_url", format!("https://{NOBODY}"));
    let trial = papers.read_at("2029-12-15T00:00:00Z").unwrap().try_out().await;
    let soon = Some("certificate_expires_soon".to_owned());
    assert_eq!(state(&trial, Subject::Certificate), (CheckState::Right, vec![], soon));
}
