//! One shop of this PC, open: its folder, the engine that serves it, and the lines from it to the page.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use adapters::FolderLock;
use adapters::fault::Fault;
use adapters::secrets::SecretStore;
use adapters::settings::PrintingChoice;
use adapters::shop::{Shop, Telling, Wishes};
use catalogue::Language;
use domain::StaffId;
use engine::{Actor, Denied, Engine, Event, Observer};
use mirror::AuditKind;
use serde_json::Value;
use tauri::async_runtime::JoinHandle;

use crate::changes;
use crate::clicks;
use crate::demo::Demo;
use crate::dto::SignIn;
use crate::page::Page;

/// A shop that is being served, until [`OpenShop::stop`].
pub(crate) struct OpenShop {
    /// Its folder, settings and mirror.
    pub(crate) shop: Shop,
    /// What works for it.
    pub(crate) engine: Engine,
    /// The simulated world behind it, if it is the demo shop.
    pub(crate) demo: Option<Demo>,
    serving: Mutex<Option<Serving>>,
}

/// The work that is going on, and the lock that keeps other processes from doing it too.
struct Serving {
    tasks: Vec<JoinHandle<()>>,
    _lock: FolderLock,
}

/// What opening a shop needs beside its folder.
pub(crate) struct Opening<'a> {
    /// Its key in commands.
    pub(crate) key: String,
    /// The window's language, which its notifications and tickets take over.
    pub(crate) language: Language,
    /// Its secrets.
    pub(crate) secrets: &'a dyn SecretStore,
    /// The page that hears of its changes.
    pub(crate) page: Page,
    /// The simulated world behind it, if it is the demo shop.
    pub(crate) demo: Option<Demo>,
    /// What keeps other processes from serving it.
    pub(crate) lock: FolderLock,
}

impl OpenShop {
    /// Takes a shop's folder for this process. `None` while another one serves it.
    pub(crate) fn lock(folder: &Path) -> Result<Option<FolderLock>, Fault> {
        FolderLock::serve(folder).map_err(|error| {
            Fault::new("data_folder_unusable", vec![("path", folder.display().to_string())]).caused(&error)
        })
    }

    /// Opens the folder's shop and starts serving it: watching, alerts, tickets.
    pub(crate) fn start(folder: &Path, opening: Opening<'_>) -> Result<OpenShop, Fault> {
        let shop = Shop::open(folder)?;
        let Opening { key, language, secrets, page, demo, lock } = opening;
        if shop.language() != language {
            shop.speak(language, None)?;
        }
        if let Some(demo) = &demo {
            let printing = PrintingChoice { target: demo.printer(), ..shop.settings().printing.choice() };
            shop.change_printing(&printing, None)?;
        }
        let (clicks, clicked) = clicks::line();
        let engine = shop.engine(
            secrets,
            Telling::Desktop(Box::new(clicks)),
            Arc::new(Journal { shop: key.clone() }),
            &Wishes::default(),
        )?;
        let tasks = vec![
            tauri::async_runtime::spawn(serve(engine.clone(), key.clone())),
            tauri::async_runtime::spawn(changes::forward(engine.clone(), key.clone(), page.clone())),
            tauri::async_runtime::spawn(clicks::follow(clicked, engine.clone(), key.clone(), page)),
        ];
        let serving = Mutex::new(Some(Serving { tasks, _lock: lock }));
        Ok(OpenShop { shop, engine, demo, serving })
    }
}

impl OpenShop {
    /// Whoever is signed in, for what they decide.
    pub(crate) async fn actor(&self) -> Result<Actor, Fault> {
        Ok(Actor::of(self.shop.people().signed_in().await?))
    }

    /// The same with a second person, who typed their PIN for this one decision: it is not kept for another.
    pub(crate) async fn actor_with(&self, second: Option<SignIn>) -> Result<Actor, Fault> {
        let people = self.shop.people();
        let second = match second {
            Some(SignIn { id, pin }) => Some(people.sign_in_second(&known_id(id)?, &pin.0).await?),
            None => None,
        };
        Ok(self.actor().await?.with_second(second))
    }

    /// Whose hand it was, for the audit log.
    pub(crate) async fn hand(&self) -> Result<Option<String>, Fault> {
        Ok(self.actor().await?.id().map(ToString::to_string))
    }

    /// Writes down what somebody did that is kept nowhere else. Blocks for some milliseconds.
    pub(crate) fn write_down(
        &self,
        kind: AuditKind,
        actor: &Actor,
        change: (Option<Value>, Value),
    ) -> Result<(), Fault> {
        let write = || self.shop.people().write_down(kind, actor, change, || Ok::<_, mirror::Error>(()));
        Ok(tokio::task::block_in_place(write)?)
    }

    /// Ends the serving and frees the folder, whoever still holds this value for a command. It may end anywhere:
    /// everything goes on from the mirror.
    pub(crate) async fn stop(&self) {
        let serving = self.serving.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(serving) = serving else { return };
        for task in &serving.tasks {
            task.abort();
        }
        for task in serving.tasks {
            // Aborted, or ended before: both are what is wanted.
            let _ = task.await;
        }
    }
}

/// An id that nobody can have is nobody's.
pub(crate) fn known_id(id: String) -> Result<StaffId, Fault> {
    Ok(StaffId::new(id.clone()).map_err(|_| Denied::Unknown { id })?)
}

async fn serve(engine: Engine, shop: String) {
    if let Err(error) = engine.serve().await {
        tracing::error!(shop, %error, "the shop is not served any more");
    }
}

/// What happens goes to the log; the page reads the mirror.
struct Journal {
    shop: String,
}

impl Observer for Journal {
    fn heard(&self, event: &Event) {
        let shop = self.shop.as_str();
        match event {
            Event::Trouble(trouble) => {
                tracing::warn!(shop, code = trouble.code, detail = trouble.detail, "trouble")
            }
            Event::Payout { out_refund_no, state } => tracing::info!(shop, out_refund_no, state, "refund"),
            Event::Asked { number, verified } => tracing::info!(shop, number, verified, "asked WeChat"),
            Event::Printed { number, template } => tracing::info!(shop, number, template, "printed"),
            Event::Alerted { alert, number } => tracing::info!(shop, alert, number, "alerted"),
            Event::Order { number, .. } => tracing::debug!(shop, number, "order"),
            Event::RefundRequest { id, state } => {
                tracing::debug!(shop, id = id.as_str(), state, "refund request")
            }
        }
    }
}
