use std::collections::HashSet;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::program::built;
use crate::until;

/// `tauri-driver`, with all that it starts: the system's WebDriver, the program, and the page's own processes. They are
/// one process group under a shell that ends them all when its input ends: when this is dropped, and also when somebody
/// kills the test.
pub(super) struct Driver {
    guard: Child,
    group: Pid,
    port: u16,
}

/// What the shell does; `$0` and so on are the driver's command. It ignores its own signal only after the driver was
/// started, which would inherit that.
const GUARD: &str = r#""$0" "$@" </dev/null & trap '' TERM; cat; kill -TERM 0; sleep 3; kill -KILL 0"#;

/// How long the window may take to go by itself.
const LEAVE: Duration = Duration::from_secs(5);

impl Driver {
    /// Starts it with what this environment has, beside the given variables.
    pub(super) fn start(environment: &[(&str, PathBuf)], log: &Path) -> Driver {
        let (port, native) = (free_port(), free_port());
        let output = fs::File::create(log).expect("a file for the driver's output");
        let mut command = Command::new("/bin/sh");
        command.args(["-c", GUARD]).arg(tauri_driver());
        command.args(["--port", &port.to_string(), "--native-port", &native.to_string()]);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        // Either makes pictures hang on some pages.
        command.env_remove("WEBKIT_DISABLE_DMABUF_RENDERER").env_remove("WEBKIT_DISABLE_COMPOSITING_MODE");
        command.env_remove("WAYLAND_DISPLAY");
        command.stdin(Stdio::piped()).stdout(output.try_clone().expect("one file twice")).stderr(output);
        let guard = command.process_group(0).spawn().expect("a shell starts");
        let driver = Driver { group: Pid::from_child(&guard), guard, port };
        until("the WebDriver listens; `cargo xtask test` installs what it needs", || {
            [port, native].iter().all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok()).then_some(())
        });
        driver
    }

    /// Where it listens.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The process of a program that it started.
    pub(super) fn process(&self, program: &str) -> Option<u32> {
        members(self.group).into_iter().find(|member| member.name == program).map(|member| member.id)
    }

    /// Waits until the program has gone by itself.
    pub(super) fn gone(&self, program: &str) -> bool {
        let began = Instant::now();
        while self.process(program).is_some() {
            if began.elapsed() > LEAVE {
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        true
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let began = Instant::now();
        while members(self.group).iter().any(|member| member.id != self.guard.id()) && began.elapsed() < LEAVE
        {
            std::thread::sleep(Duration::from_millis(5));
        }
        // Only the guard is left, and whoever did not listen to it.
        let _ = kill_process_group(self.group, Signal::KILL);
        let _ = self.guard.wait();
    }
}

struct Member {
    id: u32,
    name: String,
}

/// The living processes of a group.
fn members(group: Pid) -> Vec<Member> {
    let processes = fs::read_dir("/proc").expect("processes are listed").flatten();
    processes
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            // `proc_pid_stat(5)`: id (name) state parent group …, where a name may hold spaces and brackets.
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let (before, after) = stat.rsplit_once(") ")?;
            let mut fields = after.split(' ');
            let (state, _parent, own_group) = (fields.next()?, fields.next()?, fields.next()?);
            let alive = !matches!(state, "Z" | "X");
            let name = before.split_once('(')?.1.to_owned();
            (alive && own_group == group.to_string()).then_some(Member { id, name })
        })
        .collect()
}

/// Where `cargo xtask test` puts it, else whatever there is.
fn tauri_driver() -> PathBuf {
    let target = built().parent().unwrap_or(Path::new("target"));
    let installed = target.join("tools/bin/tauri-driver");
    if installed.exists() { installed } else { "tauri-driver".into() }
}

/// A port that nobody listens on, given out once.
fn free_port() -> u16 {
    static GIVEN: LazyLock<Mutex<HashSet<u16>>> = LazyLock::new(Mutex::default);
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("a bound port").port();
        if GIVEN.lock().expect("nobody panics with it").insert(port) {
            return port;
        }
    }
}
