//! Who has a say in what is done to a shop that is not open.
//!
//! A shop that cannot be opened, or that another process serves, still has its people: they are looked up in its mirror and
//! kept, so that whoever may can sign in there and connect it again.

use std::path::Path;

use adapters::connection::Connection;
use adapters::fault::Fault;
use adapters::folders::{self, ShopFolder};
use adapters::people_of;
use adapters::settings::Settings;
use domain::staff::Act;
use domain::{MchId, StaffId};
use engine::{Actor, People};

use super::{Console, Kept};

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
}
