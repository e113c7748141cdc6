//! Territorial units (KATO) and economic activities (OKED), as the Bureau of National Statistics lists them. A row may
//! come before the one above it.

use std::collections::HashSet;

use domain::ids::{CodeError, KatoCode, OkedCode};
use domain::provenance::Provenance;
use domain::refusal::{Refusal, RefusalCode};
use serde_json::{Map, Value};

use crate::areas::reference::ReferenceKind;
use crate::db::Db;
use crate::error::Result;
use crate::import::cells::Cells;
use crate::import::judge::Judge;
use crate::import::report::Ledger;
use crate::import::table::{Column, Desk, Table, optional, required};
use crate::import::timeline::{Entry, Timeline};

/// A classifier whose rows form a tree.
struct Tree {
    timeline: Timeline,
    in_file: HashSet<String>,
}

impl Tree {
    async fn open(db: &Db, kind: ReferenceKind) -> Result<Self> {
        Ok(Self { timeline: Timeline::open(db, kind).await?, in_file: HashSet::new() })
    }

    /// The code above, which must be stored or stand somewhere in the file, and not be the row itself.
    fn parent(
        &self,
        judge: &mut Judge<'_>,
        cells: &Cells,
        own: &str,
        (parse, unknown): (impl Fn(&str) -> Result<String, CodeError>, RefusalCode),
    ) -> Option<String> {
        cells.filled("parent")?;
        let code = judge.code("parent", parse)?;
        if code == own || !(self.in_file.contains(&code) || self.timeline.has(&code)) {
            judge.refuse(Refusal::new(unknown).at("parent").with("value", &code));
        }
        Some(code)
    }

    async fn take(
        &mut self,
        desk: &Desk<'_>,
        rows: &[Cells],
        ledger: &mut Ledger,
        read: impl Fn(&Self, &Cells, &Desk<'_>) -> Result<Entry, Vec<Refusal>>,
    ) -> Result<()> {
        for cells in rows {
            match read(self, cells, desk) {
                Ok(entry) => ledger.count(self.timeline.place(entry, desk.today)),
                Err(refusals) => ledger.refuse(cells, &refusals),
            }
        }
        if ledger.writes() { self.timeline.write(desk).await } else { Ok(()) }
    }
}

/// The cells that are kept as attributes.
pub fn attributes(cells: &Cells, columns: &[&str]) -> Map<String, Value> {
    let filled = columns.iter().filter_map(|column| Some(((*column).to_owned(), cells.filled(column)?)));
    filled.map(|(column, text)| (column, Value::from(text))).collect()
}

/// Territorial units.
pub struct Territories(Tree);

impl Territories {
    /// Reads what is stored.
    pub async fn open(db: &Db) -> Result<Self> {
        Ok(Self(Tree::open(db, ReferenceKind::Territory).await?))
    }
}

impl Table for Territories {
    const COLUMNS: &'static [Column] = &[
        required("kato"),
        required("parent"),
        required("level"),
        required("name_ru"),
        optional("name_kk"),
        optional("name_en"),
        optional("type_code"),
        optional("valid_from"),
        optional("valid_to"),
        optional("provenance"),
        optional("source"),
    ];
    const KEY: &'static [&'static str] = &["kato", "valid_from"];
    const BLAMED: &'static str = "kato";
    const REFERRED: Option<&'static str> = Some("kato");

    fn announce(&mut self, values: HashSet<String>) {
        self.0.in_file = values;
    }

    async fn take(&mut self, desk: &Desk<'_>, rows: &[Cells], ledger: &mut Ledger) -> Result<()> {
        self.0.take(desk, rows, ledger, territory).await
    }
}

fn territory(tree: &Tree, cells: &Cells, desk: &Desk<'_>) -> Result<Entry, Vec<Refusal>> {
    let mut judge = Judge::new(cells);
    let kato = judge.code("kato", KatoCode::parse);
    let parse = |text: &str| KatoCode::parse(text).map(String::from);
    let parent = tree.parent(&mut judge, cells, cells.text("kato"), (parse, RefusalCode::UnknownTerritory));
    judge.required("level");
    let name = judge.required("name_ru");
    let period = judge.period();
    let origin = judge.origin((Provenance::Official, desk.source));
    let entry = kato.map(|kato| Entry {
        code: kato.to_string(),
        parent,
        names: [cells.text("name_kk").to_owned(), name, cells.text("name_en").to_owned()],
        attributes: attributes(cells, &["level", "type_code"]),
        period,
        origin,
    });
    judge.accept(entry)
}

/// Economic activities.
pub struct Activities(Tree);

impl Activities {
    /// Reads what is stored.
    pub async fn open(db: &Db) -> Result<Self> {
        Ok(Self(Tree::open(db, ReferenceKind::Activity).await?))
    }
}

impl Table for Activities {
    const COLUMNS: &'static [Column] = &[
        required("code"),
        required("level"),
        required("parent"),
        required("section"),
        required("name_ru"),
        required("valid_from"),
        optional("name_kk"),
        optional("name_en_nace2"),
        optional("valid_to"),
        optional("provenance"),
        optional("source"),
    ];
    const KEY: &'static [&'static str] = &["code", "valid_from"];
    const BLAMED: &'static str = "code";
    const REFERRED: Option<&'static str> = Some("code");

    fn announce(&mut self, values: HashSet<String>) {
        self.0.in_file = values;
    }

    async fn take(&mut self, desk: &Desk<'_>, rows: &[Cells], ledger: &mut Ledger) -> Result<()> {
        self.0.take(desk, rows, ledger, activity).await
    }
}

fn activity(tree: &Tree, cells: &Cells, desk: &Desk<'_>) -> Result<Entry, Vec<Refusal>> {
    let mut judge = Judge::new(cells);
    let code = judge.code("code", OkedCode::parse);
    let parse = |text: &str| OkedCode::parse(text).map(String::from);
    let parent = tree.parent(&mut judge, cells, cells.text("code"), (parse, RefusalCode::UnknownActivity));
    judge.required("level");
    let section = judge.code("section", OkedCode::parse);
    if section.is_some_and(|section| !section.is_section()) {
        judge.refuse(Refusal::from(CodeError::Structure("section")).at("section"));
    }
    let name = judge.required("name_ru");
    let period = judge.dated_period();
    let origin = judge.origin((Provenance::Official, desk.source));
    let entry = code.map(|code| Entry {
        code: code.to_string(),
        parent,
        names: [cells.text("name_kk").to_owned(), name, cells.text("name_en_nace2").to_owned()],
        attributes: attributes(cells, &["level", "section"]),
        period,
        origin,
    });
    judge.accept(entry)
}
