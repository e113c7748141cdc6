//! The enterprise: mean PR of its current workplaces weighted by workers, banded like a workplace. PROVISIONAL.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use super::assess::degree_step;
use crate::grade::{Degree, Level};
use crate::rule_set::RuleSet;
use crate::trace::{Step, Trace, plain};

/// A workplace in the score of its enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkplaceWeight {
    /// PR of the current assessment.
    pub pr: Decimal,
    /// Workers at the workplace.
    pub workers: u32,
}

/// The score of an enterprise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegralScore {
    /// Integral PR, 1.0..=5.0, at most six decimals.
    pub pr: Decimal,
    /// Its degree.
    pub degree: Degree,
    /// Its level on the digital map.
    pub level: Level,
    /// The arithmetic.
    pub trace: Trace,
}

/// Running sums of an enterprise: one workplace is added or taken out without reading the others.
/// Exact, so that any order of changes gives the sums of a fresh count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskTally {
    /// Σ PR · workers over assessed workplaces.
    pub weighted_pr: Decimal,
    /// Workers by degree 1..5.
    pub workers: [u64; 5],
    /// Assessed workplaces by degree 1..5.
    pub workplaces: [u64; 5],
}

/// A change that does not fit the sums: something was taken out that had not been added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tally does not hold what is taken out of it")]
pub struct TallyFault;

impl RiskTally {
    /// Adds an assessed workplace.
    ///
    /// # Errors
    /// [`TallyFault`] when the sums overflow.
    pub fn add(&mut self, pr: Decimal, degree: Degree, workers: u32) -> Result<(), TallyFault> {
        let weighted = pr.checked_mul(Decimal::from(workers)).and_then(|term| self.weighted_pr.checked_add(term));
        self.replace(weighted, degree, |of_degree| {
            (of_degree.0.checked_add(u64::from(workers)), of_degree.1.checked_add(1))
        })
    }

    /// Takes out a workplace as it was added.
    ///
    /// # Errors
    /// [`TallyFault`] when it was not in the sums; they stay as they were.
    pub fn remove(&mut self, pr: Decimal, degree: Degree, workers: u32) -> Result<(), TallyFault> {
        let weighted = pr.checked_mul(Decimal::from(workers)).and_then(|term| self.weighted_pr.checked_sub(term));
        let weighted = weighted.filter(|sum| *sum >= Decimal::ZERO);
        self.replace(weighted, degree, |of_degree| {
            (of_degree.0.checked_sub(u64::from(workers)), of_degree.1.checked_sub(1))
        })
    }

    fn replace(
        &mut self,
        weighted: Option<Decimal>,
        degree: Degree,
        change: impl FnOnce((u64, u64)) -> (Option<u64>, Option<u64>),
    ) -> Result<(), TallyFault> {
        let workers = self.workers.get_mut(degree.index()).ok_or(TallyFault)?;
        let workplaces = self.workplaces.get_mut(degree.index()).ok_or(TallyFault)?;
        let (Some(weighted), (Some(new_workers), Some(new_workplaces))) = (weighted, change((*workers, *workplaces)))
        else {
            return Err(TallyFault);
        };
        (self.weighted_pr, *workers, *workplaces) = (plain(weighted), new_workers, new_workplaces);
        Ok(())
    }

    /// Workers at assessed workplaces.
    pub fn workers_total(&self) -> u64 {
        self.workers.iter().fold(0, |sum, workers| sum.saturating_add(*workers))
    }

    /// Assessed workplaces.
    pub fn workplaces_total(&self) -> u64 {
        self.workplaces.iter().fold(0, |sum, workplaces| sum.saturating_add(*workplaces))
    }

    /// The score; `None` while nobody works at an assessed workplace: the enterprise is not rated.
    pub fn integral(&self, rules: &RuleSet) -> Option<IntegralScore> {
        let workers = self.workers_total();
        let mean = self.weighted_pr.checked_div(Decimal::from(workers))?;
        let pr = plain(mean.round_dp_with_strategy(rules.weights.scale, RoundingStrategy::MidpointAwayFromZero));
        let row = rules.degree_of(pr)?;
        let expression = format!("sum of PR*workers {} / {workers} workers", plain(self.weighted_pr));
        let steps = vec![
            // The weighting by workers is our own reading, whatever the source of the formula of PR.
            Step::new("INTEGRAL_PR", expression, pr, row.band.origin.provenance),
            degree_step(row, pr),
            Step::new("LEVEL", format!("degree {}", row.degree), row.level.letter, row.level.origin.provenance),
        ];
        let trace = Trace { rule_set: rules.code.clone(), steps };
        Some(IntegralScore { pr, degree: row.degree, level: row.level.letter, trace })
    }
}

/// The score of an enterprise from all its assessed workplaces at once.
/// `None` when nobody works there, or a PR is outside of 1..=5.
pub fn enterprise_score(rules: &RuleSet, workplaces: &[WorkplaceWeight]) -> Option<IntegralScore> {
    let mut tally = RiskTally::default();
    for workplace in workplaces {
        let degree = rules.degree_of(workplace.pr)?.degree;
        tally.add(workplace.pr, degree, workplace.workers).ok()?;
    }
    tally.integral(rules)
}
