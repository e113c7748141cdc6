//! Classes of professional risk of activities, and the insurance rates of the classes. Official tables replace what
//! ships; what they do not say stays unknown.

use domain::ids::OkedCode;
use domain::provenance::Provenance;
use domain::refusal::{Refusal, RefusalCode};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::areas::reference::ReferenceKind;
use crate::db::Db;
use crate::error::Result;
use crate::import::cells::Cells;
use crate::import::judge::{Judge, NUMBER};
use crate::import::report::Ledger;
use crate::import::table::{Column, Desk, Table, optional, required};
use crate::import::timeline::{Entry, Timeline};

/// Classes of professional risk, Law No. 30 of 7 February 2005.
const CLASSES: (i64, i64) = (1, 22);

/// Classes of activities.
pub struct ActivityClasses(Timeline);

impl ActivityClasses {
    /// Reads what is stored.
    pub async fn open(db: &Db) -> Result<Self> {
        Ok(Self(Timeline::open(db, ReferenceKind::ActivityClass).await?))
    }
}

impl Table for ActivityClasses {
    const COLUMNS: &'static [Column] = &[
        required("oked_prefix"),
        required("risk_class"),
        optional("headcount_min"),
        optional("headcount_max"),
        required("valid_from"),
        optional("valid_to"),
        required("provenance"),
        required("source"),
    ];
    const KEY: &'static [&'static str] = &["oked_prefix", "headcount_min", "headcount_max", "valid_from"];
    const BLAMED: &'static str = "oked_prefix";

    async fn take(&mut self, desk: &Desk<'_>, rows: &[Cells], ledger: &mut Ledger) -> Result<()> {
        take(&mut self.0, desk, rows, ledger, activity_class).await
    }
}

/// Rates of classes.
pub struct TariffRates(Timeline);

impl TariffRates {
    /// Reads what is stored.
    pub async fn open(db: &Db) -> Result<Self> {
        Ok(Self(Timeline::open(db, ReferenceKind::TariffRate).await?))
    }
}

impl Table for TariffRates {
    const COLUMNS: &'static [Column] = &[
        required("risk_class"),
        required("rate_percent"),
        required("valid_from"),
        optional("valid_to"),
        required("provenance"),
        required("source"),
    ];
    const KEY: &'static [&'static str] = &["risk_class", "valid_from"];
    const BLAMED: &'static str = "risk_class";

    async fn take(&mut self, desk: &Desk<'_>, rows: &[Cells], ledger: &mut Ledger) -> Result<()> {
        take(&mut self.0, desk, rows, ledger, tariff_rate).await
    }
}

async fn take(
    timeline: &mut Timeline,
    desk: &Desk<'_>,
    rows: &[Cells],
    ledger: &mut Ledger,
    read: fn(&Cells, &Desk<'_>) -> Result<Entry, Vec<Refusal>>,
) -> Result<()> {
    for cells in rows {
        match read(cells, desk) {
            Ok(entry) => ledger.count(timeline.place(entry, desk.today)),
            Err(refusals) => ledger.refuse(cells, &refusals),
        }
    }
    if ledger.writes() { timeline.write(desk).await } else { Ok(()) }
}

fn activity_class(cells: &Cells, desk: &Desk<'_>) -> Result<Entry, Vec<Refusal>> {
    let mut judge = Judge::new(cells);
    let prefix = judge.code("oked_prefix", OkedCode::parse);
    let known = |code: &OkedCode| !code.is_section() && desk.book.codes().section_of(code).is_some();
    if let Some(code) = prefix.as_ref().filter(|code| !known(code)) {
        judge.refuse(Refusal::new(RefusalCode::UnknownActivity).at("oked_prefix").with("value", code));
    }
    let class = judge.within("risk_class", CLASSES);
    let (min, max) = (judge.people("headcount_min"), judge.people("headcount_max"));
    if let (Some(min), Some(max)) = (min, max)
        && max < min
    {
        let refusal = Refusal::new(RefusalCode::OutOfRange).at("headcount_max");
        judge.refuse(refusal.with("min", min).with("max", "∞"));
    }
    // An open lower end is zero, so that "up to 100" and "from 100" are two codes.
    let min = min.or(max.map(|_| 0));
    let rest = dated(&mut judge, desk);
    let entry = prefix.zip(class).map(|(prefix, class)| {
        let parts = [("headcount_min", min), ("headcount_max", max)];
        let parts = parts.into_iter().filter_map(|(name, value)| Some((name, value?.to_string())));
        let code = parts.clone().fold(prefix.to_string(), |code, (_, value)| format!("{code}/{value}"));
        let mut attributes: Map<String, Value> =
            parts.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
        attributes.insert("oked_prefix".to_owned(), Value::from(prefix.to_string()));
        attributes.insert("risk_class".to_owned(), Value::from(class.to_string()));
        Entry { code, attributes, ..rest }
    });
    judge.accept(entry)
}

fn tariff_rate(cells: &Cells, desk: &Desk<'_>) -> Result<Entry, Vec<Refusal>> {
    let mut judge = Judge::new(cells);
    let class = judge.within("risk_class", CLASSES);
    let rate: Option<Decimal> = judge.value("rate_percent", NUMBER);
    if rate.is_some_and(|rate| rate.is_sign_negative() && !rate.is_zero()) {
        judge.refuse(Refusal::new(RefusalCode::Negative).at("rate_percent"));
    } else if rate.is_some_and(|rate| rate.is_zero() || rate > Decimal::ONE_HUNDRED) {
        judge.refuse(Refusal::new(RefusalCode::OutOfRange).at("rate_percent").with("min", 0).with("max", 100));
    }
    let rest = dated(&mut judge, desk);
    let entry = class.zip(rate).map(|(class, rate)| {
        let attributes = [("rate_percent".to_owned(), Value::from(rate.normalize().to_string()))];
        Entry { code: class.to_string(), attributes: attributes.into_iter().collect(), ..rest }
    });
    judge.accept(entry)
}

/// Period and origin, which a rate table must say itself.
fn dated(judge: &mut Judge<'_>, desk: &Desk<'_>) -> Entry {
    let period = judge.dated_period();
    judge.required("provenance");
    judge.required("source");
    let origin = judge.origin((Provenance::Provisional, desk.source));
    Entry {
        code: String::new(),
        parent: None,
        names: [const { String::new() }; 3],
        attributes: Map::new(),
        period,
        origin,
    }
}
