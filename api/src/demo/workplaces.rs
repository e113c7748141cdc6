//! Workplaces of one enterprise: factors, measurements, assessments, and the sums they give.

use std::sync::Arc;

use anyhow::Context;
use chrono::NaiveDate;
use domain::risk::RiskTally;
use entity::{assessment, assessment_trace, factor_assignment, measurement, micro, workplace};
use uuid::Uuid;

use crate::demo::dice::{Dice, apportion, before, moment};
use crate::demo::enterprise::Maker;
use crate::demo::pattern::{Kind, Pattern, VARIANTS};
use crate::demo::plan::{Plan, Shape};

/// An enterprise as its workplaces need it.
pub struct Site {
    /// Position in the plan.
    pub index: usize,
    /// Its plan.
    pub plan: Plan,
    /// Key.
    pub enterprise: Uuid,
    /// Units; may be none.
    pub units: Vec<Uuid>,
    /// Professions that occur in it.
    pub professions: Vec<usize>,
    /// Who assesses it: an assessment organisation or its owner.
    pub assessor: Uuid,
    /// Name of who measures.
    pub laboratory: String,
}

/// What an enterprise is scored by.
#[derive(Default)]
pub struct Sums {
    /// Running sums.
    pub tally: RiskTally,
    /// Newest assessment in force; none while nothing is assessed.
    pub assessed_on: Option<NaiveDate>,
}

/// A workplace and the assignment of each factor at it.
struct Place {
    id: Uuid,
    number: u32,
    assignments: Vec<Uuid>,
}

/// How far a workplace has come.
#[derive(Clone, Copy)]
struct Stage {
    measured: bool,
    assessed: bool,
    history: bool,
}

impl Maker<'_> {
    /// Makes all workplaces of an enterprise.
    pub fn workplaces(&mut self, site: &Site, dice: &mut Dice) -> anyhow::Result<Sums> {
        let mut sums = Sums::default();
        let culture = dice.between(0, 4);
        for (number, workers) in (1..).zip(workers(&site.plan, dice)) {
            let degree = degree(&site.plan, number, culture, dice);
            let profession = *dice.pick(&site.professions)?;
            let kind = Kind { profession, degree, variant: dice.between(0, VARIANTS - 1) };
            let row = self.workplace(site, number, profession, workers, dice)?;
            if site.index == 0 && number == 1 {
                let worker = self.cast.worker(self.ids.fresh(), row.id, self.today);
                self.rows.memberships.push(worker.context("no demo worker")?);
            }
            let row = self.assessed(site, row, kind, &mut sums, dice)?;
            self.rows.workplaces.push(row);
        }
        Ok(sums)
    }

    fn workplace(
        &mut self,
        site: &Site,
        number: u32,
        profession: usize,
        workers: u32,
        dice: &mut Dice,
    ) -> anyhow::Result<workplace::Model> {
        let profession = self.words.profession(profession)?;
        let unit_id = if site.units.is_empty() { None } else { Some(*dice.pick(&site.units)?) };
        Ok(workplace::Model {
            id: self.ids.fresh(),
            enterprise_id: site.enterprise,
            unit_id,
            code: format!("WP-{number:03}"),
            name_kk: profession.names.kk.clone(),
            name_ru: profession.names.ru.clone(),
            name_en: profession.names.en.clone(),
            profession_code: profession.code.clone(),
            workers: i32::try_from(workers)?,
            shifts: i16::try_from(*dice.pick(&[1, 1, 1, 2, 2, 3])?)?,
            current_assessment_id: None,
            degree: 0,
            pr_micro: 0,
            version: 1,
            created_at: moment(self.today),
            updated_at: moment(self.today),
        })
    }

    /// Measures and assesses a workplace as far as its stage says, and counts it.
    fn assessed(
        &mut self,
        site: &Site,
        row: workplace::Model,
        kind: Kind,
        sums: &mut Sums,
        dice: &mut Dice,
    ) -> anyhow::Result<workplace::Model> {
        let number = row.code.trim_start_matches("WP-").parse()?;
        let stage = stage(&site.plan, number, dice);
        if !stage.measured {
            return Ok(row);
        }
        let pattern = self.pattern(kind)?;
        let place = self.place(site, row.id, number, &pattern);
        let day = before(self.today, dice.between(20, 720)).max(self.rules.valid_from);
        let older = before(day, dice.between(250, 900)).max(self.rules.valid_from);
        if stage.history && older < day {
            let once = Kind { degree: if kind.degree == 5 { 4 } else { kind.degree + 1 }, ..kind };
            let once = self.pattern(once)?;
            self.assessment(site, &place, &once, older, false)?;
        }
        if !stage.assessed {
            self.measurements(site, &place, &pattern, day);
            return Ok(row);
        }
        let current = self.assessment(site, &place, &pattern, day, true)?;
        let score = &pattern.score;
        sums.tally.add(score.pr, score.degree, u32::try_from(row.workers)?)?;
        sums.assessed_on = sums.assessed_on.max(Some(day));
        Ok(workplace::Model {
            current_assessment_id: Some(current),
            degree: i16::from(score.degree.get()),
            pr_micro: pr_micro(&pattern)?,
            ..row
        })
    }

    fn pattern(&mut self, kind: Kind) -> anyhow::Result<Arc<Pattern>> {
        self.patterns.get(self.rules, self.words.profession(kind.profession)?, kind)
    }

    fn place(&mut self, site: &Site, workplace: Uuid, number: u32, pattern: &Pattern) -> Place {
        let mut assignments = Vec::new();
        for exposed in &pattern.exposed {
            let id = self.ids.fresh();
            self.rows.factor_assignments.push(factor_assignment::Model {
                id,
                enterprise_id: site.enterprise,
                workplace_id: workplace,
                factor_code: exposed.factor.clone(),
                exposure_minutes: exposed.minutes,
                version: 1,
                created_at: moment(self.today),
            });
            assignments.push(id);
        }
        Place { id: workplace, number, assignments }
    }

    /// One protocol: every factor on one day. Gives the keys in the order of the pattern.
    fn measurements(&mut self, site: &Site, place: &Place, pattern: &Pattern, assessed_on: NaiveDate) -> Vec<Uuid> {
        let measured_on = before(assessed_on, 14).max(self.rules.valid_from);
        let mut keys = Vec::new();
        for (exposed, assignment) in pattern.exposed.iter().zip(&place.assignments) {
            let id = self.ids.fresh();
            self.rows.measurements.push(measurement::Model {
                id,
                enterprise_id: site.enterprise,
                workplace_id: place.id,
                factor_assignment_id: *assignment,
                factor_code: exposed.factor.clone(),
                measured_on,
                observation: exposed.observation.clone(),
                condition_class: exposed.class.to_string(),
                grade: exposed.grade,
                rule_set_code: self.rules.code.clone(),
                trace: exposed.trace.clone(),
                protocol_number: format!("{}-{}/{}", measured_on.format("%y"), site.index + 1, place.number),
                laboratory: site.laboratory.clone(),
                created_at: moment(measured_on),
            });
            keys.push(id);
        }
        keys
    }

    fn assessment(
        &mut self,
        site: &Site,
        place: &Place,
        pattern: &Pattern,
        day: NaiveDate,
        current: bool,
    ) -> anyhow::Result<Uuid> {
        let measured = self.measurements(site, place, pattern, day);
        let mut inputs = pattern.inputs.clone();
        for (input, measurement) in inputs.harmful.iter_mut().zip(measured) {
            input.measurement_id = Some(measurement.to_string());
        }
        let id = self.ids.fresh();
        let score = &pattern.score;
        self.rows.assessments.push(assessment::Model {
            id,
            enterprise_id: site.enterprise,
            workplace_id: place.id,
            rule_set_code: self.rules.code.clone(),
            assessed_on: day,
            v: score.v.get().into(),
            t: score.t.get().into(),
            ob: score.ob.get().into(),
            siz: score.siz.get().into(),
            z: score.z.get().into(),
            pr_micro: pr_micro(pattern)?,
            degree: score.degree.get().into(),
            current,
            assessor_organisation_id: Some(site.assessor),
            created_by: self.author(site),
            created_at: moment(day),
        });
        self.rows.assessment_traces.push(assessment_trace::Model {
            assessment_id: id,
            enterprise_id: site.enterprise,
            workplace_id: place.id,
            inputs: serde_json::to_string(&inputs)?,
            trace: pattern.trace.clone(),
        });
        Ok(id)
    }

    /// The person behind an assessment, where it is one of the demo persons.
    fn author(&self, site: &Site) -> Option<Uuid> {
        let assessor = self.cast.assessors.first().map(|(id, _)| *id);
        match site.assessor {
            holder if Some(holder) == assessor => self.cast.person("demo-assessor"),
            holder if holder == self.cast.employer => self.cast.person("demo-safety_engineer"),
            _ => None,
        }
    }
}

fn pr_micro(pattern: &Pattern) -> anyhow::Result<i64> {
    micro::from_decimal(pattern.score.pr).context("a PR has more than six decimals")
}

/// Workers by workplace: at least one each while there are any, together the headcount.
fn workers(plan: &Plan, dice: &mut Dice) -> Vec<u32> {
    let uneven = plan.shape == Shape::Mixed;
    let weights: Vec<u64> =
        (0..plan.workplaces).map(|_| if uneven { u64::from(dice.between(1, 8)) } else { 1 }).collect();
    let spare = plan.headcount.saturating_sub(plan.workplaces);
    let least = u32::from(plan.headcount >= plan.workplaces);
    apportion(spare.into(), &weights).into_iter().map(|more| least + u32::try_from(more).unwrap_or(0)).collect()
}

fn stage(plan: &Plan, number: u32, dice: &mut Dice) -> Stage {
    let chance = (dice.chance(8), dice.chance(50), dice.chance(15));
    match plan.shape {
        Shape::Unassessed => Stage { measured: number.is_multiple_of(2), assessed: false, history: false },
        Shape::Uniform(_) => Stage { measured: true, assessed: true, history: false },
        Shape::Rich(_) => Stage { measured: true, assessed: !number.is_multiple_of(12), history: number % 3 == 1 },
        Shape::Mixed => {
            let assessed = !chance.0;
            Stage { measured: assessed || chance.1, assessed, history: assessed && chance.2 }
        }
    }
}

/// The degree that a workplace shall have. `culture` 0..4 is how well the enterprise keeps its house.
fn degree(plan: &Plan, number: u32, culture: u32, dice: &mut Dice) -> u32 {
    match plan.shape {
        Shape::Uniform(degree) => degree,
        Shape::Rich(degree) => match number % 6 {
            0 => degree.saturating_sub(2).max(1),
            3 => (degree + 1).min(5),
            _ => degree,
        },
        Shape::Mixed | Shape::Unassessed => {
            let often = match plan.section.as_str() {
                "B" | "C" | "F" => [8, 25, 37, 23, 7],
                "J" | "K" | "L" | "M" | "O" | "P" | "S" => [50, 35, 12, 3, 0],
                _ => [25, 35, 28, 10, 2],
            };
            let usual = u32::try_from(dice.weighted(&often)).unwrap_or(0) + 1;
            match culture {
                0 => usual.saturating_sub(1).max(1),
                4 => (usual + 1).min(5),
                _ => usual,
            }
        }
    }
}
