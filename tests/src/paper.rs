use std::io::Read;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

/// A network printer that takes everything and remembers it.
pub struct PaperTape {
    port: u16,
    slips: Arc<Mutex<Vec<Slip>>>,
}

/// What one connection printed.
#[derive(Debug, Clone)]
pub struct Slip {
    /// When its first byte came.
    pub first_byte: SystemTime,
    /// Its bytes so far.
    pub bytes: Vec<u8>,
    /// Whether the connection has ended.
    pub complete: bool,
}

impl PaperTape {
    /// A printer on a free port of this machine.
    pub fn start() -> PaperTape {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("a bound port").port();
        let slips: Arc<Mutex<Vec<Slip>>> = Arc::default();
        let written = Arc::clone(&slips);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let slips = Arc::clone(&written);
                std::thread::spawn(move || print(stream, &slips));
            }
        });
        PaperTape { port, slips }
    }

    /// What to give to `--to`.
    pub fn target(&self) -> String {
        format!("tcp:127.0.0.1:{}", self.port)
    }

    /// Everything that was printed so far.
    pub fn slips(&self) -> Vec<Slip> {
        self.slips.lock().expect("nobody panics with it").clone()
    }

    /// Complete slips that hold this text (ASCII, as numbers are).
    pub fn with(&self, text: &str) -> Vec<Slip> {
        self.slips()
            .into_iter()
            .filter(|slip| {
                slip.complete && slip.bytes.windows(text.len()).any(|piece| piece == text.as_bytes())
            })
            .collect()
    }
}

fn print(mut stream: std::net::TcpStream, slips: &Mutex<Vec<Slip>>) {
    let mut place = None;
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut piece) {
        let now = SystemTime::now();
        let mut slips = slips.lock().expect("nobody panics with it");
        let index = *place.get_or_insert_with(|| {
            slips.push(Slip { first_byte: now, bytes: Vec::new(), complete: false });
            slips.len() - 1
        });
        slips[index].bytes.extend_from_slice(&piece[..length]);
    }
    if let Some(index) = place {
        slips.lock().expect("nobody panics with it")[index].complete = true;
    }
}
