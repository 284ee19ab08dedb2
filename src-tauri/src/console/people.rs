//! Who has a say in what is done to a shop that is not open, and in what concerns every shop of this PC.
//!
//! A shop that cannot be opened, or that another process serves, still has its people: they are looked up in its mirror and
//! kept, so that whoever may can sign in there and connect it again.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use adapters::connection::Connection;
use adapters::fault::Fault;
use adapters::folders::{self, ShopFolder};
use adapters::people_of;
use adapters::settings::Settings;
use adapters::shop::ChangeError;
use adapters::window_settings::WindowSettings;
use domain::staff::Act;
use domain::{MchId, StaffId};
use engine::{Actor, People};
use mirror::AuditKind;
use serde_json::{Value, json};

use super::{Console, Kept};
use crate::convert;
use crate::dto::Preferences;

/// One shop's people with whoever is signed in there.
#[derive(Clone)]
pub(super) struct Asked {
    key: String,
    people: People,
    actor: Actor,
}

impl Asked {
    async fn at(key: &str, people: People) -> Result<Asked, Fault> {
        let actor = Actor::of(people.signed_in().await?);
        Ok(Asked { key: key.to_owned(), people, actor })
    }

    /// The page may be showing another shop, where nobody has to sign in for this.
    fn named(&self, fault: Fault) -> Fault {
        if fault.parameters.iter().any(|(name, _)| *name == SHOP) {
            return fault;
        }
        let parameters = fault.parameters.into_iter().chain([(SHOP, self.key.clone())]).collect();
        Fault { parameters, ..fault }
    }

    /// Their staff id, for the log.
    pub(super) fn who(&self) -> Option<String> {
        self.actor.id().map(StaffId::to_string)
    }
}

/// The parameter with the key of the shop at which somebody has to sign in.
const SHOP: &str = "shop";

impl Console {
    /// The people of one of its shops, open or not.
    pub(crate) fn people(&self, key: &str) -> Result<People, Fault> {
        let (folder, fault) = match self.shops()?.get(key) {
            Some(Kept::Open(shop)) => return Ok(shop.shop.people().clone()),
            Some(Kept::Shut { folder, fault, .. }) => (folder.clone(), fault.clone()),
            None => return Err(Fault::new("shop_not_connected", Vec::new())),
        };
        // Where there is nobody to ask, why it is shut says more.
        let why = || fault.unwrap_or_else(|| Fault::new("shop_not_connected", Vec::new()));
        self.people_in(key, &folder)?.ok_or_else(why)
    }

    /// Whoever is signed in at a shop, open or not.
    pub(super) async fn signed_in_at(&self, key: &str) -> Actor {
        match self.people(key) {
            // Who cannot be told is nobody: it is only for the log.
            Ok(people) => Actor::of(people.signed_in().await.unwrap_or_default()),
            Err(_) => Actor::nobody(),
        }
    }

    /// The people of a shop's folder, which need not be one of the console's shops yet. `None`: it has no mirror.
    fn people_in(&self, key: &str, folder: &Path) -> Result<Option<People>, Fault> {
        match self.shops()?.get(key) {
            Some(Kept::Open(shop)) => return Ok(Some(shop.shop.people().clone())),
            Some(Kept::Shut { people: Some(people), .. }) => return Ok(Some(people.clone())),
            Some(Kept::Shut { .. }) | None => {}
        }
        let Some(found) = tokio::task::block_in_place(|| people_of(folder))? else { return Ok(None) };
        let mut shops = self.shops.write().map_err(|_| Fault::new("internal", Vec::new()))?;
        Ok(Some(match shops.get_mut(key) {
            Some(Kept::Open(shop)) => shop.shop.people().clone(),
            // Somebody else may have looked meanwhile: who signs in is remembered by one of them alone.
            Some(Kept::Shut { people, .. }) => people.get_or_insert(found).clone(),
            None => found,
        }))
    }

    /// Whoever lets the shop be connected: its id, or `None` where nobody is asked.
    ///
    /// Once a shop has staff, only its owner connects it again, whatever became of its settings. A shop that has none, as a
    /// new one, is connected by an owner of the shops that are on this PC already: of those of the same merchant, whose
    /// money it is, else of any. The first shop of a PC needs nobody.
    pub(super) async fn may_connect(
        &self,
        shop: &ShopFolder,
        connection: &Connection,
    ) -> Result<Option<String>, Fault> {
        let mut refusal = None;
        for asked in self.asked_to_connect(shop, connection.mch_id()).await? {
            match asked.people.may(&asked.actor, Act::Connect).await {
                Ok(()) => return Ok(asked.who()),
                Err(error) => refusal = refusal.or(Some(asked.named(error.into()))),
            }
        }
        refusal.map_or(Ok(None), Err)
    }

    async fn asked_to_connect(&self, shop: &ShopFolder, mch_id: &MchId) -> Result<Vec<Asked>, Fault> {
        if let Some(asked) = self.staffed(&shop.key, &shop.folder).await? {
            return Ok(vec![asked]);
        }
        let (mut same, mut others) = (Vec::new(), Vec::new());
        for other in folders::list(&self.root).iter().filter(|other| other.key != shop.key) {
            let merchant = Settings::load(&other.folder).ok().flatten().map(|known| known.wechat_pay.mch_id);
            match self.staffed(&other.key, &other.folder).await {
                Ok(None) => {}
                Ok(Some(asked)) if merchant.as_ref() == Some(mch_id) => same.push(asked),
                Ok(Some(asked)) => others.push(asked),
                // Somebody else's mirror that cannot be read stands in nobody's way.
                Err(fault) if merchant.is_some_and(|merchant| merchant != *mch_id) => {
                    tracing::warn!(shop = other.key, code = fault.code, "nobody can be asked there");
                }
                Err(fault) => return Err(fault),
            }
        }
        let mut asked = if same.is_empty() { others } else { same };
        // Whoever is there already, and at the shop that is shown, has to do least.
        let shown = self.shown();
        asked.sort_by_key(|asked| (asked.actor.id().is_none(), asked.key != shown));
        Ok(asked)
    }

    /// A shop's people, if there are any.
    async fn staffed(&self, key: &str, folder: &Path) -> Result<Option<Asked>, Fault> {
        let Some(people) = self.people_in(key, folder)? else { return Ok(None) };
        if people.are_defined().await? { Ok(Some(Asked::at(key, people).await?)) } else { Ok(None) }
    }

    /// Changes what the person prefers. What silences alerts does so for every shop of this PC: at each that has staff
    /// somebody has to be signed in who may, and each log tells of it.
    pub(crate) async fn prefer(&self, preferences: &Preferences) -> Result<(), Fault> {
        let before = self.settings();
        let mut after = before.clone();
        convert::prefer(&mut after, preferences);
        if (after.sound, after.volume) == (before.sound, before.volume) {
            // Whatever somebody else makes of the sound meanwhile stays.
            return self.change_settings(|settings| {
                (settings.language, settings.look) = (after.language, after.look);
            });
        }
        let mut asked = Vec::new();
        for (key, folder) in self.known_folders()? {
            match self.people_in(&key, &folder) {
                Ok(Some(people)) => asked.push(Asked::at(&key, people).await?),
                Ok(None) => {}
                // Its alerts are not heard as long as it is shut.
                Err(fault) => tracing::warn!(shop = key, code = fault.code, "nobody can be asked there"),
            }
        }
        let heard = |settings: &WindowSettings| json!({ "sound": settings.sound, "volume": settings.volume });
        let change = (heard(&before), heard(&after));
        let wanted = preferences.clone();
        let keep = self.keeper(move |settings| convert::prefer(settings, &wanted));
        let all = asked.clone();
        at_each(asked, Act::SetAlerts, async move {
            Ok(tokio::task::block_in_place(|| write_down_at_each(all, change, keep))?)
        })
        .await
    }

    /// Every shop with its folder.
    fn known_folders(&self) -> Result<Vec<(String, PathBuf)>, Fault> {
        let folder = |kept: &Kept| match kept {
            Kept::Open(shop) => shop.shop.folder().to_owned(),
            Kept::Shut { folder, .. } => folder.clone(),
        };
        Ok(self.shops()?.iter().map(|(key, kept)| (key.clone(), folder(kept))).collect())
    }
}

type Work<'a> = Pin<Box<dyn Future<Output = Result<(), Fault>> + Send + 'a>>;

/// Does some work if whoever is signed in may do it, at every one of these shops. Where it fails at one nobody has used
/// their sign-in up, so that a PIN which is typed every time is typed once at each.
fn at_each<'a>(
    mut asked: Vec<Asked>,
    act: Act,
    work: impl Future<Output = Result<(), Fault>> + Send + 'a,
) -> Work<'a> {
    let Some(one) = asked.pop() else { return Box::pin(work) };
    Box::pin(async move {
        let rest = at_each(asked, act, work);
        one.people.may_do(&one.actor, act, rest).await.map_err(|fault| one.named(fault))
    })
}

type Keep = Box<dyn FnOnce() -> Result<(), ChangeError> + Send>;

/// Writes a changed setting down in every log, and keeps it while all of them are about to be committed: where one of them
/// cannot be written nothing is kept, and where it cannot be kept nothing is written.
fn write_down_at_each(mut asked: Vec<Asked>, change: (Value, Value), keep: Keep) -> Result<(), ChangeError> {
    let Some(Asked { people, actor, .. }) = asked.pop() else { return keep() };
    let (before, after) = change.clone();
    people.write_down(AuditKind::SettingChanged, &actor, (Some(before), after), move || {
        write_down_at_each(asked, change, keep)
    })
}
