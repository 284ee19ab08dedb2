use domain::staff::{OwnLimits, Role, Rules, Staff};
use domain::time::Timestamp;
use domain::{Fen, Secret, StaffId};
use rusqlite::{OptionalExtension, Row, named_params, params};

use crate::store::instant;
use crate::{Error, Revision, Tx, View};

/// The guard's words when a change would leave the shop without an owner ([`Error::Guard`]).
pub const NO_OWNER_LEFT: &str = "no owner left";

/// Somebody who works here, or did. The PIN's hash is not among it, so that no list carries it about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffRow {
    /// Who.
    pub staff: Staff,
    /// Wrong PINs in a row.
    pub wrong_pins: u32,
    /// When the next one may be tried; `None`: at once.
    pub locked_until: Option<Timestamp>,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they, their PIN or their limits were last changed.
    pub changed_at: Timestamp,
    /// The row's last change.
    pub revision: Revision,
}

/// The shop's rules for refunds as they were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RulesRow {
    /// The rules; without any limit where nobody has set them.
    pub rules: Rules,
    /// The row's last change; 0 where nobody has set them.
    pub revision: Revision,
}

const COLUMNS: &str = "id, name, role, per_refund_fen, per_day_fen, active, wrong_pins, locked_until_ms, created_at_ms, changed_at_ms, revision";

impl View<'_> {
    /// Everybody, those who left too: by role from owner to clerk, then by name.
    pub fn staff(&self) -> Result<Vec<StaffRow>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM staff
             ORDER BY active DESC, CASE role WHEN 'owner' THEN 0 WHEN 'manager' THEN 1 ELSE 2 END, name, id"
        );
        let mut query = self.connection.prepare_cached(&sql)?;
        let rows = query.query_map([], Stored::read)?;
        rows.map(|row| row?.decode()).collect()
    }

    /// One of them.
    pub fn staff_member(&self, id: &StaffId) -> Result<Option<StaffRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM staff WHERE id = ?1");
        let mut query = self.connection.prepare_cached(&sql)?;
        query.query_row([id.as_str()], Stored::read).optional()?.map(Stored::decode).transpose()
    }

    /// Whether anybody was ever defined. If not, the caller is the owner.
    pub fn has_staff(&self) -> Result<bool, Error> {
        let mut query = self.connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM staff)")?;
        Ok(query.query_row([], |row| row.get(0))?)
    }

    /// Somebody's PIN as a PHC string of argon2id. It is a secret: four digits are soon found from it.
    pub fn pin_of(&self, id: &StaffId) -> Result<Option<Secret<String>>, Error> {
        let mut query = self.connection.prepare_cached("SELECT pin FROM staff WHERE id = ?1")?;
        Ok(query.query_row([id.as_str()], |row| row.get(0)).optional()?.map(Secret::new))
    }

    /// The shop's rules for refunds.
    pub fn staff_rules(&self) -> Result<Rules, Error> {
        Ok(self.staff_rules_row()?.rules)
    }

    /// The same with their revision, for whoever is to change what they saw.
    pub fn staff_rules_row(&self) -> Result<RulesRow, Error> {
        let mut query = self.connection.prepare_cached(
            "SELECT per_refund_fen, per_day_fen, per_person_a_day_fen, second_person_above_fen, pin_kept_s, revision
             FROM staff_rules",
        )?;
        let row = query
            .query_row([], |row| {
                let fen = |column: usize| {
                    Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(Fen::new))
                };
                let rules = Rules {
                    per_refund: fen(0)?,
                    per_day: fen(1)?,
                    per_person_a_day: fen(2)?,
                    second_person_above: fen(3)?,
                    pin_kept_s: row.get(4)?,
                };
                Ok(RulesRow { rules, revision: row.get(5)? })
            })
            .optional()?;
        Ok(row.unwrap_or_default())
    }
}

impl Tx<'_> {
    /// Adds somebody. [`Error::Guard`] when the first one is no owner. The id must be new.
    pub fn add_staff(&self, staff: &Staff, pin: &Secret<String>, now: Timestamp) -> Result<(), Error> {
        self.touched.staff.set(true);
        self.connection
            .prepare_cached(
                "INSERT INTO staff (id, name, role, pin, per_refund_fen, per_day_fen, active, created_at_ms, changed_at_ms, revision)
                 VALUES (:id, :name, :role, :pin, :per_refund_fen, :per_day_fen, :active, :now, :now, :revision)",
            )?
            .execute(named_params! {
                ":id": staff.id.as_str(),
                ":name": staff.name,
                ":role": staff.role.as_str(),
                ":pin": pin.expose(),
                ":per_refund_fen": staff.limits.per_refund.map(Fen::get),
                ":per_day_fen": staff.limits.per_day.map(Fen::get),
                ":active": staff.active,
                ":now": now.as_millisecond(),
                ":revision": self.revision(),
            })?;
        Ok(())
    }

    /// Keeps name, role, limits and whether they still work here. [`Error::Guard`] when no owner would be left.
    pub fn put_staff(&self, staff: &Staff, now: Timestamp) -> Result<(), Error> {
        self.touched.staff.set(true);
        self.connection
            .prepare_cached(
                "UPDATE staff SET name = :name, role = :role, per_refund_fen = :per_refund_fen,
                    per_day_fen = :per_day_fen, active = :active, changed_at_ms = :now, revision = :revision
                 WHERE id = :id",
            )?
            .execute(named_params! {
                ":id": staff.id.as_str(),
                ":name": staff.name,
                ":role": staff.role.as_str(),
                ":per_refund_fen": staff.limits.per_refund.map(Fen::get),
                ":per_day_fen": staff.limits.per_day.map(Fen::get),
                ":active": staff.active,
                ":now": now.as_millisecond(),
                ":revision": self.revision(),
            })?;
        Ok(())
    }

    /// Gives somebody another PIN, a PHC string. It ends every waiting for the old one.
    pub fn put_pin(&self, id: &StaffId, pin: &Secret<String>, now: Timestamp) -> Result<(), Error> {
        self.touched.staff.set(true);
        self.connection
            .prepare_cached(
                "UPDATE staff SET pin = ?2, wrong_pins = 0, locked_until_ms = NULL, changed_at_ms = ?3, revision = ?4
                 WHERE id = ?1",
            )?
            .execute(params![id.as_str(), pin.expose(), now.as_millisecond(), self.revision()])?;
        Ok(())
    }

    /// Keeps how many PINs in a row were wrong, and until when the next one waits. It is no change of the row: what the
    /// owner sees of somebody while changing them is not out of date by it.
    pub fn put_wrong_pins(
        &self,
        id: &StaffId,
        wrong_pins: u32,
        locked_until: Option<Timestamp>,
    ) -> Result<(), Error> {
        self.touched.staff.set(true);
        let locked_until = locked_until.map(Timestamp::as_millisecond);
        self.connection
            .prepare_cached("UPDATE staff SET wrong_pins = ?2, locked_until_ms = ?3 WHERE id = ?1")?
            .execute(params![id.as_str(), wrong_pins, locked_until])?;
        Ok(())
    }

    /// Keeps the shop's rules for refunds.
    pub fn put_staff_rules(&self, rules: &Rules, now: Timestamp) -> Result<(), Error> {
        self.touched.staff.set(true);
        self.connection
            .prepare_cached(
                "INSERT INTO staff_rules (id, per_refund_fen, per_day_fen, per_person_a_day_fen, second_person_above_fen,
                    pin_kept_s, changed_at_ms, revision)
                 VALUES (1, :per_refund, :per_day, :per_person_a_day, :second_person_above, :pin_kept_s, :now, :revision)
                 ON CONFLICT (id) DO UPDATE SET per_refund_fen = excluded.per_refund_fen,
                    per_day_fen = excluded.per_day_fen, per_person_a_day_fen = excluded.per_person_a_day_fen,
                    second_person_above_fen = excluded.second_person_above_fen, pin_kept_s = excluded.pin_kept_s,
                    changed_at_ms = excluded.changed_at_ms, revision = excluded.revision",
            )?
            .execute(named_params! {
                ":per_refund": rules.per_refund.map(Fen::get),
                ":per_day": rules.per_day.map(Fen::get),
                ":per_person_a_day": rules.per_person_a_day.map(Fen::get),
                ":second_person_above": rules.second_person_above.map(Fen::get),
                ":pin_kept_s": rules.pin_kept_s,
                ":now": now.as_millisecond(),
                ":revision": self.revision(),
            })?;
        Ok(())
    }
}

struct Stored {
    id: String,
    name: String,
    role: String,
    limits: OwnLimits,
    active: bool,
    wrong_pins: u32,
    locked_until_ms: Option<i64>,
    created_at_ms: i64,
    changed_at_ms: i64,
    revision: Revision,
}

impl Stored {
    fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
        Ok(Stored {
            id: row.get(0)?,
            name: row.get(1)?,
            role: row.get(2)?,
            limits: OwnLimits {
                per_refund: row.get::<_, Option<i64>>(3)?.map(Fen::new),
                per_day: row.get::<_, Option<i64>>(4)?.map(Fen::new),
            },
            active: row.get(5)?,
            wrong_pins: row.get(6)?,
            locked_until_ms: row.get(7)?,
            created_at_ms: row.get(8)?,
            changed_at_ms: row.get(9)?,
            revision: row.get(10)?,
        })
    }

    fn decode(self) -> Result<StaffRow, Error> {
        let wrong = || Error::stored("member of staff");
        Ok(StaffRow {
            staff: Staff {
                id: StaffId::new(self.id).map_err(|_| wrong())?,
                name: self.name,
                role: Role::from_word(&self.role).ok_or_else(wrong)?,
                active: self.active,
                limits: self.limits,
            },
            wrong_pins: self.wrong_pins,
            locked_until: self.locked_until_ms.map(|ms| instant("member of staff", ms)).transpose()?,
            created_at: instant("member of staff", self.created_at_ms)?,
            changed_at: instant("member of staff", self.changed_at_ms)?,
            revision: self.revision,
        })
    }
}
