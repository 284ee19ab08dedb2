use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A line to a server of this machine that can be cut, as the shop's network is.
pub struct Line {
    port: u16,
    server: u16,
    /// Who talks over it; `None` while it is cut.
    talking: Arc<Mutex<Option<Vec<TcpStream>>>>,
}

impl Line {
    /// A line to this port.
    pub fn to(server: u16) -> Line {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("a bound port").port();
        let line = Line { port, server, talking: Arc::default() };
        line.carry(listener);
        line
    }

    /// Its near end.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whoever was talking is cut off, and nobody gets through any more.
    pub fn cut(&self) {
        let talking = self.talking.lock().expect("nobody panics with it").take();
        talking.unwrap_or_default().iter().for_each(hang_up);
        // The one that is let in no more ends the listening.
        while TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
            thread::yield_now();
        }
    }

    /// It works again.
    pub fn mend(&self) {
        self.carry(TcpListener::bind(("127.0.0.1", self.port)).expect("the port is still ours"));
    }

    fn carry(&self, listener: TcpListener) {
        *self.talking.lock().expect("nobody panics with it") = Some(Vec::new());
        let (server, talking) = (self.server, Arc::clone(&self.talking));
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let mut talking = talking.lock().expect("nobody panics with it");
                let Some(talking) = talking.as_mut() else { return };
                if let Ok(far) = TcpStream::connect(("127.0.0.1", server)) {
                    join(&near, &far);
                    talking.extend([near, far]);
                }
            }
        });
    }
}

fn join(near: &TcpStream, far: &TcpStream) {
    for (from, to) in [(near, far), (far, near)] {
        let (mut from, mut to) = (twice(from), twice(to));
        thread::spawn(move || {
            // How it ends does not matter: the other way is to end with it.
            let _ = io::copy(&mut from, &mut to);
            hang_up(&from);
            hang_up(&to);
        });
    }
}

fn twice(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("one socket twice")
}

fn hang_up(stream: &TcpStream) {
    // Whoever has hung up already is fine.
    let _ = stream.shutdown(Shutdown::Both);
}
