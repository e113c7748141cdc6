//! Who may see an enterprise besides its owner: most mandates are in force, some have ended, begin later or were taken
//! back.

use chrono::{DateTime, NaiveDate, Utc};
use domain::roles::MandateKind;
use entity::mandate;
use uuid::Uuid;

use crate::demo::cast::Cast;
use crate::demo::dice::{Dice, Ids, after, before, moment};

/// Where a mandate is in its life.
#[derive(Clone, Copy)]
enum Stage {
    InForce,
    Ended,
    Later,
    Revoked,
}

/// Mandates over one enterprise.
pub struct Mandates<'a> {
    /// Who can hold them.
    pub cast: &'a Cast,
    /// Keys.
    pub ids: &'a mut Ids,
    /// Chance of this enterprise.
    pub dice: &'a mut Dice,
    /// The day of the data set.
    pub today: NaiveDate,
    /// The enterprise.
    pub enterprise: Uuid,
}

impl Mandates<'_> {
    /// The enterprises of the demo employer: every demo person has a mandate in force, and there is one in every other
    /// stage of its life too.
    pub fn of_demo_employer(mut self) -> Vec<mandate::Model> {
        use MandateKind::{EngagedBy, Insures, Represents};
        let cast = self.cast;
        let assessor = |index: usize| cast.assessors.get(index).map(|(id, _)| *id);
        let insurer = |index: usize| cast.insurers.get(index).copied();
        let wanted = [
            (cast.representatives.first().copied(), Represents, Stage::InForce),
            (cast.representatives.get(4).copied(), Represents, Stage::InForce),
            (assessor(0), EngagedBy, Stage::InForce),
            (assessor(1), EngagedBy, Stage::Revoked),
            (assessor(2), EngagedBy, Stage::Ended),
            (insurer(1), Insures, Stage::InForce),
            (insurer(0), Insures, Stage::Ended),
            (insurer(2), Insures, Stage::Later),
        ];
        let made = wanted.into_iter().filter_map(|(holder, kind, stage)| Some(self.mandate(holder?, kind, stage)));
        made.collect()
    }

    /// Any other enterprise.
    pub fn usual(mut self) -> anyhow::Result<Vec<mandate::Model>> {
        let cast = self.cast;
        let mut made = Vec::new();
        if self.dice.chance(75) {
            let holder = cast.insurers.get(self.dice.weighted(&[40, 25, 20, 15])).copied().unwrap_or_default();
            made.push(self.at_some_stage(holder, MandateKind::Insures));
        }
        if self.dice.chance(45) {
            let holder = *self.dice.pick(&cast.representatives)?;
            made.push(self.at_some_stage(holder, MandateKind::Represents));
        }
        if self.dice.chance(50) {
            let holder = self.dice.pick(&cast.assessors)?.0;
            made.push(self.at_some_stage(holder, MandateKind::EngagedBy));
        }
        Ok(made)
    }

    fn at_some_stage(&mut self, holder: Uuid, kind: MandateKind) -> mandate::Model {
        let stage = match self.dice.weighted(&[80, 10, 5, 5]) {
            1 => Stage::Ended,
            2 => Stage::Later,
            3 => Stage::Revoked,
            _ => Stage::InForce,
        };
        self.mandate(holder, kind, stage)
    }

    fn mandate(&mut self, holder: Uuid, kind: MandateKind, stage: Stage) -> mandate::Model {
        let today = self.today;
        let valid_from = match stage {
            Stage::InForce | Stage::Revoked => before(today, self.dice.between(30, 300)),
            Stage::Ended => before(today, self.dice.between(400, 700)),
            Stage::Later => after(today, self.dice.between(10, 60)),
        };
        let revoked_at: Option<DateTime<Utc>> = match stage {
            Stage::Revoked => Some(moment(before(today, 5))),
            _ => None,
        };
        // A contract lasts a year; a union represents until it is said otherwise.
        let lasting = kind == MandateKind::Represents && !matches!(stage, Stage::Ended);
        let document = match kind {
            MandateKind::Represents => "решение собрания",
            MandateKind::EngagedBy => "договор на проведение оценки",
            MandateKind::Insures => "договор обязательного страхования",
        };
        mandate::Model {
            id: self.ids.fresh(),
            organisation_id: holder,
            enterprise_id: self.enterprise,
            kind: kind.to_string(),
            reason: format!("{document} № {} (демо)", self.dice.between(1, 9_999)),
            valid_from,
            valid_to: (!lasting).then(|| after(valid_from, 364)),
            revoked_at,
            created_at: moment(today),
        }
    }
}
