//! Walks the schema as one person: every field of every type that the person can get hold of, each asked for alone.

use std::collections::{BTreeMap, VecDeque};

use api::graphql::id;
use serde_json::{Value, json};
use tests::happenings::Happened;
use tests::schema::{Field, Kind, Schema};
use tests::world::World;
use tests::{Answer, User};
use uuid::Uuid;

/// Rows to ask for by key.
pub struct Examples {
    enterprise: Uuid,
    bin: String,
    workplace: Uuid,
    measurement: Uuid,
    assessment: Uuid,
    /// In front of events, some of which the person may hear.
    after: String,
}

/// Where an object is: the fields that lead to it.
#[derive(Clone, Debug, Default)]
pub struct Place(Vec<String>);

/// What became of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered, with a value or with null.
    Answered,
    /// It was refused, with this code.
    Refused(String),
}

/// What one person met.
#[derive(Default)]
pub struct Findings {
    /// By `Type.field`. A field is missing when no object of its type could be had.
    pub fields: BTreeMap<String, Outcome>,
    /// Type and id of every object with one, and how it was come by.
    pub objects: Vec<(String, String, Place)>,
}

impl Examples {
    /// The richest workplace that the person may see; any, for one who sees none.
    pub fn for_person(world: &World, subject: &str, after: &str) -> Self {
        let sees = world.seen_by(subject);
        let workplaces = sees.of("Workplace");
        let may = |id: &Uuid| workplaces.is_empty() || workplaces.contains(id);
        let has = |place: &Uuid| world.measurements.iter().any(|row| row.workplace_id == *place);
        let rich = |row: &&entity::workplace::Model| row.degree >= 3 && row.unit_id.is_some() && has(&row.id);
        let mut candidates = world.workplaces.iter().filter(|row| may(&row.id) && row.current_assessment_id.is_some());
        let place = candidates.clone().find(rich).or_else(|| candidates.next()).expect("an assessed workplace");
        let measurement = world.measurements.iter().find(|row| row.workplace_id == place.id);
        Self {
            enterprise: place.enterprise_id,
            bin: world.enterprises.iter().find(|row| row.id == place.enterprise_id).unwrap().bin.clone(),
            workplace: place.id,
            measurement: measurement.or(world.measurements.first()).unwrap().id,
            assessment: place.current_assessment_id.unwrap(),
            after: after.to_owned(),
        }
    }

    /// What must have happened for the person to hear of these rows.
    pub fn happened(&self) -> [Happened; 2] {
        [Happened::Level(self.enterprise), Happened::Status(self.assessment)]
    }
}

/// Arguments for a field, `None` when it is asked without. Mutations get an input that is refused, whoever asks.
fn arguments(name: &str, examples: &Examples) -> Option<String> {
    let id = |kind: &str, key: Uuid| format!("\"{}\"", id::encode(kind, key).as_str());
    let enterprise = id("Enterprise", examples.enterprise);
    let workplace = id("Workplace", examples.workplace);
    let measurement = id("Measurement", examples.measurement);
    let assessment = id("Assessment", examples.assessment);
    let [no_enterprise, no_workplace] = ["Enterprise", "Workplace"].map(|kind| id(kind, Uuid::nil()));
    Some(match name {
        "Query.enterprise" => format!("by: {{id: {enterprise}}}"),
        "Query.workplace" => format!("id: {workplace}"),
        "Query.measurement" => format!("id: {measurement}"),
        "Query.assessment" => format!("id: {assessment}"),
        "Query.passport" => format!("bin: \"{}\"", examples.bin),
        "Query.node" => format!("id: {enterprise}"),
        "Query.nodes" => format!("ids: [{enterprise}, {workplace}, {measurement}, {assessment}]"),
        "Query.referenceRows" => "kind: ACTIVITY".to_owned(),
        "Subscription.enterpriseLevelChanged" | "Subscription.assessmentStatusChanged" => {
            format!("after: \"{}\"", examples.after)
        }
        "EnterpriseTariff.premium" => "payroll: [{workers: 10, monthlyPay: \"200000\"}]".to_owned(),
        "Mutation.enterpriseCreate" => {
            "input: {idempotencyKey: \"k\", bin: \"1\", nameRu: \"\", kato: \"1\", oked: \"1\", headcount: -1}"
                .to_owned()
        }
        "Mutation.enterpriseUpdate" => format!("input: {{id: {no_enterprise}, version: 1, headcount: 1}}"),
        "Mutation.unitCreate" => {
            format!("input: {{idempotencyKey: \"k\", enterpriseId: {no_enterprise}, code: \"X\", nameRu: \"X\"}}")
        }
        "Mutation.workplaceCreate" => format!(
            "input: {{idempotencyKey: \"k\", enterpriseId: {no_enterprise}, code: \"X\", nameRu: \"X\", \
             professionCode: \"FITTER\", workers: 1}}"
        ),
        "Mutation.workplaceUpdate" => format!("input: {{id: {no_workplace}, version: 1, workers: 1}}"),
        "Mutation.factorAssign" => {
            format!(
                "input: {{idempotencyKey: \"k\", workplaceId: {no_workplace}, factorCode: \"NOISE_CONSTANT\", \
                 exposureMinutes: 60}}"
            )
        }
        "Mutation.measurementRecord" => format!(
            "input: {{idempotencyKey: \"k\", workplaceId: {no_workplace}, factorCode: \"NOISE_CONSTANT\", \
             measuredOn: \"2026-03-01\", laboratory: \"L\", protocolNumber: \"1\", observation: {{value: {{value: \"85\", unit: \"dBA\"}}}}}}"
        ),
        "Mutation.assessmentCompute" => {
            format!("input: {{idempotencyKey: \"k\", workplaceId: {no_workplace}, assessedOn: \"2026-03-01\"}}")
        }
        _ => return None,
    })
}

impl Place {
    fn then(&self, step: impl Into<String>) -> Self {
        Self([self.0.clone(), vec![step.into()]].concat())
    }

    fn document(&self) -> String {
        let steps = self.0.join(" { ");
        format!("{steps}{}", " }".repeat(self.0.len() - 1))
    }

    /// The objects of an answer at this place.
    fn objects<'a>(&self, answer: &'a Answer) -> Vec<&'a Value> {
        let keys = self.0[1..].iter().filter(|step| !step.starts_with("...")).map(|step| step.split(['(', ' ']).next());
        let mut values = vec![&answer.json["data"]];
        for key in keys {
            values = values.into_iter().flat_map(|value| flat(&value[key.unwrap()])).collect();
        }
        values
    }
}

/// The values that are not null, out of lists of lists.
fn flat(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().flat_map(flat).collect(),
        other => vec![other],
    }
}

/// Lists in which objects are that the nearest object of a type does not have.
const WHERE_MORE_KINDS_ARE: [(&str, &[&str]); 2] = [
    ("Measurement", &["query", "measurements(first: 100)", "nodes"]),
    ("EnterpriseTariff", &["query", "enterprises(first: 100)", "nodes", "tariff"]),
];

/// How the schema is walked.
pub struct Explorer<'a> {
    /// The schema.
    pub schema: &'a Schema,
    /// The person.
    pub user: User<'a>,
    /// Rows to ask for.
    pub examples: Examples,
    /// Leave out what finds single rows by key, so that objects come from lists: all rows of all lists.
    pub by_lists: bool,
}

impl Explorer<'_> {
    /// Breadth first, so that an object is asked for where it is nearest.
    pub async fn explore(&self) -> Findings {
        let mut walk = Walk::default();
        walk.meet("Query", None, &Place(vec!["query".to_owned()]));
        walk.meet("Mutation", None, &Place(vec!["mutation".to_owned()]));
        walk.meet("Subscription", None, &Place(vec!["subscription".to_owned()]));
        self.go_on(&mut walk).await;
        for (kind, steps) in WHERE_MORE_KINDS_ARE {
            let place = Place(steps.iter().map(|step| (*step).to_owned()).collect());
            for field in &self.schema.get(kind).fields {
                if walk.knows(kind) && self.leads_to_unknown(field, &walk) {
                    self.ask(kind, field, &place, &mut walk).await;
                }
            }
            self.go_on(&mut walk).await;
        }
        walk.findings
    }

    async fn go_on(&self, walk: &mut Walk) {
        while let Some((kind, place)) = walk.waiting.pop_front() {
            let fields = self.schema.get(&kind).fields.iter();
            let (plain, others): (Vec<&Field>, Vec<&Field>) = fields.partition(|field| self.is_plain(field));
            if !self.answers_all(&kind, &plain, &place, walk).await {
                for field in plain {
                    self.ask(&kind, field, &place, walk).await;
                }
            }
            for field in others {
                self.ask(&kind, field, &place, walk).await;
            }
        }
    }

    fn leads_to_unknown(&self, field: &Field, walk: &Walk) -> bool {
        let inner = self.schema.get(field.of.inner());
        let kinds = inner.possible_types.iter().map(|of| of.inner()).chain([&*inner.name]);
        let objects = kinds.filter(|kind| self.schema.get(kind).kind == Kind::Object);
        objects.into_iter().any(|kind| !walk.knows(kind))
    }

    /// A value that asks for nothing of its own.
    fn is_plain(&self, field: &Field) -> bool {
        let says = field.description.as_deref().is_some_and(|text| text.contains("Requires"));
        !says && !self.schema.is_composite(field.of.inner()) && !field.needs_arguments()
    }

    /// Whether all these fields are answered when they are asked for together.
    async fn answers_all(&self, kind: &str, fields: &[&Field], place: &Place, walk: &mut Walk) -> bool {
        let names: Vec<&str> = fields.iter().map(|field| &*field.name).collect();
        if names.is_empty() || self.by_lists {
            return self.by_lists;
        }
        let answer = self.send(&place.then(names.join(" "))).await;
        if !answer.codes().is_empty() {
            return false;
        }
        let answered = names.iter().map(|name| (format!("{kind}.{name}"), Outcome::Answered));
        walk.findings.fields.extend(answered);
        true
    }

    /// The answer; of a subscription the first one, to an event that has happened already.
    async fn send(&self, question: &Place) -> Answer {
        let document = question.document();
        if document.starts_with("subscription") {
            return self.user.listen(&document, json!({})).await.first().await;
        }
        self.user.query(&document, json!({})).await
    }

    /// One field alone, and the objects behind it.
    async fn ask(&self, kind: &str, field: &Field, place: &Place, walk: &mut Walk) {
        let name = format!("{kind}.{}", field.name);
        let given = arguments(&name, &self.examples);
        assert!(given.is_some() || !field.needs_arguments(), "explore.rs does not know arguments for {name}");
        let by_key = kind == "Query" && given.as_ref().is_some_and(|arguments| arguments.contains('"'));
        if self.by_lists && (by_key || kind == "Mutation") {
            return;
        }
        let page = if self.by_lists && field.is_paged() { "first: 100" } else { "" };
        let step = match (given, page) {
            (None, "") => field.name.clone(),
            (given, page) => format!("{}({} {page})", field.name, given.unwrap_or_default()),
        };
        let here = place.then(step);
        let inner = self.schema.get(field.of.inner());
        let has_id = inner.fields.iter().any(|field| field.name == "id");
        let question = match inner.kind {
            Kind::Object | Kind::Interface if has_id => here.then("__typename id"),
            Kind::Object | Kind::Interface | Kind::Union => here.then("__typename"),
            _ => here.clone(),
        };
        let answer = self.send(&question).await;
        if let Some(code) = answer.codes().first() {
            let known = ["FORBIDDEN", "UNAUTHENTICATED", "NOT_FOUND"].contains(code);
            assert!(known, "{}\n{}", question.document(), answer.text);
            walk.findings.fields.insert(name, Outcome::Refused((*code).to_owned()));
            return;
        }
        walk.findings.fields.insert(name, Outcome::Answered);
        for object in here.objects(&answer).into_iter().filter(|object| object.is_object()) {
            let kind = object["__typename"].as_str().unwrap();
            let here = if inner.kind == Kind::Object { here.clone() } else { here.then(format!("... on {kind}")) };
            walk.meet(kind, object["id"].as_str(), &here);
        }
    }
}

/// A walk on its way.
#[derive(Default)]
struct Walk {
    findings: Findings,
    known: Vec<String>,
    waiting: VecDeque<(String, Place)>,
}

impl Walk {
    fn knows(&self, kind: &str) -> bool {
        self.known.iter().any(|known| known == kind)
    }

    fn meet(&mut self, kind: &str, id: Option<&str>, place: &Place) {
        if let Some(id) = id {
            self.findings.objects.push((kind.to_owned(), id.to_owned(), place.clone()));
        }
        if !self.knows(kind) {
            self.known.push(kind.to_owned());
            self.waiting.push_back((kind.to_owned(), place.clone()));
        }
    }
}
