//! One enterprise with everything that belongs to it.

use anyhow::{Context, anyhow};
use chrono::NaiveDate;
use domain::localized::Localized;
use domain::roles::OrganisationKind;
use domain::rule_set::RuleSet;
use entity::{enterprise, enterprise_activity, organisation, unit};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::areas::enterprises::{EnterpriseDraft, Secondary, check_draft, with_tally};
use crate::areas::reference::Book;
use crate::demo::cast::Cast;
use crate::demo::dice::{Bins, Dice, Ids, before, moment, registry_day};
use crate::demo::mandates::Mandates;
use crate::demo::pattern::Patterns;
use crate::demo::plan::{Plan, Shape};
use crate::demo::rows::Rows;
use crate::demo::words::Words;
use crate::demo::workplaces::Site;

/// Streams of chance below this number have other purposes.
const FIRST_STREAM: u64 = 1_000;
/// Activities of sections that have no class of professional risk.
const WITHOUT_CLASS: &str = "97";

/// Everything that making an enterprise needs; it goes through the plan once and keeps nothing but what it counts with.
pub struct Maker<'a> {
    /// Seed of the data set.
    pub seed: u64,
    /// Its day.
    pub today: NaiveDate,
    /// Lists to draw from.
    pub words: &'a Words,
    /// Classifiers that the drafts are judged against.
    pub book: &'a Book,
    /// Rules of the assessments.
    pub rules: &'a RuleSet,
    /// Organisations and persons.
    pub cast: Cast,
    /// Keys.
    pub ids: Ids,
    /// BINs.
    pub bins: Bins,
    /// Findings.
    pub patterns: Patterns,
    /// Rows made so far.
    pub rows: Rows,
}

impl Maker<'_> {
    /// Makes the enterprise at a position of the plan.
    pub fn make(&mut self, index: usize, plan: &Plan) -> anyhow::Result<()> {
        let mut dice = Dice::new(self.seed, FIRST_STREAM + u64::try_from(index)?);
        let draft = self.draft(index, plan, &mut dice)?;
        let checked = check_draft(&draft, self.book, self.today)
            .map_err(|faults| anyhow!("the demo enterprise {index} is refused: {faults:?}"))?;
        let secondary: Vec<String> = checked.secondary.iter().flatten().map(ToString::to_string).collect();
        let owner = if index < 2 { self.cast.employer } else { self.ids.fresh() };
        let row = enterprise::Model {
            id: self.ids.fresh(),
            valid_to: plan.struck_off.then(|| before(self.today, 100)),
            ..checked.into_row(owner, true, moment(self.today))
        };
        if index != 1 {
            self.rows.organisations.push(employer(&row));
        }
        for oked in secondary {
            let id = self.ids.fresh();
            self.rows.enterprise_activities.push(enterprise_activity::Model { id, enterprise_id: row.id, oked });
        }
        self.mandates(index, row.id, &mut dice)?;
        let site = self.site(index, plan, &row, &mut dice)?;
        let sums = self.workplaces(&site, &mut dice)?;
        let row = match sums.assessed_on {
            Some(day) => with_tally(row, &sums.tally, self.rules, day).map_err(anyhow::Error::from)?,
            None => row,
        };
        self.rows.enterprises.push(row);
        Ok(())
    }

    fn draft(&mut self, index: usize, plan: &Plan, dice: &mut Dice) -> anyhow::Result<EnterpriseDraft> {
        let registered = before(registry_day(self.today), dice.between(200, 6_500));
        let oked = match &plan.oked {
            Some(oked) => oked.clone(),
            None => dice.pick(self.words.leaves(&plan.section))?.clone(),
        };
        let names = match &plan.names {
            Some(names) => names.clone(),
            None => self.names(index, &plan.section, dice)?,
        };
        let (longitude, latitude) = self.position(&plan.kato, dice)?;
        Ok(EnterpriseDraft {
            bin: self.bins.fresh(registered)?.to_string(),
            name_kk: Some(names.kk),
            name_ru: names.ru,
            name_en: Some(names.en),
            kato: plan.kato.clone(),
            secondary_okeds: Secondary::Given(self.secondary(plan, &oked, dice)?),
            oked,
            headcount: plan.headcount.into(),
            longitude: longitude.map(Ok),
            latitude: latitude.map(Ok),
            valid_from: Some(Ok(registered)),
        })
    }

    /// «Stem Activity 7» and the legal form; the number keeps namesakes apart.
    fn names(&self, index: usize, section: &str, dice: &mut Dice) -> anyhow::Result<Localized> {
        let stem = &dice.pick(&self.words.stems)?.names;
        let activities = self.words.activities(section);
        let activity = &dice.pick(&activities)?.names;
        let forms = self.words.forms(section);
        let form = if dice.chance(70) { forms.first() } else { Some(dice.pick(&forms)?) };
        let form = &form.context("no legal form")?.short;
        let number = match index / self.words.stems.len().max(1) {
            0 => String::new(),
            number => format!(" {number}"),
        };
        Ok(Localized::new(
            format!("«{} {}{number}» {}", stem.kk, activity.kk, form.kk),
            format!("{} «{} {}{number}»", form.ru, stem.ru, activity.ru),
            format!("{} {}{number} {}", stem.en, activity.en, form.en),
        ))
    }

    /// Near the point of the region; a few enterprises have not given theirs.
    fn position(&self, kato: &str, dice: &mut Dice) -> anyhow::Result<(Option<Decimal>, Option<Decimal>)> {
        let region = self.words.region(kato)?;
        // Ten-thousandths of a degree.
        let (wide, high) = if region.city { (900, 600) } else { (6_000, 4_000) };
        let mut moved =
            |degrees: Decimal, by: u32| degrees + Decimal::new(i64::from(dice.between(0, 2 * by)) - i64::from(by), 4);
        let position = (moved(region.lon, wide), moved(region.lat, high));
        Ok(if dice.chance(3) { (None, None) } else { (Some(position.0), Some(position.1)) })
    }

    fn secondary(&self, plan: &Plan, main: &str, dice: &mut Dice) -> anyhow::Result<Vec<String>> {
        let wanted = match plan.secondary {
            0 if plan.names.is_none() && dice.chance(25) => dice.between(1, 2),
            given => given,
        };
        let mut codes: Vec<String> = Vec::new();
        if wanted > 10 {
            codes.push(WITHOUT_CLASS.to_owned());
        }
        while codes.len() < usize::try_from(wanted)? {
            let section = dice.pick(&["A", "C", "E", "F", "G", "H", "I", "M", "N", "S"])?;
            let code = dice.pick(self.words.leaves(section))?;
            if code != main && !codes.contains(code) {
                codes.push(code.clone());
            }
        }
        Ok(codes)
    }

    fn mandates(&mut self, index: usize, enterprise: Uuid, dice: &mut Dice) -> anyhow::Result<()> {
        let mandates = Mandates { cast: &self.cast, ids: &mut self.ids, dice, today: self.today, enterprise };
        let made = if index < 2 { mandates.of_demo_employer() } else { mandates.usual()? };
        self.rows.mandates.extend(made);
        Ok(())
    }

    /// What its workplaces need to know of the enterprise, and its units: none where there are few workplaces.
    fn site(&mut self, index: usize, plan: &Plan, row: &enterprise::Model, dice: &mut Dice) -> anyhow::Result<Site> {
        let words = self.words.units(&plan.section);
        let count = if plan.workplaces < 3 { 0 } else { words.len().min(usize::try_from(1 + plan.workplaces / 8)?) };
        let mut units: Vec<Uuid> = Vec::new();
        for word in words.into_iter().take(count) {
            let id = self.ids.fresh();
            // In a large enterprise the second unit is a part of the first.
            let parent_id = if units.len() == 1 && count > 2 { units.first().copied() } else { None };
            self.rows.units.push(unit::Model {
                id,
                enterprise_id: row.id,
                parent_id,
                code: word.code.clone(),
                name_kk: word.names.kk.clone(),
                name_ru: word.names.ru.clone(),
                name_en: word.names.en.clone(),
                created_at: moment(self.today),
            });
            units.push(id);
        }
        let own = !matches!(plan.shape, Shape::Rich(_)) && dice.chance(30);
        let (assessor, laboratory) = match if own { None } else { Some(dice.pick(&self.cast.assessors)?) } {
            Some((id, name)) => (*id, name.clone()),
            None => (row.organisation_id, row.name_ru.clone()),
        };
        let professions = self.words.professions(&plan.section);
        Ok(Site { index, plan: plan.clone(), enterprise: row.id, units, professions, assessor, laboratory })
    }
}

/// The organisation that owns the enterprise; of the demo employer's two the first gives its name.
fn employer(row: &enterprise::Model) -> organisation::Model {
    organisation::Model {
        id: row.organisation_id,
        kind: OrganisationKind::Employer.to_string(),
        name_kk: row.name_kk.clone(),
        name_ru: row.name_ru.clone(),
        name_en: row.name_en.clone(),
        bin: Some(row.bin.clone()),
        jurisdiction_kato: None,
        demo: true,
        valid_from: row.valid_from,
        valid_to: None,
        created_at: row.created_at,
    }
}
