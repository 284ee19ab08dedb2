//! The paper of a printer that does not exist: a file to which [`Target::Roll`](crate::Target::Roll) adds each ticket,
//! byte by byte as a printer gets them, and out of which [`newest`] reads what it looks like.
//!
//! Tickets do not mix, also when several processes print at once: each is added under a lock on the file, and one that
//! could not be added whole is cut off again.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::paper::Paper;
use crate::reading::{self, Slip};

/// How a job of ours begins: `ESC @`, `FS &`. Four bytes that no text holds, and a picture hardly.
const JOB_BEGIN: [u8; 4] = [0x1B, 0x40, 0x1C, 0x26];

/// How much of the end of a roll is read at first, and at most: some 40 and some 600 tickets.
const FIRST_LOOK: u64 = 64 << 10;
const LAST_LOOK: u64 = 1 << 20;

/// The newest slips of a roll, at most `count`, the newest first. No file is an empty roll.
///
/// Their [`offset`](Slip::offset) is the place in the file, so that it names a slip for as long as the file is only
/// added to. However long the roll is, its last MiB at most is read; a slip that begins before that is not there.
///
/// The paper is the one that is in the printer now: bytes do not say for which width they were laid out.
///
/// # Errors
///
/// What the system says if the file cannot be read.
pub fn newest(path: &Path, paper: Paper, count: usize) -> io::Result<Vec<Slip>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        opened => opened?,
    };
    // A ticket that is being added is there whole or not at all.
    file.lock_shared()?;
    let length = file.metadata()?.len();
    let mut look = FIRST_LOOK;
    loop {
        let begin = length.saturating_sub(look);
        let slips = last_slips(&read_from(&mut file, begin, length)?, begin, paper, count);
        if slips.len() >= count || begin == 0 || look >= LAST_LOOK {
            return Ok(slips);
        }
        look = LAST_LOOK.min(look * 4);
    }
}

/// Why a ticket is not on the roll.
#[derive(Debug)]
pub(crate) struct AppendError {
    pub(crate) source: io::Error,
    /// How many bytes of it may be there nevertheless.
    pub(crate) bytes_left: usize,
}

/// Adds a ticket. Only this user can read the file, because tickets hold names and addresses.
pub(crate) fn append(path: &Path, bytes: &[u8]) -> Result<(), AppendError> {
    let nothing_left = |source| AppendError { source, bytes_left: 0 };
    let (mut file, end) = open_at_end(path).map_err(nothing_left)?;
    file.write_all(bytes).map_err(|source| {
        // Half a ticket would take the beginning of the next one along.
        let bytes_left = if file.set_len(end).is_ok() { 0 } else { bytes.len() };
        AppendError { source, bytes_left }
    })
}

/// The file, locked, and its length. Not opened for appending: Windows cannot lock that.
fn open_at_end(path: &Path) -> io::Result<(File, u64)> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.lock()?;
    let end = file.seek(SeekFrom::End(0))?;
    Ok((file, end))
}

fn read_from(file: &mut File, begin: u64, end: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(begin))?;
    let mut bytes = Vec::new();
    file.take(end - begin).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The last slips of bytes that begin at a place of the file, the last first.
fn last_slips(bytes: &[u8], begin: u64, paper: Paper, count: usize) -> Vec<Slip> {
    // Where the roll was cut off, reading begins with the first whole job.
    let skipped = if begin == 0 {
        Some(0)
    } else {
        bytes.windows(JOB_BEGIN.len()).position(|window| window == JOB_BEGIN)
    };
    let Some((skipped, jobs)) = skipped.and_then(|skipped| Some((skipped, bytes.get(skipped..)?))) else {
        return Vec::new();
    };
    let first = begin.saturating_add(u64::try_from(skipped).unwrap_or(u64::MAX));
    let mut last = VecDeque::new();
    for slip in reading::slips(jobs, paper) {
        if last.len() == count {
            last.pop_back();
        }
        last.push_front(Slip { offset: first.saturating_add(slip.offset), ..slip });
    }
    last.truncate(count);
    last.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Row;

    fn roll() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("纸.bin");
        (folder, path)
    }

    /// A ticket that says its number in its first line and is so many lines long.
    fn ticket(number: usize, lines: usize) -> Vec<u8> {
        let mut bytes = b"\x1b@\x1c&".to_vec();
        bytes.extend(format!("no.{number}\n").bytes());
        bytes.extend("中文 and more\n".repeat(lines).chars().flat_map(|c| match c {
            '中' => vec![0xD6, 0xD0],
            '文' => vec![0xCE, 0xC4],
            ascii => vec![u8::try_from(ascii).unwrap()],
        }));
        bytes.extend(b"\x1bd\x03\x1dVB\x00");
        bytes
    }

    fn number(slip: &Slip) -> usize {
        let Some(Row::Text { spans, .. }) = slip.rows.first() else { panic!("{slip:?}") };
        spans[0].text.strip_prefix("no.").unwrap().parse().unwrap()
    }

    fn numbers(path: &Path, count: usize) -> Vec<usize> {
        newest(path, Paper::mm80(), count).unwrap().iter().map(number).collect()
    }

    #[test]
    fn the_newest_ticket_comes_first() {
        let (_folder, path) = roll();
        assert_eq!(numbers(&path, 9), [0_usize; 0], "no file is an empty roll");
        for number in 0..4 {
            append(&path, &ticket(number, 3)).unwrap();
        }
        assert_eq!(numbers(&path, 9), [3, 2, 1, 0]);
        assert_eq!(numbers(&path, 2), [3, 2]);
        assert_eq!(numbers(&path, 0), [0_usize; 0]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_slip_keeps_its_offset() {
        let (_folder, path) = roll();
        let length = ticket(10, 3_000).len() as u64;
        for number in 10..70 {
            append(&path, &ticket(number, 3_000)).unwrap();
        }
        for slip in newest(&path, Paper::mm80(), 12).unwrap() {
            assert_eq!(slip.offset, (number(&slip) as u64 - 10) * length);
        }
    }

    #[test]
    fn of_a_long_roll_the_end_is_read_from_the_first_whole_ticket() {
        let (_folder, path) = roll();
        // 3.4 MB: the first look ends within a ticket, and so does the last one.
        for number in 0..85 {
            append(&path, &ticket(number, 2_650)).unwrap();
        }
        assert!(std::fs::metadata(&path).unwrap().len() > 3 * LAST_LOOK);
        assert_eq!(numbers(&path, 1), [84]);
        assert_eq!(numbers(&path, 5), [84, 83, 82, 81, 80]);
        let all = numbers(&path, 1_000);
        assert!((20..30).contains(&all.len()), "{all:?}");
        assert!(all.iter().rev().copied().eq(85 - all.len()..85), "{all:?}");
        // Longer than what is read.
        append(&path, &ticket(99, 100_000)).unwrap();
        assert_eq!(numbers(&path, 5), [0_usize; 0]);
        append(&path, &ticket(100, 1)).unwrap();
        assert_eq!(numbers(&path, 5), [100]);
    }

    #[test]
    fn tickets_of_many_do_not_mix() {
        let (_folder, path) = roll();
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let path = &path;
                scope.spawn(move || {
                    for each in 0..10 {
                        append(path, &ticket(writer * 100 + each, 60)).unwrap();
                        // Whoever reads meanwhile sees whole tickets.
                        for slip in newest(path, Paper::mm80(), 3).unwrap() {
                            assert_eq!(slip.rows.len(), 1 + 60 + 1);
                        }
                    }
                });
            }
        });
        let mut all = numbers(&path, 1_000);
        all.sort_unstable();
        assert!(all.into_iter().eq((0..8).flat_map(|writer| (0..10).map(move |each| writer * 100 + each))));
    }

    #[test]
    fn what_cannot_be_written_left_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let error = append(folder.path(), b"x").unwrap_err();
        assert_eq!(error.bytes_left, 0);
        assert!(append(&folder.path().join("no/paper.bin"), b"x").is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn half_a_ticket_is_cut_off_again() {
        // The device takes no byte and cannot be cut: then everything may be there.
        let error = append(Path::new("/dev/full"), b"x").unwrap_err();
        assert_eq!((error.source.kind(), error.bytes_left), (io::ErrorKind::StorageFull, 1));
    }
}
