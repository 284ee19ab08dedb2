use std::future::Future;

use domain::staff::{Act, Day, Refusal, Signature, Staff, may_refund};
use domain::time::{Timestamp, beijing_day};
use domain::{Fen, OrderId, RefundRequestId, StaffId};
use mirror::{LeaveOut, View};

use super::session::Remembered;
use super::{Actor, Denied, People, Refused};
use crate::Error;

/// What somebody wants to do something about, for the log of those who may not.
#[derive(Debug, Clone, Default)]
pub(crate) struct About {
    pub(super) order: Option<OrderId>,
    pub(super) request: Option<RefundRequestId>,
    pub(super) amount: Option<Fen>,
}

/// By which time a decision counts in a day's limits: the rule stands with [`Day`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShopTime {
    /// The backend's, as its last answer told.
    Told(Timestamp),
    /// This PC's: the backend tells no time.
    Own(Timestamp),
}

/// Somebody who may begin to do something. Whether they still may is asked again where it is written down.
#[derive(Clone)]
pub(crate) struct Admission {
    act: Act,
    /// `None`: nobody was defined.
    first: Option<Remembered>,
    second: Option<Remembered>,
    /// Whether the memory still has the first one, so that nothing has to be given back.
    remembered: bool,
    /// As [`Memory`](super::Memory) has it.
    sign_outs: u64,
}

impl People {
    /// Lets an actor do something, and writes down if their role or a limit does not.
    pub(crate) async fn admitted<T, F: Future<Output = Result<T, Error>>>(
        &self,
        actor: &Actor,
        act: Act,
        about: About,
        work: impl FnOnce(Admission) -> F,
    ) -> Result<T, Error> {
        let outcome = match self.admit(actor, act).await {
            Ok(admission) => {
                let outcome = work(admission.clone()).await;
                self.settle(admission, outcome.is_ok());
                outcome
            }
            Err(error) => Err(error),
        };
        self.noted(outcome, actor, act, about).await
    }

    /// Does something that is kept elsewhere than in the mirror, as settings are, if this actor may. It uses the sign-in as
    /// a decision does, and gives it back where nothing came of it.
    pub async fn may_do<T, E: From<Error>>(
        &self,
        actor: &Actor,
        act: Act,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let admission = self.admit(actor, act).await;
        let admission = self.noted(admission, actor, act, About::default()).await?;
        let outcome = work.await;
        self.settle(admission, outcome.is_ok());
        outcome
    }

    /// The same outcome, written down if it is a refusal.
    async fn noted<T>(
        &self,
        mut outcome: Result<T, Error>,
        actor: &Actor,
        act: Act,
        about: About,
    ) -> Result<T, Error> {
        if let Err(Error::Denied(Denied::Refused(refused))) = &mut outcome {
            // It is refused all the same where that fails.
            if let Err(error) = self.complete(refused, actor, act, &about).await {
                tracing::error!(%error, "who else could do it is not known");
            }
            if let Err(error) = self.note_refused(actor, act, about, refused).await {
                tracing::error!(%error, "a refusal could not be written down");
            }
        }
        outcome
    }

    /// Says of a refusal what it was about and who else could do it, unless the decision got as far as to know better.
    async fn complete(
        &self,
        refused: &mut Refused,
        actor: &Actor,
        act: Act,
        about: &About,
    ) -> Result<(), Error> {
        if refused.asked.is_some() {
            return Ok(());
        }
        let (first, about, now) = (actor.id().cloned(), about.clone(), self.now());
        let read = move |view: &View<'_>| {
            let asked = about.asked(act, view)?;
            let able = able(view, act, asked, first.as_ref(), (LeaveOut::Nothing, ShopTime::Own(now)))?;
            Ok((asked, able))
        };
        (refused.asked, refused.able) = self.shared.mirror.read::<_, Error>(read).await?;
        Ok(())
    }

    /// Lets an actor in who is signed in and whose role has the right. [`People::settle`] has to follow.
    async fn admit(&self, actor: &Actor, act: Act) -> Result<Admission, Error> {
        let (defined, rules) =
            self.shared.mirror.read::<_, Error>(|view| Ok((view.has_staff()?, view.staff_rules()?))).await?;
        let now = self.instants();
        let mut admission = Admission { act, first: None, second: None, remembered: true, sign_outs: 0 };
        if defined {
            let mut memory = self.memory();
            admission.sign_outs = memory.sign_outs;
            let known = actor.first().and_then(|session| memory.take(session, now, rules.pin_kept_s));
            admission.first = Some(known.ok_or(Denied::NotSignedIn)?);
            admission.remembered = rules.pin_kept_s > 0;
            if let Some(session) = actor.second() {
                admission.second = memory.take_second(session, now);
                if admission.second.is_none() {
                    self.put_back(&mut memory, admission);
                    return Err(Denied::SecondPersonLapsed.into());
                }
            }
        } else if actor.first().is_some() || actor.second().is_some() {
            return Err(Denied::NotSignedIn.into());
        } else {
            // The owner; that nobody was defined meanwhile is looked at where the decision is written down.
            return Ok(admission);
        }
        let asked = admission.clone();
        match self.shared.mirror.read::<_, Error>(move |view| asked.may(view)).await {
            Ok(_) => Ok(admission),
            Err(error) => {
                self.settle(admission, false);
                Err(error)
            }
        }
    }

    /// Ends what was admitted: a decision that was made uses the sign-in, any other gives it back.
    fn settle(&self, admission: Admission, decided: bool) {
        let now = self.instants();
        let mut memory = self.memory();
        if !decided {
            self.put_back(&mut memory, admission);
        } else if let Some(first) = &admission.first {
            memory.used(&first.session, now);
        }
    }

    fn put_back(&self, memory: &mut super::Memory, admission: Admission) {
        if memory.sign_outs == admission.sign_outs {
            let first = admission.first.filter(|_| !admission.remembered);
            memory.give_back(first, admission.second);
        }
    }
}

impl Admission {
    /// Whoever it is, if they may do it now. `None`: nobody is defined, the caller is the owner.
    pub(crate) fn may(&self, view: &View<'_>) -> Result<Option<Signature>, Error> {
        let Some((staff, second)) = self.present(view)? else { return Ok(None) };
        staff.may(self.act).map_err(Denied::from)?;
        Ok(Some(Signature::of(&staff).with_second(second.as_ref())))
    }

    /// The same for a refund of `amount`, against everything that may have gone back today; in the transaction that
    /// writes it down.
    pub(crate) fn may_refund(
        &self,
        view: &View<'_>,
        amount: Fen,
        except: LeaveOut<'_>,
        time: ShopTime,
    ) -> Result<Option<Signature>, Error> {
        let Some((staff, second)) = self.present(view)? else { return Ok(None) };
        let today = beijing_day(time.at()).start;
        let day = Day {
            shop: view.refunded_since(today, None, except)?,
            person: view.refunded_since(today, Some(&staff.id), except)?,
        };
        match may_refund(&staff, second.as_ref(), amount, &day, &view.staff_rules()?) {
            Ok(()) => Ok(Some(Signature::of(&staff).with_second(second.as_ref()))),
            Err(refusal) => {
                let able = able(view, Act::Refund, Some(amount), Some(&staff.id), (except, time))?;
                Err(Denied::Refused(Refused { refusal, asked: Some(amount), able }).into())
            }
        }
    }

    /// The id that the decision will carry.
    pub(crate) fn id(&self) -> Option<&domain::StaffId> {
        self.first.as_ref().map(|first| first.session.id())
    }

    fn present(&self, view: &View<'_>) -> Result<Option<(Staff, Option<Staff>)>, Error> {
        let Some(first) = &self.first else {
            // Somebody may have been defined since.
            return if view.has_staff()? { Err(Denied::NotSignedIn.into()) } else { Ok(None) };
        };
        let staff = first.present(view)?.ok_or(Denied::NotSignedIn)?;
        let second = match &self.second {
            Some(second) => Some(second.present(view)?.ok_or(Denied::SecondPersonLapsed)?),
            None => None,
        };
        Ok(Some((staff, second)))
    }
}

/// Who else could do something now, as a list has them.
fn able(
    view: &View<'_>,
    act: Act,
    asked: Option<Fen>,
    first: Option<&StaffId>,
    (except, time): (LeaveOut<'_>, ShopTime),
) -> Result<Vec<StaffId>, Error> {
    let (today, rules) = (beijing_day(time.at()).start, view.staff_rules()?);
    let shop = view.refunded_since(today, None, except)?;
    let mut able = Vec::new();
    for staff in view.staff()?.into_iter().map(|row| row.staff).filter(|staff| Some(&staff.id) != first) {
        let may = match asked {
            Some(amount) if act == Act::Refund => {
                let person = view.refunded_since(today, Some(&staff.id), except)?;
                may_refund(&staff, None, amount, &Day { shop, person }, &rules)
            }
            Some(_) | None => staff.may(act),
        };
        // Whoever needs a second person may decide with one.
        if matches!(may, Ok(()) | Err(Refusal::SecondPersonNeeded { .. })) {
            able.push(staff.id);
        }
    }
    Ok(able)
}

impl About {
    /// How much would go back, as far as that is known before anything is planned: a request that is approved without an
    /// amount is paid whole.
    fn asked(&self, act: Act, view: &View<'_>) -> Result<Option<Fen>, Error> {
        match (&self.request, self.amount) {
            (Some(id), None) if act == Act::Refund => {
                Ok(view.refund_request(id)?.map(|row| row.request.amount))
            }
            (_, amount) => Ok(amount),
        }
    }

    /// A refund request.
    pub(crate) fn request(id: &RefundRequestId, amount: Option<Fen>) -> About {
        About { request: Some(id.clone()), amount, order: None }
    }

    /// An order, by any of its numbers; only its id names it for good.
    pub(crate) fn order(number: &str, amount: Fen) -> About {
        About { order: OrderId::new(number).ok(), amount: Some(amount), request: None }
    }
}

impl ShopTime {
    /// The instant.
    pub(crate) fn at(self) -> Timestamp {
        match self {
            ShopTime::Told(at) | ShopTime::Own(at) => at,
        }
    }
}

/// The name under a decision.
pub(crate) fn called(actor: Option<&Signature>) -> Option<&str> {
    actor.map(Signature::called)
}

/// Who agreed to a decision.
pub(crate) fn second(actor: Option<&Signature>) -> Option<&Signature> {
    actor.and_then(|actor| actor.second.as_deref())
}
