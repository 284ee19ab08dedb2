//! How a life settles: nothing goes wrong any more, and everybody does what they can until every end is known.

use domain::{BackendPayoutState, Fen, PayoutMode, RefundState, RefundStatus};
use engine::ports::SourceErrorKind;
use engine::{Approval, Error};
use rand::RngExt;

use super::{Life, TILLS, approval, sign_in};
use crate::world::{Console, pass, request_id, seconds, until};

/// In so many lives of a hundred everybody is left alone at first when nothing goes wrong any more.
const LEFT_ALONE: u32 = 1;

/// For so long, in seconds: longer than a claim lasts and a sending of a lost claim is looked for.
const ALONE_S: u64 = 1_300;

/// What was due before so many seconds has been forgotten.
const OVERDUE_S: i64 = 60;

/// How often everybody tries again once nothing goes wrong any more.
const ROUNDS: u32 = 10;

impl Life {
    /// No more faults: every counter does what it can until the backend knows an end of all that was approved.
    pub(super) async fn settle(&mut self) {
        let world = self.shop.world.clone();
        world.heal();
        world.put_clock_ahead(seconds(0));
        {
            let mut state = world.state();
            state.wechat.ends = RefundStatus::Success;
            state.wechat.settle_all();
        }
        if self.rng.random_ratio(LEFT_ALONE, 100) {
            self.left_alone().await;
        }
        let mut heard = false;
        for _ in 0..ROUNDS {
            world.backend_pays();
            for till in TILLS {
                let console = self.shop.console_of(till);
                console.round().await.unwrap();
                let boss = sign_in(&console, "boss").await;
                console.resume_and_wait(&boss, seconds(90)).await.unwrap();
                for (id, amount) in self.unfinished() {
                    self.found.extend(approve_again(&console, &id, amount).await);
                }
                console.end().await;
            }
            if !self.anything_open() {
                // Once more, so that whoever had its turn before the last news hears them too.
                if heard {
                    return;
                }
                heard = true;
                continue;
            }
            pass(301).await;
        }
    }

    /// Nobody has changed a log behind the program's back, and it has made no gap itself.
    pub(super) async fn read_the_logs(&mut self) {
        for till in TILLS {
            let console = self.shop.console_of(till);
            let log = console.mirror().read::<_, mirror::Error>(|view| view.verify_audit()).await.unwrap();
            if !log.is_whole() {
                self.found.push(format!("the audit log of {till} is not whole: {:?}", log.faults));
            }
            console.end().await;
        }
    }

    /// Nobody asks for anything: whatever is due is done all the same.
    async fn left_alone(&mut self) {
        let consoles = TILLS.map(|till| (till, self.shop.console_of(till)));
        let [(_, one), (_, other)] = &consoles;
        until(async { tokio::join!(one.watch(), other.watch()) }, pass(ALONE_S)).await;
        let late = self.shop.world.time() - seconds(OVERDUE_S);
        for (till, console) in consoles {
            let open = console.mirror().read::<_, mirror::Error>(|view| view.open_payouts()).await.unwrap();
            for row in open.into_iter().filter(|row| row.payout.next_at < late) {
                let (number, state) = (row.payout.out_refund_no, row.payout.state);
                self.found.push(format!("{till} has forgotten {number}, which is {}", state.as_str()));
            }
            console.end().await;
        }
    }

    /// Requests that somebody approved and that have failed since, or were never claimed: a person tries again, with the
    /// amount that the backend has where it is fixed.
    fn unfinished(&self) -> Vec<(String, i64)> {
        let state = self.shop.world.state();
        let here = state.backend.capabilities.payout == PayoutMode::Terminal;
        let approved =
            |about: &str| state.approved.iter().rev().find(|(id, _)| id == about).map(|(_, fen)| *fen);
        let requests = state.backend.requests.values();
        requests
            .filter_map(|request| {
                let claimed = request.payout.amount.map(Fen::get);
                // What the shop started was decided on by its order; its request came afterwards.
                let started = claimed.filter(|_| request.requested_by == "merchant");
                let wished = approved(request.id.as_str()).or(started)?;
                let fen = match (&request.state, &request.payout.state) {
                    (RefundState::Processing, _) | (RefundState::Failed, BackendPayoutState::Abnormal) => {
                        // Where the backend pays, staff settle it at WeChat.
                        claimed.filter(|_| here)?
                    }
                    (RefundState::Pending | RefundState::Failed, _) => wished,
                    _ => return None,
                };
                Some((request.id.to_string(), fen))
            })
            .collect()
    }

    fn anything_open(&self) -> bool {
        let state = self.shop.world.state();
        state.backend.requests.values().any(|request| request.state == RefundState::Processing)
    }
}

/// Approves it once more. Returns what is wrong with the outcome, if anything is.
async fn approve_again(console: &Console, id: &str, amount: i64) -> Option<String> {
    let approval = Approval { actor: sign_in(console, "boss").await, ..approval(amount) };
    let outcome = console.approve_and_wait(&request_id(id), &approval, seconds(90)).await;
    match outcome {
        Ok(_) => None,
        // Somebody else is at it, it is done, or what is left of the payment is not enough: all of that is an end.
        Err(
            Error::AlreadyRunning { .. }
            | Error::HeldElsewhere { .. }
            | Error::AlreadyDone
            | Error::AmountAbove { .. }
            | Error::AmountFixed { .. }
            | Error::NothingLeft
            | Error::NotDecidable { .. },
        ) => None,
        // The same in the words of a backend that pays.
        Err(Error::Source(error))
            if matches!(error.kind, SourceErrorKind::Conflict { .. } | SourceErrorKind::Refused) =>
        {
            None
        }
        Err(other) => Some(format!("{id} cannot be approved: {other:?}")),
    }
}
