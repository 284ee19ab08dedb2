//! Device nodes, as `/dev/usb/lp0` of Linux's `usblp` driver.
//!
//! The node is opened without blocking: a blocking write never returns while the paper is out. The driver then takes
//! up to 8192 bytes at once and sends them behind our back, and closing the node cancels them. So after the last byte
//! the node is kept until it says that it can be written to again, which means that nothing is under way.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;

use super::Cause;
use super::drive::Link;
use crate::status::{Condition, Heard, port_status};

/// How long the driver takes to notice that a device is gone whose transfers fail already.
const UNPLUG_NOTICED: Duration = Duration::from_secs(1);

/// Bytes written at a time. The driver tells nothing of a transfer before all of it is through, and a slow printer
/// takes seconds for a few thousand bytes.
const WRITTEN_AT_ONCE: usize = 1024;

pub(super) struct NodeLink {
    file: File,
    heard: Heard,
}

impl NodeLink {
    pub(super) fn open(path: &Path) -> Result<NodeLink, Cause> {
        let kind = std::fs::metadata(path).map_err(opening)?.file_type();
        if !kind.is_char_device() && !kind.is_fifo() {
            let source = io::Error::new(io::ErrorKind::InvalidInput, "this is not a device");
            return Err(Cause::NotFound { source: Some(source) });
        }
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let open = |read| {
            let mut options = OpenOptions::new();
            options.read(read).write(true).custom_flags(flags.bits().cast_signed()).open(path)
        };
        // Reading is for what the printer says; some nodes can only be written to.
        let file = if kind.is_char_device() { open(true).or_else(|_| open(false)) } else { open(false) };
        Ok(NodeLink { file: file.map_err(opening)?, heard: Heard::default() })
    }

    /// Whether the node takes bytes, or comes to within `wait`.
    fn is_writable(&self, wait: Duration) -> Result<bool, Cause> {
        let events = self.poll(PollFlags::OUT, wait).map_err(writing)?;
        if events.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            return Err(writing(Errno::NODEV.into()));
        }
        Ok(events.contains(PollFlags::OUT))
    }

    fn poll(&self, events: PollFlags, wait: Duration) -> io::Result<PollFlags> {
        let timeout = Timespec::try_from(wait).map_err(|_| io::ErrorKind::InvalidInput)?;
        let mut polled = [PollFd::new(&self.file, events)];
        match poll(&mut polled, Some(&timeout)) {
            Ok(_) => Ok(polled[0].revents()),
            Err(Errno::INTR) => Ok(PollFlags::empty()),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes in what the printer sent; nothing where nothing has come, or can.
    fn listen(&mut self) {
        let mut buffer = [0; 64];
        // A node that never runs dry is no printer, and must not keep us here.
        for _ in 0..16 {
            let Ok(count @ 1..) = self.file.read(&mut buffer) else { break };
            self.heard.push(buffer.get(..count).unwrap_or_default());
        }
    }
}

impl Link for NodeLink {
    fn offer(&mut self, bytes: &[u8], wait: Duration) -> Result<usize, Cause> {
        if !self.is_writable(wait)? {
            return Ok(0);
        }
        let bytes = bytes.get(..WRITTEN_AT_ONCE).unwrap_or(bytes);
        match self.file.write(bytes) {
            Ok(taken) => Ok(taken),
            Err(error) if is_wait(&error) => Ok(0),
            Err(error) => Err(writing(error)),
        }
    }

    fn settle(&mut self, wait: Duration) -> Result<bool, Cause> {
        if !self.is_writable(wait)? {
            return Ok(false);
        }
        // The driver does not tell of a last transfer that failed. If the printer does not answer either, its cable
        // was pulled and the driver is about to say so.
        if port_status_byte(&self.file).is_err_and(|error| error.kind() != io::ErrorKind::Unsupported) {
            self.poll(PollFlags::empty(), UNPLUG_NOTICED).map_err(writing)?;
            self.is_writable(Duration::ZERO)?;
        }
        Ok(true)
    }

    fn condition(&mut self) -> Option<Condition> {
        let of_the_class = port_status_byte(&self.file).ok().and_then(port_status);
        self.listen();
        self.heard.condition_beside(of_the_class)
    }

    fn ask(&mut self, question: &[u8], wait: Duration) -> Vec<u8> {
        self.listen();
        self.heard.take();
        let is_asked = self.offer(question, wait).is_ok_and(|taken| taken == question.len());
        if is_asked && self.poll(PollFlags::IN, wait).is_ok_and(|events| events.contains(PollFlags::IN)) {
            self.listen();
        }
        self.heard.take()
    }
}

/// The USB class's status byte, through the kernel's driver. `Unsupported` for a node that is no printer of it.
#[cfg(target_os = "linux")]
fn port_status_byte(file: &File) -> io::Result<u8> {
    use rustix::ioctl::{Getter, ioctl};

    /// `LPGETSTATUS` of `linux/lp.h`: writes the status into an `int`.
    const LPGETSTATUS: rustix::ioctl::Opcode = 0x060B;

    #[expect(
        unsafe_code,
        reason = "no safe crate has this request, and only it tells missing paper from a dead printer"
    )]
    // SAFETY: lp and usblp write one `int` to where the argument points, which `Getter` provides; any other driver
    // refuses a number that is not its own.
    let answer = unsafe { ioctl(file, Getter::<LPGETSTATUS, i32>::new()) };
    match answer {
        Ok(status) => Ok(status.to_le_bytes()[0]),
        Err(Errno::NOTTY | Errno::INVAL) => Err(io::ErrorKind::Unsupported.into()),
        Err(error) => Err(error.into()),
    }
}

/// Other systems have no such request.
#[cfg(not(target_os = "linux"))]
fn port_status_byte(_file: &File) -> io::Result<u8> {
    Err(io::ErrorKind::Unsupported.into())
}

fn opening(error: io::Error) -> Cause {
    match Errno::from_io_error(&error) {
        // A node whose device is gone, or a pipe that nobody reads.
        Some(Errno::NODEV | Errno::NXIO) => Cause::NotFound { source: Some(error) },
        _ => Cause::opening(error),
    }
}

fn writing(source: io::Error) -> Cause {
    match Errno::from_io_error(&source) {
        Some(Errno::NODEV | Errno::NXIO | Errno::PIPE) => Cause::Unplugged { source },
        _ => Cause::Write { source },
    }
}

fn is_wait(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::sync::mpsc;

    use super::*;
    use crate::target::Target;
    use crate::transport::{Deadlines, SendOptions, Sent, send};

    /// A pipe with a name, which behaves as a device node does: it takes what fits and then waits.
    fn pipe() -> (tempfile::TempDir, Target) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lp0");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        (folder, Target::Device(path))
    }

    fn path(target: &Target) -> std::path::PathBuf {
        let Target::Device(path) = target else { panic!("{target} is no device") };
        path.clone()
    }

    fn send_to(target: &Target, bytes: &[u8]) -> Result<Sent, (&'static str, u64)> {
        let progress = Duration::from_millis(300);
        let deadlines = Deadlines { progress, ..Deadlines::default() };
        let options = SendOptions { deadlines, ..SendOptions::default() };
        send(target, bytes, &options).map_err(|error| (error.cause().as_str(), error.bytes_sent()))
    }

    /// Opens the other end without waiting for ours, so that no test depends on who comes first.
    fn other_end(target: &Target) -> File {
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path(target)).unwrap()
    }

    #[test]
    fn a_node_gets_exactly_the_ticket() {
        let (_folder, target) = pipe();
        let mut printer = other_end(&target);
        let ticket = vec![b'x'; 300_000];
        let (done, finished) = mpsc::channel();
        let reading = std::thread::spawn(move || {
            let (mut heard, mut closed) = (0, false);
            let mut buffer = [0; 4096];
            loop {
                // In this order: what is read as the end after the node was closed is the end.
                closed |= finished.try_recv() != Err(mpsc::TryRecvError::Empty);
                match printer.read(&mut buffer) {
                    Ok(0) if closed => break,
                    Ok(count) => heard += count,
                    Err(_) => std::thread::yield_now(),
                }
            }
            heard
        });
        assert_eq!(send_to(&target, &ticket), Ok(Sent { bytes: 300_000, trouble: None }));
        done.send(()).unwrap();
        assert_eq!(reading.join().unwrap(), 300_000);
    }

    #[test]
    fn a_node_that_takes_nothing_more_leaves_a_doubt() {
        let (_folder, target) = pipe();
        let _printer = other_end(&target);
        let (cause, sent) = send_to(&target, &vec![b'x'; 1 << 20]).unwrap_err();
        assert_eq!(cause, "timeout");
        assert!(sent > 0 && sent < 1 << 20);
    }

    #[test]
    fn a_node_without_a_printer_is_not_found() {
        let (folder, target) = pipe();
        assert_eq!(send_to(&target, b"ticket"), Err(("not_found", 0)), "nobody has the other end");
        let missing = Target::Device(folder.path().join("lp1"));
        assert_eq!(send_to(&missing, b"ticket"), Err(("not_found", 0)));
        assert_eq!(send_to(&Target::Device(folder.path().into()), b"ticket"), Err(("not_found", 0)));
    }
}
