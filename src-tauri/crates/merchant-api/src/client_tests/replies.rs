use std::io::Write as _;
use std::time::Duration;

use domain::Fen;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::AsyncWriteExt as _;

use super::*;
use crate::transport::MOST_REPLY_BYTES;
use crate::{ChangesQuery, Current, Cursor, Decision, Error, Outcome, ProblemCode};

const PROBLEM: &[(&str, &str)] = &[("content-type", "application/problem+json; charset=utf-8")];

fn problem(status: u16, code: &str, members: &str) -> String {
    format!(
        r#"{{"type":"urn:merchant-api:problem:{code}","title":"题","status":{status},"code":"{code}"{members}}}"#
    )
}

/// What reading an order makes of the reply.
async fn order(reply: Response) -> Error {
    let (_, address) = Server::start([reply]).await;
    client(address).order(&order_id()).await.unwrap_err()
}

/// What a decision makes of the reply.
async fn decide(reply: Response) -> Error {
    let (_, address) = Server::start([reply]).await;
    let decision = Decision::AgreeReturn { amount: Fen::new(500) };
    client(address).decide(&request_id(), 1, KEY, &decision, None).await.unwrap_err()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_conflict_brings_the_object_as_it_is_now() {
    let current = format!(r#","current":{}"#, example("RefundRequest"));
    let error = decide(answer(409, PROBLEM, problem(409, "state_conflict", &current))).await;
    let refused = error.problem().unwrap();
    assert_eq!(refused.code, ProblemCode::StateConflict);
    assert!(matches!(&refused.current, Some(Current::RefundRequest(request)) if request.id == request_id()));
    assert_eq!((error.outcome(), error.is_transient()), (Outcome::Refused, false));

    let current = format!(r#","current":{}"#, example("Order"));
    let error = decide(answer(412, PROBLEM, problem(412, "version_conflict", &current))).await;
    assert!(matches!(&error.problem().unwrap().current, Some(Current::Order(order)) if order.version == 7));
}

#[tokio::test]
async fn every_problem_of_the_contract_reads() {
    for text in crate::wire::examples::of("Problem") {
        let status: serde_json::Value = serde_json::from_str(&text).unwrap();
        let status = u16::try_from(status["status"].as_u64().unwrap()).unwrap();
        let error = decide(answer(status, PROBLEM, text)).await;
        assert_eq!((error.problem().unwrap().status, error.outcome()), (status, Outcome::Refused));
    }
}

#[tokio::test]
async fn each_status_has_its_meaning() {
    let error = order(answer(401, PROBLEM, problem(401, "unauthenticated", ""))).await;
    assert!(error.is_unauthenticated() && !error.is_transient());
    let error = order(answer(410, PROBLEM, problem(410, "cursor_expired", ""))).await;
    assert!(error.is_cursor_expired() && !error.is_transient());
    let error = order(answer(404, PROBLEM, problem(404, "not_found", ""))).await;
    assert!(error.is_not_found() && !error.is_not_offered());
    let error = decide(answer(404, PROBLEM, problem(404, "not_found", ""))).await;
    assert!(error.is_not_offered());
    let error = decide(answer(422, PROBLEM, problem(422, "on_hold", r#","field":"amount_fen""#))).await;
    assert_eq!((error.code(), error.problem().unwrap().field.as_deref()), ("on_hold", Some("amount_fen")));
    let headers = [PROBLEM[0], ("retry-after", "9")];
    let error = decide(answer(429, &headers, problem(429, "rate_limited", r#","retryable":true"#))).await;
    assert_eq!((error.retry_after(), error.is_transient()), (Some(Duration::from_secs(9)), true));
    let error = decide(answer(409, &headers, problem(409, "idempotency_in_progress", ""))).await;
    assert_eq!((error.outcome(), error.is_transient()), (Outcome::Unknown, true));
}

#[tokio::test]
async fn what_does_not_speak_the_contract_is_no_answer() {
    let html = [("content-type", "text/html"), ("retry-after", "5")];
    let whole = example("RefundRequest");
    let cut = &whole[..whole.len() - 20];
    let replies = [
        answer(200, &html, "<html><form>Room number?</form></html>"),
        answer(200, &[], ""),
        answer(204, &[], ""),
        json(200, cut),
        json(200, format!("{whole}{whole}")),
        json(201, whole.clone()),
        answer(200, PROBLEM, ""),
        answer(502, &html, "<html>Bad Gateway</html>"),
        answer(401, &html, "<html>Sign in</html>"),
        answer(410, &html, "<html>Gone</html>"),
        json(503, r#"{"code":"busy","message":"try later"}"#),
    ];
    for reply in replies {
        let status = reply.status();
        let error = decide(reply).await;
        assert_eq!((error.code(), error.outcome()), ("console:not_json", Outcome::Unknown), "{status}");
        assert!(
            error.is_transient() && !error.is_unauthenticated() && !error.is_cursor_expired(),
            "{status}"
        );
        assert!(error.problem().is_none(), "{status}");
    }
    let error = decide(answer(502, &html, "<html>")).await;
    assert_eq!(error.retry_after(), Some(Duration::from_secs(5)));
}

#[tokio::test]
async fn json_that_is_not_the_object_leaves_a_write_open() {
    let float = example("RefundRequest").replace(r#""max_fen":500"#, r#""max_fen":500.0"#);
    let error = decide(json(200, float)).await;
    assert!(matches!(&error, Error::Invalid(invalid) if invalid.member == "max_fen"), "{error}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    let broken = example("RefundRequest").replace("包装破了", "\\udc00 138");
    let error = decide(json(200, broken)).await;
    assert!(matches!(&error, Error::Invalid(invalid) if invalid.member == "reason_text"), "{error}");
    let other = example("RefundRequest").replace(r#""id":"r1""#, r#""id":"r2""#);
    assert_eq!(decide(json(200, other)).await.code(), "console:invalid_object");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let (elsewhere, other) = Server::start([]).await;
        let location = format!("http://{other}/merchant/v1/orders/1");
        let error = order(answer(status, &[("location", &location)], "")).await;
        assert_eq!((error.code(), error.is_transient()), ("console:redirected", true));
        assert!(elsewhere.seen.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_cookie_is_not_kept() {
    let headers = [("content-type", "application/json"), ("set-cookie", "a=b; Path=/")];
    let reply = || answer(200, &headers, example("Order"));
    let (server, address) = Server::start([reply(), reply()]).await;
    let client = client(address);
    client.order(&order_id()).await.unwrap();
    client.order(&order_id()).await.unwrap();
    assert_eq!(server.seen.lock().unwrap()[1].header("cookie"), None);
}

#[tokio::test]
async fn a_reply_ends_at_four_mebibytes() {
    let padded = |length: usize| {
        let order = example("Order");
        format!("{}{order}", " ".repeat(length - order.len()))
    };
    let (_, address) = Server::start([json(200, padded(MOST_REPLY_BYTES))]).await;
    assert!(client(address).order(&order_id()).await.is_ok());
    let error = decide(json(200, padded(MOST_REPLY_BYTES + 1))).await;
    assert_eq!((error.code(), error.outcome()), ("console:too_large", Outcome::Unknown));
}

#[tokio::test]
async fn a_gzip_reply_is_read_and_a_gzip_bomb_is_not() {
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let (_, address) = Server::start([answer(200, &headers, gzip(example("Order").as_bytes()))]).await;
    assert_eq!(client(address).order(&order_id()).await.unwrap().version, 7);

    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    assert!(bomb.len() < MOST_REPLY_BYTES / 8, "the bound must not be met by the compressed size");
    assert_eq!(order(answer(200, &headers, bomb)).await.code(), "console:too_large");
    let cut = gzip(example("Order").as_bytes());
    let error = decide(answer(200, &headers, cut[..cut.len() / 2].to_vec())).await;
    assert_eq!((error.outcome(), error.is_transient()), (Outcome::Unknown, true));
}

#[tokio::test]
async fn a_feed_that_does_not_move_on_is_an_error() {
    let stuck = r#"{"items":[],"next_cursor":"5","has_more":true}"#;
    let (_, address) = Server::start([json(200, stuck), json(200, stuck)]).await;
    let client = client(address);
    let at = |cursor: &str| ChangesQuery { cursor: Cursor::new(cursor).ok(), ..ChangesQuery::default() };
    assert!(client.changes(&at("4")).await.is_ok(), "filtered entries");
    let error = client.changes(&at("5")).await.unwrap_err();
    assert!(matches!(error, Error::StuckCursor) && error.is_transient());
}

#[tokio::test]
async fn a_clock_that_is_off_is_noticed_at_an_answer_of_the_contract() {
    let off = [("content-type", "application/json"), ("date", "Sun, 01 Jun 2025 02:20:30 GMT")];
    let login_page = answer(200, &off, "<html>");
    let answers = [login_page, answer(200, &off, example("Order")), json(200, example("Order"))];
    let (_, address) = Server::start(answers).await;
    let client = client(address);
    assert!(client.order(&order_id()).await.is_err());
    assert_eq!(client.last_skew(), None);
    client.order(&order_id()).await.unwrap();
    assert!(client.last_skew().unwrap().as_hours() < -24);
    client.order(&order_id()).await.unwrap();
    assert_eq!(client.last_skew(), None, "the server's own Date is right");
}

#[tokio::test]
async fn no_server_means_that_nothing_was_sent() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = client(address).order(&order_id()).await.unwrap_err();
    assert_eq!((error.code(), error.outcome()), ("console:unreachable", Outcome::NotSent));
    let shown = format!("{error:?}");
    assert!(error.is_transient() && !shown.contains("20250601001") && !shown.contains(TOKEN), "{shown}");
}

#[tokio::test]
async fn a_broken_connection_leaves_a_write_open() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let replies = ["", "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"id\":\"r1\""];
    tokio::spawn(async move {
        for reply in replies {
            let (mut socket, _) = listener.accept().await.unwrap();
            read_request(&mut socket).await;
            socket.write_all(reply.as_bytes()).await.unwrap();
        }
    });
    let client = client(address);
    for reply in replies {
        let decision = Decision::AgreeReturn { amount: Fen::new(500) };
        let error = client.decide(&request_id(), 1, KEY, &decision, None).await.unwrap_err();
        assert_eq!((error.code(), error.outcome()), ("console:interrupted", Outcome::Unknown), "{reply}");
    }
}

#[tokio::test]
async fn a_silent_server_is_given_up_after_the_deadline_and_its_wait() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let client = client(listener.local_addr().unwrap());
    let poll =
        tokio::spawn(
            async move { client.changes(&ChangesQuery { wait_s: 25, ..ChangesQuery::default() }).await },
        );
    let (mut socket, _) = listener.accept().await.unwrap();
    read_request(&mut socket).await;
    // From here on nothing but the client's own timers can end the call.
    let sent = tokio::time::Instant::now();
    tokio::time::pause();
    let error = poll.await.unwrap().unwrap_err();
    assert_eq!((error.code(), error.outcome()), ("console:timeout", Outcome::Unknown));
    let elapsed = sent.elapsed();
    assert!((Duration::from_secs(60)..Duration::from_secs(70)).contains(&elapsed), "{elapsed:?}");
}
