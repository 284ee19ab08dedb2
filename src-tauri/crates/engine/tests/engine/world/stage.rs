//! Where a scene is played: virtual time, a folder, and consoles that can crash.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::ops::Deref;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak, mpsc};
use std::task::{Context, Waker};
use std::time::Duration;

use domain::{Order, RefundRequest};
use engine::ports::Seat;
use engine::{DeskRow, Engine, Parts, Tickets};
use mirror::{Mirror, OrderRow, PayoutRow};
use tempfile::TempDir;

use super::things::{order_id, paid_order, payment_of, place, refund_request, request_id, unpaid_order};
use super::{Till, World};

/// How many reads are sent to a mirror to reach each of its reading threads at least once.
const READS: usize = 4;

/// A scene that is not over by then never ends. Virtual time.
const LONGEST_SCENE: Duration = Duration::from_secs(60 * 24 * 3_600);

thread_local! {
    /// The open mirrors of the scene that plays on this thread.
    static OPEN: RefCell<Vec<Weak<Mirror>>> = const { RefCell::new(Vec::new()) };
}

/// Plays a scene in virtual time.
///
/// Tokio moves paused time on as soon as its thread has nothing to do, and would do so while a mirror's own threads are
/// still at work: a query would seem to take as long as the next timer. Therefore the thread waits for the mirrors
/// before it parks. Their answers wake it, and time moves only when nobody has anything to do.
pub(crate) fn play<T>(scene: impl AsyncFnOnce(Shop) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .on_thread_park(wait_for_mirrors)
        .build()
        .unwrap();
    runtime.block_on(async {
        let shop = Shop::new();
        tokio::time::timeout(LONGEST_SCENE, scene(shop)).await.unwrap()
    })
}

/// Runs `work` until it ends, or until `crash`, which drops it: `None`.
pub(crate) async fn until<T>(work: impl Future<Output = T>, crash: impl Future<Output = ()>) -> Option<T> {
    tokio::select! {
        biased;
        () = crash => None,
        done = work => Some(done),
    }
}

fn wait_for_mirrors() {
    let open: Vec<Arc<Mirror>> = OPEN.with_borrow(|open| open.iter().filter_map(Weak::upgrade).collect());
    for mirror in open {
        let (done, all_done) = mpsc::channel::<()>();
        for _ in 0..READS {
            let done = done.clone();
            send(mirror.read::<_, mirror::Error>(move |_| {
                drop(done);
                Ok(())
            }));
        }
        send(mirror.write::<_, mirror::Error>(move |_| {
            drop(done);
            Ok(())
        }));
        // Ends when each thread has come to its last job and dropped its end of the channel.
        while all_done.recv().is_ok() {}
    }
}

/// Queues a mirror's job: the first poll does.
fn send(job: impl Future<Output = Result<(), mirror::Error>>) {
    let _ = pin!(job).poll(&mut Context::from_waker(Waker::noop()));
}

/// One shop: its world, and a folder in which every terminal keeps its mirror over crashes.
pub(crate) struct Shop {
    pub(crate) world: Arc<World>,
    /// What its consoles print.
    pub(crate) tickets: Tickets,
    folder: TempDir,
    chairs: RefCell<BTreeMap<String, Arc<Chair>>>,
}

/// Who drives the refunds of one folder: the number of a console.
#[derive(Default)]
struct Chair {
    consoles: Mutex<u32>,
    holder: Mutex<Option<u32>>,
}

struct Sitter {
    chair: Arc<Chair>,
    me: u32,
}

impl Seat for Sitter {
    fn take(&self) -> bool {
        *self.chair.holder.lock().unwrap().get_or_insert(self.me) == self.me
    }
}

impl Shop {
    fn new() -> Shop {
        Shop {
            world: Arc::new(World::new()),
            tickets: Tickets::default(),
            folder: folder(),
            chairs: RefCell::default(),
        }
    }

    /// The counter's console, opened on whatever its mirror holds.
    pub(crate) fn console(&self) -> Console {
        self.console_of("till-1")
    }

    pub(crate) fn console_of(&self, terminal: &str) -> Console {
        let mirror = Mirror::open(&self.folder.path().join(format!("{terminal}.db"))).unwrap();
        let open = Arc::new(mirror.clone());
        OPEN.with_borrow_mut(|all| all.push(Arc::downgrade(&open)));
        let chair = self.chairs.borrow_mut().entry(terminal.to_owned()).or_default().clone();
        let me = {
            let mut consoles = chair.consoles.lock().unwrap();
            *consoles += 1;
            *consoles
        };
        let seat = Arc::new(Sitter { chair, me });
        let place = place(terminal);
        let world = &self.world;
        let alive = Arc::new(AtomicBool::new(true));
        let till =
            Arc::new(Till { world: world.clone(), terminal: place.terminal.clone(), alive: alive.clone() });
        let engine = Engine::new(Parts {
            mirror,
            source: till.clone(),
            gateway: till.clone(),
            notifier: till.clone(),
            printer: till.clone(),
            clock: world.clone(),
            seat: seat.clone(),
            place,
            tickets: self.tickets.clone(),
            observer: world.clone(),
        });
        Console { engine, seat, alive, _open: open }
    }

    /// A terminal loses its mirror.
    pub(crate) fn lose_mirror(&self, terminal: &str) {
        for end in ["db", "db-wal", "db-shm"] {
            let _ = std::fs::remove_file(self.folder.path().join(format!("{terminal}.{end}")));
        }
    }

    /// A buyer pays for an order: WeChat has the money, and the backend says so.
    pub(crate) fn sell(&self, id: &str, total: i64) -> Order {
        let order = paid_order(id, total, self.world.time());
        self.pay_at_wechat(&order);
        self.world.state().backend.put_order(order.clone());
        order
    }

    /// A buyer places an order and does not pay.
    pub(crate) fn place(&self, id: &str, total: i64) -> Order {
        let order = unpaid_order(id, total, self.world.time());
        self.world.state().backend.put_order(order.clone());
        order
    }

    /// The money of an order comes in at WeChat.
    pub(crate) fn pay_at_wechat(&self, order: &Order) {
        let payment = payment_of(order, self.world.time());
        let number = order.payment.out_trade_no.as_ref().unwrap().to_string();
        self.world.state().wechat.payments.insert(number, payment);
    }

    /// The buyer of an order wants money back.
    pub(crate) fn want_back(&self, id: &str, order: &str, amount: i64) {
        let mut state = self.world.state();
        let order = state.backend.orders.get(&order_id(order)).unwrap().clone();
        state.backend.put_request(refund_request(id, &order, amount, self.world.time()));
    }

    /// The backend's request as it is now.
    pub(crate) fn request(&self, id: &str) -> RefundRequest {
        self.world.state().backend.requests.get(&request_id(id)).unwrap().clone()
    }
}

/// On Linux in memory: the tests commit some ten thousand times, and a crash of the program loses no page of a file.
fn folder() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap()
}

/// A console that runs.
pub(crate) struct Console {
    engine: Engine,
    seat: Arc<Sitter>,
    alive: Arc<AtomicBool>,
    /// While it lives, virtual time waits for the mirror.
    _open: Arc<Mirror>,
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
    }
}

impl Console {
    /// The process ends, in the middle of whatever it is doing.
    pub(crate) async fn end(self) {
        drop(self);
        // What it had handed to its mirror is still written, as by a thread that runs on for a moment.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    /// An order as the mirror has it.
    pub(crate) async fn row(&self, id: &str) -> Option<OrderRow> {
        let id = order_id(id);
        self.mirror().read::<_, mirror::Error>(move |view| view.order(&id)).await.unwrap()
    }

    /// All payouts of an order.
    pub(crate) async fn payouts(&self, order: &str) -> Vec<PayoutRow> {
        let id = order_id(order);
        self.mirror().read::<_, mirror::Error>(move |view| view.payouts_of_order(&id)).await.unwrap()
    }

    /// One row of the refund desk.
    pub(crate) async fn desk(&self, id: &str) -> DeskRow {
        self.refund(&request_id(id)).await.unwrap()
    }

    /// The kinds of an order's timeline.
    pub(crate) async fn timeline(&self, order: &str) -> Vec<String> {
        let id = order_id(order);
        let moments = self.mirror().read::<_, mirror::Error>(move |view| view.timeline(&id)).await.unwrap();
        moments.into_iter().map(|moment| moment.kind).collect()
    }
}
