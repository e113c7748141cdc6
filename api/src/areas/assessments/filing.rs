//! From a score to the rows that keep it.

use chrono::{DateTime, NaiveDate, Utc};
use domain::risk::{AssessmentInputs, Score};
use entity::{assessment, assessment_trace, micro, workplace};
use uuid::Uuid;

use crate::clock::new_id;
use crate::error::{Error, Result};

/// Who files an assessment, when, about which day. The same for requests, imports and the demo data.
#[derive(Clone, Debug)]
pub struct Filing {
    /// Day the assessment speaks of.
    pub assessed_on: NaiveDate,
    /// Whether it becomes the one in force.
    pub current: bool,
    /// The organisation that files it.
    pub organisation: Option<Uuid>,
    /// The person who files it.
    pub person: Option<Uuid>,
    /// Moment of filing.
    pub now: DateTime<Utc>,
}

impl Filing {
    /// The rows of a score of `workplace`, not yet stored.
    pub fn rows(
        self,
        workplace: &workplace::Model,
        inputs: &AssessmentInputs,
        score: &Score,
    ) -> Result<(assessment::Model, assessment_trace::Model)> {
        let too_fine = || Error::internal(format!("a PR of {} has more than six decimals", score.pr));
        let row = assessment::Model {
            id: new_id(),
            enterprise_id: workplace.enterprise_id,
            workplace_id: workplace.id,
            rule_set_code: score.trace.rule_set.clone(),
            assessed_on: self.assessed_on,
            v: score.v.get().into(),
            t: score.t.get().into(),
            ob: score.ob.get().into(),
            siz: score.siz.get().into(),
            z: score.z.get().into(),
            pr_micro: micro::from_decimal(score.pr).ok_or_else(too_fine)?,
            degree: score.degree.get().into(),
            current: self.current,
            assessor_organisation_id: self.organisation,
            created_by: self.person,
            created_at: self.now,
        };
        let trace = assessment_trace::Model {
            assessment_id: row.id,
            enterprise_id: row.enterprise_id,
            workplace_id: row.workplace_id,
            inputs: serde_json::to_string(inputs).map_err(Error::internal)?,
            trace: score.trace.to_json().map_err(Error::internal)?,
        };
        Ok((row, trace))
    }
}
