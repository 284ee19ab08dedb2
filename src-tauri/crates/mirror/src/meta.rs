use domain::time::Timestamp;
use domain::{ShopId, TerminalId};
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::store::{from_json, to_json};
use crate::{Error, Revision, Tx, View};

/// Where `meta` keeps which shop it is.
const SHOP: &str = "shop";

/// Where `meta` keeps which installation it is.
const TERMINAL: &str = "terminal";

/// How far the backend's feed was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct SyncState {
    /// Where the mirror's filling stands.
    pub phase: SyncPhase,
    /// The feed's cursor: what lies before it is in the mirror.
    pub cursor: Option<String>,
    /// The next page of the history while it is being filled in.
    pub history_page: Option<String>,
    /// Whether the history is read again because the cursor was lost: then what the backend says counts even when its
    /// version is lower (a restored backup), and new orders are news.
    #[serde(default)]
    pub resync: bool,
    /// When the cursor was last lost.
    #[serde(default)]
    pub cursor_lost_at: Option<Timestamp>,
    /// When the backend last answered.
    pub contact_at: Option<Timestamp>,
}

/// Where the filling of the mirror stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncPhase {
    /// The backend was never read.
    #[default]
    New,
    /// The place `now` of the feed is kept in `cursor`; orders are being listed page by page.
    OrderHistory,
    /// As before; refund requests are being listed.
    RefundHistory,
    /// The feed is read from its start, quietly: the backend offers no lists.
    FeedHistory,
    /// The shop's day.
    Live,
}

impl View<'_> {
    /// The newest revision.
    pub fn revision(&self) -> Result<Revision, Error> {
        Ok(self.meta("revision")?.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// How far the feed was read.
    pub fn sync_state(&self) -> Result<SyncState, Error> {
        match self.meta("sync")? {
            Some(text) => from_json("sync state", &text),
            None => Ok(SyncState::default()),
        }
    }

    /// What the backend said it can do, as it was stored.
    pub fn capabilities(&self) -> Result<Option<String>, Error> {
        self.meta("capabilities")
    }

    /// Which shop it holds; `None`: it was never connected. A file of an older version knows it from what the backend said.
    pub fn shop(&self) -> Result<Option<ShopId>, Error> {
        let told = |text: String| {
            let told: serde_json::Value = serde_json::from_str(&text).ok()?;
            told.get("shop_id")?.as_str().map(str::to_owned)
        };
        let shop = match self.meta(SHOP)? {
            Some(shop) => Some(shop),
            None => self.capabilities()?.and_then(told),
        };
        Ok(shop.and_then(|shop| ShopId::new(shop).ok()))
    }

    /// Which installation it belongs to; a file of an older version knows it from its audit log.
    pub fn terminal(&self) -> Result<Option<TerminalId>, Error> {
        let terminal = match self.meta(TERMINAL)? {
            Some(terminal) => Some(terminal),
            None => self
                .connection
                .prepare_cached("SELECT terminal FROM audit ORDER BY seq DESC LIMIT 1")?
                .query_row([], |row| row.get(0))
                .optional()?,
        };
        Ok(terminal.and_then(|terminal| TerminalId::new(terminal).ok()))
    }

    pub(crate) fn meta(&self, key: &str) -> Result<Option<String>, Error> {
        let mut query = self.connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(query.query_row([key], |row| row.get(0)).optional()?)
    }
}

impl Tx<'_> {
    /// Keeps how far the feed was read; in the same transaction as the rows it brought.
    pub fn set_sync_state(&self, state: &SyncState) -> Result<(), Error> {
        self.touched.sync.set(true);
        self.set_meta("sync", &to_json("sync state", state)?)
    }

    /// Keeps what the backend can do (JSON), so that a start without network knows it.
    pub fn set_capabilities(&self, json: &str) -> Result<(), Error> {
        self.touched.sync.set(true);
        self.set_meta("capabilities", json)
    }

    /// Keeps which shop and which installation it is.
    pub fn set_home(&self, shop: &ShopId, terminal: &TerminalId) -> Result<(), Error> {
        self.set_meta(SHOP, shop.as_str())?;
        self.set_meta(TERMINAL, terminal.as_str())
    }

    /// How a wish is sent: as `fresh`, or as it was kept before if it had no answer yet.
    pub fn keep_key(&self, wish: &str, fresh: &str) -> Result<String, Error> {
        let name = format!("key:{wish}");
        if let Some(kept) = self.meta(&name)? {
            return Ok(kept);
        }
        self.set_meta(&name, fresh)?;
        Ok(fresh.to_owned())
    }

    /// The wish was answered.
    pub fn forget_key(&self, wish: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached("DELETE FROM meta WHERE key = ?1")?
            .execute([format!("key:{wish}")])?;
        Ok(())
    }

    pub(crate) fn keep_revision(&self) -> Result<(), Error> {
        self.set_meta("revision", &self.revision().to_string())
    }

    pub(crate) fn set_meta(&self, key: &str, value: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            )?
            .execute(params![key, value])?;
        Ok(())
    }
}
