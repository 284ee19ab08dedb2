//! Where a scene is played: virtual time, a folder, and consoles that can crash.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::future::Future;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use domain::time::Timestamp;
use domain::{Order, RefundRequest};
use engine::ports::Seat;
use engine::{DeskRow, Engine, Guards, Parts, People, Tickets};
use mirror::{Mirror, OrderRow, PayoutRow};
use rusqlite::Connection;
use tempfile::TempDir;

use super::pins::PlainPins;
use super::things::{order_id, paid_order, payment_of, place, refund_request, request_id, unpaid_order};
use super::{Till, World};

/// A scene that is not over by then never ends. Virtual time.
const LONGEST_SCENE: Duration = Duration::from_secs(60 * 24 * 3_600);

/// The file of a mirror in which nothing stands yet: made once, because a scene opens several.
#[derive(Debug, Clone)]
pub struct Blank(Arc<Vec<u8>>);

impl Blank {
    /// As the program makes it.
    pub fn new() -> Blank {
        static BLANK: LazyLock<Blank> = LazyLock::new(|| Blank::altered(""));
        BLANK.clone()
    }

    /// As the program makes it, and then changed by this SQL: without one of its guards, for example.
    pub fn altered(sql: &str) -> Blank {
        let folder = folder();
        let file = folder.path().join("blank.db");
        drop(Mirror::open_without_threads(&file).unwrap());
        let changed = Connection::open(&file).unwrap();
        changed.execute_batch(sql).unwrap();
        // The last connection takes the log into the file.
        drop(changed);
        Blank(Arc::new(fs::read(&file).unwrap()))
    }
}

impl Default for Blank {
    fn default() -> Blank {
        Blank::new()
    }
}

/// Plays a scene in virtual time: it moves on only when nobody has anything to do.
pub fn play<T>(scene: impl AsyncFnOnce(Shop) -> T) -> T {
    play_on(Blank::new(), scene)
}

/// The same, on mirrors that begin as this one.
pub fn play_on<T>(blank: Blank, scene: impl AsyncFnOnce(Shop) -> T) -> T {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let shop = Shop::new(blank);
        tokio::time::timeout(LONGEST_SCENE, scene(shop)).await.unwrap()
    })
}

/// Runs `work` until it ends, or until `crash`, which drops it: `None`.
pub async fn until<T>(work: impl Future<Output = T>, crash: impl Future<Output = ()>) -> Option<T> {
    tokio::select! {
        biased;
        () = crash => None,
        done = work => Some(done),
    }
}

/// One shop: its world, and a folder in which every terminal keeps its mirror over crashes.
pub struct Shop {
    /// Everything outside of it.
    pub world: Arc<World>,
    /// What its consoles print.
    pub tickets: Tickets,
    /// The last instant of the certificate that its refunds go out with.
    pub certificate_until: Option<Timestamp>,
    /// The engine's guards that stand in its consoles.
    pub guards: Guards,
    blank: Blank,
    folder: TempDir,
    chairs: RefCell<BTreeMap<String, Arc<Chair>>>,
    /// How often a terminal's mirror became another one: what is left of an old console keeps the old file.
    editions: RefCell<BTreeMap<String, u32>>,
    free: Free,
    backups: Cell<u32>,
}

/// Open mirrors that no console has, by their files.
type Free = Rc<RefCell<BTreeMap<PathBuf, Vec<Mirror>>>>;

/// Who drives the refunds of one folder: the number of a console.
#[derive(Default)]
struct Chair {
    consoles: Mutex<u32>,
    holder: Mutex<Option<u32>>,
}

struct Sitter {
    chair: Arc<Chair>,
    me: u32,
    /// What is left of a process that has ended sits down nowhere.
    alive: Arc<AtomicBool>,
}

impl Seat for Sitter {
    fn take(&self) -> bool {
        self.alive.load(Ordering::Relaxed)
            && *self.chair.holder.lock().unwrap().get_or_insert(self.me) == self.me
    }
}

impl Shop {
    fn new(blank: Blank) -> Shop {
        Shop {
            world: Arc::new(World::new()),
            tickets: Tickets::default(),
            certificate_until: None,
            guards: Guards::default(),
            blank,
            folder: folder(),
            chairs: RefCell::default(),
            editions: RefCell::default(),
            free: Free::default(),
            backups: Cell::new(0),
        }
    }

    /// The counter's console, opened on whatever its mirror holds.
    pub fn console(&self) -> Console {
        self.console_of("till-1")
    }

    /// The console of a terminal, opened on whatever its mirror holds.
    pub fn console_of(&self, terminal: &str) -> Console {
        let file = self.file(terminal);
        let mirror = self.mirror(&file);
        let chair = self.chairs.borrow_mut().entry(terminal.to_owned()).or_default().clone();
        let me = {
            let mut consoles = chair.consoles.lock().unwrap();
            *consoles += 1;
            *consoles
        };
        let alive = Arc::new(AtomicBool::new(true));
        let seat = Arc::new(Sitter { chair, me, alive: alive.clone() });
        let place = place(terminal);
        let world = &self.world;
        let till = Arc::new(Till {
            world: world.clone(),
            terminal: place.terminal.clone(),
            file: file.clone(),
            disk: Mutex::default(),
            answered: AtomicBool::default(),
            alive: alive.clone(),
        });
        let pins = Arc::new(PlainPins);
        let people = People::new(mirror.clone(), till.clone(), pins, place.terminal.clone());
        let engine = Engine::new(Parts {
            people,
            mirror,
            source: till.clone(),
            gateway: till.clone(),
            notifier: till.clone(),
            printer: till.clone(),
            clock: till.clone(),
            seat: seat.clone(),
            place,
            certificate_until: self.certificate_until,
            tickets: self.tickets.clone(),
            observer: world.clone(),
            guards: self.guards,
        });
        Console { engine, seat, alive, file, free: Rc::clone(&self.free) }
    }

    /// A mirror of a file that no living console has. It stays open when its console ends, because opening is what takes
    /// longest in a scene; what the console knew beside it is gone all the same.
    fn mirror(&self, file: &Path) -> Mirror {
        let free = self.free.borrow_mut().get_mut(file).and_then(Vec::pop);
        free.unwrap_or_else(|| {
            if !file.exists() {
                fs::write(file, self.blank.0.as_slice()).unwrap();
            }
            Mirror::open_without_threads(file).unwrap()
        })
    }

    /// The terminals that had a console so far.
    pub fn tills(&self) -> Vec<String> {
        self.chairs.borrow().keys().cloned().collect()
    }

    /// Where a terminal keeps its mirror now.
    pub fn file(&self, terminal: &str) -> PathBuf {
        let edition = self.editions.borrow().get(terminal).copied().unwrap_or_default();
        self.folder.path().join(format!("{terminal}.{edition}.db"))
    }

    /// A terminal loses its mirror.
    pub fn lose_mirror(&self, terminal: &str) {
        *self.editions.borrow_mut().entry(terminal.to_owned()).or_default() += 1;
        self.world.forgets(terminal);
    }

    /// Copies a terminal's mirror, as a backup does.
    pub fn back_up(&self, terminal: &str) -> PathBuf {
        self.backups.set(self.backups.get() + 1);
        let backup = self.folder.path().join(format!("backup.{}.db", self.backups.get()));
        copy(&self.file(terminal), &backup);
        backup
    }

    /// Puts a backup in the place of a terminal's mirror.
    pub fn restore(&self, terminal: &str, backup: &Path) {
        self.lose_mirror(terminal);
        fs::copy(backup, self.file(terminal)).unwrap();
    }

    /// A buyer pays for an order: WeChat has the money, and the backend says so.
    pub fn sell(&self, id: &str, total: i64) -> Order {
        let order = paid_order(id, total, self.world.time());
        self.pay_at_wechat(&order);
        self.world.state().backend.put_order(order.clone());
        order
    }

    /// A buyer places an order and does not pay.
    pub fn place(&self, id: &str, total: i64) -> Order {
        let order = unpaid_order(id, total, self.world.time());
        self.world.state().backend.put_order(order.clone());
        order
    }

    /// The money of an order comes in at WeChat.
    pub fn pay_at_wechat(&self, order: &Order) {
        let payment = payment_of(order, self.world.time());
        let number = order.payment.out_trade_no.as_ref().unwrap().to_string();
        self.world.state().wechat.payments.insert(number, payment);
    }

    /// The buyer of an order wants money back.
    pub fn want_back(&self, id: &str, order: &str, amount: i64) {
        let mut state = self.world.state();
        let order = state.backend.orders.get(&order_id(order)).unwrap().clone();
        state.backend.put_request(refund_request(id, &order, amount, self.world.time()));
    }

    /// The backend's request as it is now.
    pub fn request(&self, id: &str) -> RefundRequest {
        self.world.state().backend.requests.get(&request_id(id)).unwrap().clone()
    }
}

/// On Linux in memory: the tests commit some ten thousand times, and a crash of the program loses no page of a file.
fn folder() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap()
}

/// A whole copy of a database, whoever has it open.
fn copy(from: &Path, to: &Path) {
    let from = Connection::open(from).unwrap();
    from.execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
}

/// A console that runs.
pub struct Console {
    engine: Engine,
    seat: Arc<Sitter>,
    alive: Arc<AtomicBool>,
    file: PathBuf,
    free: Free,
}

impl Deref for Console {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        &self.engine
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.alive.store(false, Ordering::Relaxed);
        let mut holder = self.seat.chair.holder.lock().unwrap();
        if *holder == Some(self.seat.me) {
            *holder = None;
        }
        let mirror = self.engine.mirror().clone();
        self.free.borrow_mut().entry(self.file.clone()).or_default().push(mirror);
    }
}

impl Console {
    /// The process ends, in the middle of whatever it is doing.
    pub async fn end(self) {
        drop(self);
        // What it had handed to its mirror is still written, as by a thread that runs on for a moment.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    /// An order as the mirror has it.
    pub async fn row(&self, id: &str) -> Option<OrderRow> {
        let id = order_id(id);
        self.mirror().read::<_, mirror::Error>(move |view| view.order(&id)).await.unwrap()
    }

    /// All payouts of an order.
    pub async fn payouts(&self, order: &str) -> Vec<PayoutRow> {
        let id = order_id(order);
        self.mirror().read::<_, mirror::Error>(move |view| view.payouts_of_order(&id)).await.unwrap()
    }

    /// One row of the refund desk.
    pub async fn desk(&self, id: &str) -> DeskRow {
        self.refund(&request_id(id)).await.unwrap()
    }

    /// The kinds of an order's timeline.
    pub async fn timeline(&self, order: &str) -> Vec<String> {
        let id = order_id(order);
        let moments = self.mirror().read::<_, mirror::Error>(move |view| view.timeline(&id)).await.unwrap();
        moments.into_iter().map(|moment| moment.kind).collect()
    }
}
