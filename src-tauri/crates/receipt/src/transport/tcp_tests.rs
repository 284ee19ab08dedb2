use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::target::Target;
use crate::transport::{Deadlines, Progress, Questions, SendError, SendOptions, Sent, Trouble, send};

/// More than the buffers of both ends take in.
const LONG: usize = 64 << 20;

/// A printer on this PC that treats its one connection as it is told.
fn printer<T: Send + 'static>(act: impl FnOnce(TcpStream) -> T + Send + 'static) -> (Target, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = std::thread::spawn(move || act(listener.accept().unwrap().0));
    (Target::Tcp { host: "127.0.0.1".to_owned(), port }, served)
}

fn impatient() -> SendOptions<'static> {
    let connect = Duration::from_secs(3);
    let deadlines =
        Deadlines { connect, progress: Duration::from_millis(600), total: Duration::from_secs(3) };
    SendOptions { deadlines, ..SendOptions::default() }
}

fn word(outcome: Result<Sent, SendError>) -> (&'static str, u64) {
    let error = outcome.unwrap_err();
    (error.cause().as_str(), error.bytes_sent())
}

fn read_all(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_printer_gets_exactly_the_ticket() {
    let ticket: Vec<u8> = (0..20_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    let (target, served) = printer(read_all);
    let sent = send(&target, &ticket, &SendOptions::default()).unwrap();
    assert_eq!(sent, Sent { bytes: ticket.len(), trouble: None });
    assert_eq!(served.join().unwrap(), ticket);
}

#[test]
fn a_printer_that_never_answers_and_never_closes_has_the_ticket() {
    let (done, wait) = mpsc::channel::<()>();
    let (target, served) = printer(move |mut stream| {
        let mut bytes = [0; 6];
        stream.read_exact(&mut bytes).unwrap();
        let _ = wait.recv();
        bytes
    });
    assert_eq!(send(&target, b"ticket", &SendOptions::default()).unwrap().bytes, 6);
    drop(done);
    assert_eq!(&served.join().unwrap(), b"ticket");
}

#[test]
fn a_printer_that_stops_reading_is_given_up_in_doubt() {
    let (done, wait) = mpsc::channel::<()>();
    let (target, served) = printer(move |stream| {
        let _ = wait.recv();
        drop(stream);
    });
    let (cause, sent) = word(send(&target, &vec![b'x'; LONG], &impatient()));
    assert_eq!(cause, "timeout");
    assert!(sent > 0, "some of it is in the buffers, so it must not be sent again");
    drop(done);
    served.join().unwrap();
}

#[test]
fn a_printer_that_closes_in_the_middle_leaves_a_doubt() {
    let (target, served) = printer(|mut stream| {
        stream.read_exact(&mut [0; 1_000]).unwrap();
    });
    let (cause, sent) = word(send(&target, &vec![b'x'; LONG], &SendOptions::default()));
    assert_eq!(cause, "write");
    assert!(sent >= 1_000, "{sent}");
    served.join().unwrap();
}

#[test]
fn a_ticket_thrown_away_after_the_last_byte_is_not_called_sent() {
    let (reached, wait) = mpsc::channel::<()>();
    let (target, served) = printer(move |mut stream| {
        stream.read_exact(&mut [0; 1]).unwrap();
        // Everything has arrived and is unread when the connection is dropped.
        let _ = wait.recv_timeout(Duration::from_millis(300));
    });
    let (cause, sent) = word(send(&target, &[b'x'; 2_000], &SendOptions::default()));
    assert_eq!((cause, sent), ("write", 2_000));
    drop(reached);
    served.join().unwrap();
}

#[test]
fn nobody_there_is_safe_to_retry() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let target = Target::Tcp { host: "127.0.0.1".to_owned(), port };
    assert_eq!(word(send(&target, b"ticket", &SendOptions::default())), ("connect", 0));
    let nowhere = Target::Tcp { host: "no-such-printer.invalid".to_owned(), port: 9100 };
    let started = Instant::now();
    assert_eq!(word(send(&nowhere, b"ticket", &SendOptions::default())), ("connect", 0));
    assert!(started.elapsed() < Duration::from_secs(6));
}

#[test]
fn a_printer_without_paper_is_waited_for_and_goes_on() {
    let (target, served) = printer(|mut stream| {
        stream.read_exact(&mut [0; 1_000]).unwrap();
        stream.write_all(b"\x18\x00\x0c\x00").unwrap();
        // Longer than a printer is borne that says nothing.
        std::thread::sleep(Duration::from_millis(1_500));
        stream.write_all(b"\x10\x00\x00\x00").unwrap();
        1_000 + read_all(stream).len()
    });
    let heard = RefCell::new(Vec::new());
    let observer = |progress| heard.borrow_mut().push(progress);
    // So much data may take a busy PC longer than the others of these tests bear.
    let deadlines = Deadlines {
        progress: Duration::from_millis(1_200),
        total: Duration::from_secs(60),
        ..impatient().deadlines
    };
    let options = SendOptions { deadlines, observer: Some(&observer), ..impatient() };
    assert_eq!(send(&target, &vec![b'x'; LONG], &options).unwrap().bytes, LONG);
    assert_eq!(served.join().unwrap(), LONG);
    assert!(heard.borrow().contains(&Progress::Waiting(Trouble::PaperOut)));
    assert_eq!(heard.borrow().last(), Some(&Progress::Sent { bytes: LONG }));
}

#[test]
fn waiting_for_paper_has_an_end() {
    let (done, wait) = mpsc::channel::<()>();
    let (target, served) = printer(move |mut stream| {
        stream.write_all(b"\x18\x00\x0c\x00").unwrap();
        let _ = wait.recv();
    });
    let (cause, sent) = word(send(&target, &vec![b'x'; LONG], &impatient()));
    assert_eq!(cause, "paper_out");
    // The status may arrive before the first byte, when the job is given up without a trace, or after it.
    assert!(sent < LONG as u64);
    drop(done);
    served.join().unwrap();
}

#[test]
fn a_printer_that_answers_no_paper_gets_nothing() {
    let (target, served) = printer(|mut stream| {
        let mut heard = Vec::new();
        let mut question = [0; 3];
        while stream.read_exact(&mut question).is_ok() {
            heard.extend(question);
            stream.write_all(if question[2] == 2 { b"\x32" } else { b"\x7e" }).unwrap();
        }
        heard
    });
    let options = SendOptions { questions: Questions::BeforeTheJob, ..impatient() };
    assert_eq!(word(send(&target, b"ticket", &options)), ("paper_out", 0));
    let heard = served.join().unwrap();
    assert!(!heard.is_empty() && heard.chunks(3).all(|question| question == b"\x10\x04\x02"), "{heard:02x?}");
}

#[test]
fn a_printer_that_does_not_answer_a_question_gets_the_ticket() {
    let (target, served) = printer(read_all);
    let options = SendOptions { questions: Questions::BeforeTheJob, ..SendOptions::default() };
    assert_eq!(send(&target, b"ticket", &options).unwrap().bytes, 6);
    assert_eq!(served.join().unwrap(), b"\x10\x04\x02\x10\x04\x04ticket");
}

#[test]
fn a_job_can_be_cancelled() {
    let cancel = AtomicBool::new(true);
    let (target, served) = printer(read_all);
    let options = SendOptions { cancel: Some(&cancel), ..SendOptions::default() };
    assert_eq!(word(send(&target, b"ticket", &options)), ("cancelled", 0));
    assert!(served.join().unwrap().is_empty());
}
