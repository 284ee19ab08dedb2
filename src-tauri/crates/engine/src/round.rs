//! All of it once: `sync --once`, and what refund commands do to the end.

use domain::RefundRequestId;
use domain::payout::Report;
use domain::time::Timestamp;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::asking::AskedRound;
use crate::desk::StartedRefund;
use crate::desk_row::DeskRow;
use crate::feed::Brought;
use crate::payouts::Progress;
use crate::reports::Owed;
use crate::{Actor, Approval, Engine, Error, Trouble};

/// What one round did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Round {
    /// Orders that were new or changed.
    pub orders: u64,
    /// Refund requests that were new or changed.
    pub refund_requests: u64,
    /// Orders that WeChat was asked about.
    pub asked: u64,
    /// Of these: agreed.
    pub verified: u64,
    /// Of these: WeChat disagrees.
    pub mismatch: u64,
    /// Of these: nobody paid.
    pub not_paid: u64,
    /// Of these: WeChat could not be asked.
    pub unavailable: u64,
    /// Lost payment notifications that were found.
    pub lost_payments: u64,
    /// Words that reached the backend.
    pub reported: u64,
    /// What went wrong.
    pub troubles: Vec<Trouble>,
}

impl Engine {
    /// One full round: the feed to its end, every order whose turn it is asked about, what is owed told. It returns when
    /// all of that has an answer or an error. What one part cannot do keeps no other from its work; it stands among the
    /// troubles, the backend's first.
    pub async fn round(&self) -> Result<Round, Error> {
        let mut round = Round::default();
        // The second pass is for what the first one told the backend: nobody is asked the same once more.
        for owed in [Owed::All, Owed::Due] {
            let mut feed_troubles = Vec::new();
            match self.read_feed_to_its_end().await {
                Ok(brought) => {
                    round.orders += brought.orders;
                    round.refund_requests += brought.refund_requests;
                }
                Err(Error::Source(error)) => feed_troubles.push(Trouble::source(&error)),
                Err(other) => return Err(other),
            }
            let unread = !feed_troubles.is_empty();
            round.troubles.splice(0..0, feed_troubles);
            round.count(self.ask_all(owed).await?);
            if unread {
                // Whoever did not answer a question is not told anything either.
                break;
            }
            let (told, troubles) = self.tell_backend(Owed::All).await?;
            round.reported += told;
            round.troubles.extend(troubles);
            if self.drives().await? {
                round.reported += self.advance_all().await?;
            }
            if told == 0 {
                break;
            }
        }
        Ok(round)
    }

    /// Approves a request and follows its payout until its end is known and reported, or `wait` is over.
    pub async fn approve_and_wait(
        &self,
        id: &RefundRequestId,
        approval: &Approval,
        wait: SignedDuration,
    ) -> Result<DeskRow, Error> {
        let deadline = self.deadline(wait);
        self.approve(id, approval).await?;
        match self.payout_of(id).await? {
            Some(payout) => self.settle_payout(payout, deadline).await,
            None => self.settle_request(id, deadline).await,
        }
    }

    /// Starts a refund and follows it likewise.
    pub async fn refund_order_and_wait(
        &self,
        number: &str,
        amount: domain::Fen,
        reason: &str,
        actor: &Actor,
        wait: SignedDuration,
    ) -> Result<DeskRow, Error> {
        let deadline = self.deadline(wait);
        match self.refund_order(number, amount, reason, actor, None).await? {
            StartedRefund::Payout(payout) => self.settle_payout(payout, deadline).await,
            StartedRefund::Request(id) => self.settle_request(&id, deadline).await,
        }
    }

    /// Takes up every refund that is not at its end, and follows them likewise.
    pub async fn resume_and_wait(&self, actor: &Actor, wait: SignedDuration) -> Result<Vec<DeskRow>, Error> {
        let deadline = self.deadline(wait);
        let mut following = tokio::task::JoinSet::new();
        for (place, id) in self.resume_refunds(actor).await?.into_iter().enumerate() {
            let engine = self.clone();
            following.spawn(async move { (place, engine.settle_payout(id, deadline).await) });
        }
        let mut rows = Vec::new();
        while let Some(done) = following.join_next().await {
            let (place, row) = done.map_err(|_| Error::Panicked)?;
            rows.push((place, row?));
        }
        rows.sort_by_key(|(place, _)| *place);
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    async fn read_feed_to_its_end(&self) -> Result<Brought, Error> {
        let mut all = Brought::default();
        loop {
            let brought = self.read_feed(0).await?;
            all.add(brought);
            // After each piece: what could not be read of the history is quiet only as long as the history is read.
            all.add(self.read_singly().await?);
            if brought.at_end {
                return Ok(all);
            }
        }
    }

    /// Does for every refund what can be done now, pauses after failures left aside. Returns how many reports arrived.
    async fn advance_all(&self) -> Result<u64, Error> {
        let (mut reported, mut fault) = (0, None);
        for id in self.take_up_refunds().await? {
            let before = self.desk_row_of_payout(id).await?;
            // A step that fails plans the next one for later, so that this ends. One that cannot be written down keeps no
            // other refund from going on.
            let outcome = loop {
                match self.advance(id).await {
                    Ok(Progress::Stepped) => {}
                    outcome => break outcome,
                }
            };
            if let Err(error) = outcome {
                fault.get_or_insert(error);
                continue;
            }
            let after = self.desk_row_of_payout(id).await?;
            let told =
                |row: &DeskRow| row.payout.as_ref().is_some_and(|row| row.payout.report == Report::Done);
            reported += u64::from(told(&after) && !told(&before));
        }
        fault.map_or(Ok(reported), Err)
    }

    fn deadline(&self, wait: SignedDuration) -> Timestamp {
        self.now().saturating_add(wait).unwrap_or(Timestamp::MAX)
    }
}

impl Round {
    fn count(&mut self, asked: AskedRound) {
        for word in &asked.answers {
            self.asked += 1;
            match *word {
                "verified" => self.verified += 1,
                "mismatch" => self.mismatch += 1,
                "not_paid" => self.not_paid += 1,
                _ => self.unavailable += 1,
            }
        }
        self.lost_payments += asked.lost_payments;
        self.troubles.extend(asked.troubles);
    }
}
