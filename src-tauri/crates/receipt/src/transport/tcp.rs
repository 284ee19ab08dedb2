//! Printers on the network: raw bytes over TCP, most on port 9100.
//!
//! Such a printer serves one connection at a time, so there is one for each job and none to look whether it is there.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::drive::Link;
use super::{Cause, SendOptions};
use crate::status::{Condition, Heard};

/// After the last byte a printer that says nothing for so long is done. Dropping the connection earlier, with its
/// answers unread, resets it, and the printer may forget what it has not printed.
const SILENCE: Duration = Duration::from_secs(1);
/// The same for one that never stops talking.
const TALK: Duration = Duration::from_secs(5);

pub(super) struct TcpLink {
    stream: TcpStream,
    heard: Heard,
    /// Since when the job is over, and when the last byte came back.
    closing: Option<(Instant, Instant)>,
}

impl TcpLink {
    pub(super) fn open(host: &str, port: u16, options: &SendOptions<'_>) -> Result<TcpLink, Cause> {
        let deadline = Instant::now() + options.deadlines.connect;
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in resolve(host, port, deadline).map_err(|source| Cause::Connect { source })? {
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            match TcpStream::connect_timeout(&address, left) {
                Ok(stream) => {
                    stream.set_nodelay(true).map_err(|source| Cause::Connect { source })?;
                    return Ok(TcpLink { stream, heard: Heard::default(), closing: None });
                }
                Err(error) => last = error,
            }
        }
        Err(Cause::Connect { source: last })
    }

    /// Reads once. The number of bytes, 0 at the end, `None` if nothing came in `wait`.
    fn read(&mut self, wait: Duration) -> io::Result<Option<usize>> {
        let mut buffer = [0; 256];
        self.stream.set_read_timeout(Some(wait))?;
        match self.stream.read(&mut buffer) {
            Ok(count) => {
                self.heard.push(buffer.get(..count).unwrap_or_default());
                Ok(Some(count))
            }
            Err(error) if is_wait(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Link for TcpLink {
    fn offer(&mut self, bytes: &[u8], wait: Duration) -> Result<usize, Cause> {
        let written = self.stream.set_write_timeout(Some(wait)).and_then(|()| self.stream.write(bytes));
        match written {
            Ok(0) => Err(Cause::Write { source: io::ErrorKind::WriteZero.into() }),
            Ok(taken) => Ok(taken),
            Err(error) if is_wait(&error) => Ok(0),
            Err(source) => Err(Cause::Write { source }),
        }
    }

    fn settle(&mut self, wait: Duration) -> Result<bool, Cause> {
        let now = Instant::now();
        let (since, last_heard) = match self.closing {
            Some(closing) => closing,
            None => {
                self.stream.shutdown(Shutdown::Write).map_err(|source| Cause::Write { source })?;
                (now, now)
            }
        };
        match self.read(wait) {
            Ok(Some(0)) => return Ok(true),
            Ok(Some(_)) => self.closing = Some((since, Instant::now())),
            Ok(None) => self.closing = Some((since, last_heard)),
            // The other end threw the connection away with bytes of ours in it: nobody knows which were printed.
            Err(source) => return Err(Cause::Write { source }),
        }
        Ok(last_heard.elapsed() >= SILENCE || since.elapsed() >= TALK)
    }

    /// Only what the printer sends by itself: a question would wait behind the bytes that it does not take.
    fn condition(&mut self) -> Option<Condition> {
        let waiting = Duration::from_millis(1);
        // Errors show again at the next write or at the end.
        while matches!(self.read(waiting), Ok(Some(1..))) {}
        self.heard.condition()
    }

    fn ask(&mut self, question: &[u8], wait: Duration) -> Vec<u8> {
        let deadline = Instant::now() + wait;
        let asked = self.stream.set_write_timeout(Some(wait)).and_then(|()| self.stream.write_all(question));
        if asked.is_ok() {
            self.heard.take();
            while self.heard.is_empty() && Instant::now() < deadline {
                match self
                    .read(deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1)))
                {
                    Ok(Some(1..)) => {}
                    Ok(Some(0) | None) | Err(_) => break,
                }
            }
        }
        self.heard.take()
    }
}

/// The addresses of a name, looked up on a thread of its own: the system's resolver takes as long as it likes, and
/// cannot be told otherwise.
fn resolve(host: &str, port: u16, deadline: Instant) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (sender, receiver) = mpsc::channel();
    let host = host.to_owned();
    std::thread::Builder::new().name("printer-name".to_owned()).spawn(move || {
        let addresses = (host.as_str(), port).to_socket_addrs().map(Iterator::collect);
        // Nobody listens any more after the deadline, which is all right.
        let _ = sender.send(addresses);
    })?;
    receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())).unwrap_or_else(|_| {
        Err(io::Error::new(io::ErrorKind::TimedOut, "the name could not be looked up in time"))
    })
}

fn is_wait(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

#[cfg(test)]
#[path = "tcp_tests.rs"]
mod tests;
