//! What is measured and found at a workplace. A profession at a degree has a handful of patterns; the real rules
//! evaluate each once, and all workplaces of the pattern share the result: the same inputs give the same bytes.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use domain::factors::evaluate;
use domain::grade::{ConditionClass, Grade};
use domain::ids::FactorCode;
use domain::risk::{
    AssessmentInputs, Finding, FindingOutcome, Graded, HarmfulInput, MorbidityInput, Score, Trace, assess,
};
use domain::rule_set::{MorbidityIndicator, RuleSet};
use rust_decimal::Decimal;

use crate::demo::dice::Dice;
use crate::demo::observe::observation;
use crate::demo::words::Profession;

/// Patterns of one profession at one degree.
pub const VARIANTS: u32 = 8;
/// Most factors at one workplace.
const FACTORS: u32 = 4;

/// One factor of a pattern, as its rows will say it.
pub struct Exposed {
    /// Code.
    pub factor: String,
    /// Minutes of a shift.
    pub minutes: i32,
    /// JSON of the observation.
    pub observation: String,
    /// Class of conditions.
    pub class: ConditionClass,
    /// Grade of the class.
    pub grade: i16,
    /// JSON of the arithmetic.
    pub trace: String,
}

/// Everything about a workplace that does not name it.
pub struct Pattern {
    /// Factors with their observations.
    pub exposed: Vec<Exposed>,
    /// Inputs of the assessment, not yet bound to stored measurements.
    pub inputs: AssessmentInputs,
    /// Result.
    pub score: Score,
    /// JSON of the arithmetic.
    pub trace: String,
}

/// Which pattern is meant: position of the profession, wanted degree 1..5, variant.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kind {
    /// Position of the profession in its list.
    pub profession: usize,
    /// Degree that the workplace shall have.
    pub degree: u32,
    /// Below [`VARIANTS`].
    pub variant: u32,
}

/// Patterns that were made.
pub struct Patterns {
    seed: u64,
    made: HashMap<Kind, Arc<Pattern>>,
}

impl Patterns {
    /// None made yet.
    pub fn new(seed: u64) -> Self {
        Self { seed, made: HashMap::new() }
    }

    /// A pattern, made when it is first asked for.
    pub fn get(&mut self, rules: &RuleSet, profession: &Profession, kind: Kind) -> anyhow::Result<Arc<Pattern>> {
        if let Some(made) = self.made.get(&kind) {
            return Ok(made.clone());
        }
        let (place, degree, variant) =
            (u64::try_from(kind.profession)?, u64::from(kind.degree), u64::from(kind.variant));
        let mut dice = Dice::new(self.seed, (place << 16) | (degree << 8) | variant);
        // The same factors at every degree, so that a workplace keeps them when it is assessed again.
        let mut of_profession = Dice::new(self.seed, (place << 16) | 0xFF00 | variant);
        let factors = factors(profession, &mut of_profession)?;
        let pattern = Arc::new(make(rules, &factors, kind.degree, &mut dice)?);
        self.made.insert(kind, pattern.clone());
        Ok(pattern)
    }
}

fn factors(profession: &Profession, dice: &mut Dice) -> anyhow::Result<Vec<FactorCode>> {
    let mut left = profession.factors.clone();
    let count = dice.between(1, FACTORS);
    let mut chosen = Vec::new();
    while !left.is_empty() && chosen.len() < usize::try_from(count)? {
        let factor = dice.pick(&left)?.clone();
        left.retain(|other| *other != factor);
        chosen.push(factor);
    }
    Ok(chosen)
}

fn make(rules: &RuleSet, factors: &[FactorCode], degree: u32, dice: &mut Dice) -> anyhow::Result<Pattern> {
    // V and T weigh most: they lie at the degree, or on both sides of it.
    let (v, t) = match (dice.between(0, 2), degree) {
        (1, 2..=4) => (degree + 1, degree - 1),
        (2, 2..=4) => (degree - 1, degree + 1),
        _ => (degree, degree),
    };
    let exposed = exposures(rules, factors, v, dice)?;
    let harmful = exposed.iter().map(|exposed| {
        let factor = FactorCode::parse(&exposed.factor)?;
        Ok(HarmfulInput { factor, class: exposed.class, measurement_id: None })
    });
    let inputs = AssessmentInputs {
        harmful: harmful.collect::<anyhow::Result<_>>()?,
        mechanical: mechanical(rules, t, dice)?,
        equipment: equipment(rules, near(degree, dice), dice)?,
        ppe: ppe(rules, near(degree, dice))?,
        morbidity: morbidity(rules, near(degree, dice), dice)?,
    };
    let score = assess(rules, &inputs).map_err(|faults| anyhow!("a demo assessment is refused: {faults:?}"))?;
    let trace = score.trace.to_json()?;
    Ok(Pattern { exposed, inputs, score, trace })
}

fn near(degree: u32, dice: &mut Dice) -> u32 {
    (degree + dice.between(0, 2)).saturating_sub(1).clamp(1, 5)
}

fn grade(value: u32) -> anyhow::Result<Grade> {
    Ok(Grade::new(u8::try_from(value)?)?)
}

/// The first factor gives the class of the workplace, the others are permissible; one of them may be slightly harmful.
fn exposures(rules: &RuleSet, factors: &[FactorCode], v: u32, dice: &mut Dice) -> anyhow::Result<Vec<Exposed>> {
    let of_grade =
        |wanted: Grade| rules.class_grades.iter().filter(move |row| row.grade == wanted).map(|row| row.class);
    let worst: Vec<ConditionClass> = of_grade(grade(v)?).collect();
    let main = *dice.pick(&worst)?;
    let mut spare = v >= 2 && dice.chance(40);
    let mut exposed = Vec::new();
    for (index, factor) in factors.iter().enumerate() {
        let slight = index > 0 && std::mem::take(&mut spare);
        let class = match (index, slight) {
            (0, _) => main,
            (_, true) => ConditionClass::C31,
            _ => ConditionClass::C2,
        };
        exposed.push(exposure(rules, factor, class, dice)?);
    }
    Ok(exposed)
}

fn exposure(rules: &RuleSet, factor: &FactorCode, class: ConditionClass, dice: &mut Dice) -> anyhow::Result<Exposed> {
    let entry = rules.harmful_factor(factor).with_context(|| format!("{factor} is not a factor of the rules"))?;
    let observation = observation(rules, entry, class, dice);
    let result = evaluate(rules, factor, &observation)?;
    Ok(Exposed {
        factor: factor.to_string(),
        minutes: i32::try_from(*dice.pick(&[60_u32, 120, 240, 360, 480])?)?,
        observation: serde_json::to_string(&observation)?,
        class: result.class,
        grade: i16::from(result.grade.get()),
        trace: Trace { rule_set: rules.code.clone(), steps: result.trace }.to_json()?,
    })
}

fn mechanical(rules: &RuleSet, t: u32, dice: &mut Dice) -> anyhow::Result<Vec<Graded>> {
    let worst = dice.between(0, u32::try_from(rules.mechanical.len().saturating_sub(1))?);
    let graded = rules.mechanical.iter().zip(0..).map(|(entry, index)| {
        let value = if index == worst { t } else { dice.between(1, t) };
        Ok(Graded { code: entry.code.clone(), grade: grade(value)? })
    });
    graded.collect()
}

/// So many criteria not met that their share falls into the band of the grade.
fn equipment(rules: &RuleSet, ob: u32, dice: &mut Dice) -> anyhow::Result<Vec<Finding>> {
    let (not_met, skipped) = match ob {
        1 => (0, 2),
        2 => (1, 0),
        3 => (2, 1),
        4 => (4, 1),
        _ => (7, 0),
    };
    let shift = dice.between(0, u32::try_from(rules.equipment.len())?);
    let count = u32::try_from(rules.equipment.len().max(1))?;
    let findings = rules.equipment.iter().zip(0..).map(|(entry, index): (_, u32)| {
        let finding = match (index + shift) % count {
            place if place < not_met => FindingOutcome::NotMet,
            place if place < not_met + skipped => FindingOutcome::NotApplicable,
            _ => FindingOutcome::Met,
        };
        Finding { code: entry.code.clone(), finding }
    });
    Ok(findings.collect())
}

fn ppe(rules: &RuleSet, siz: u32) -> anyhow::Result<Vec<Finding>> {
    let not_met = usize::try_from(siz.saturating_sub(2))?;
    let outcome = |index| if index < not_met { FindingOutcome::NotMet } else { FindingOutcome::Met };
    let entries = rules.ppe_criteria.iter().enumerate();
    Ok(entries.map(|(index, entry)| Finding { code: entry.code.clone(), finding: outcome(index) }).collect())
}

fn morbidity(rules: &RuleSet, z: u32, dice: &mut Dice) -> anyhow::Result<Vec<MorbidityInput>> {
    let inputs = rules.morbidity.iter().enumerate().map(|(index, entry)| {
        let wanted = if index == 0 { z } else { dice.between(1, z) };
        let value = morbidity_value(entry, grade(wanted)?, dice);
        Ok(MorbidityInput { code: entry.code.clone(), value })
    });
    inputs.collect()
}

fn morbidity_value(entry: &MorbidityIndicator, wanted: Grade, dice: &mut Dice) -> Decimal {
    let tenths = Decimal::from(dice.between(1, 9));
    let mut from = entry.lowest;
    for band in &entry.grades.bands {
        if band.grade == wanted {
            return (from + (band.up_to - from) * tenths / Decimal::TEN).normalize();
        }
        from = band.up_to;
    }
    let beyond = from * (Decimal::TEN + tenths) / Decimal::TEN;
    entry.highest.map_or(beyond, |highest| beyond.min(highest)).normalize()
}
