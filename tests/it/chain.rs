//! From a measurement at a workplace to the digital map, each step by whoever takes it.

use api::clock::new_id;
use api::graphql::id;
use domain::roles::{MandateKind, Role};
use domain::rule_set::CatalogueEntry;
use entity::mandate;
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use tests::sandbox::{free_bin, give_bin, organisation_of, subject};
use tests::{Answer, TestApp, on_both};

const REGION: &str = "350000000";

/// A workplace of a new enterprise in construction, on its way through the system.
struct Chain<'a> {
    app: &'a TestApp,
    enterprise: String,
    workplace: String,
}

impl<'a> Chain<'a> {
    /// The employer registers an enterprise and describes it; assessor, union and insurer get their mandates.
    async fn begin(app: &'a TestApp) -> Self {
        let mut chain = Self { app, enterprise: String::new(), workplace: String::new() };
        // The demo employer's own BIN has an enterprise already.
        give_bin(app, organisation_of(app, Role::EmployerAdmin).await, &free_bin(1)).await;
        let enterprise =
            json!({"bin": free_bin(1), "nameRu": "Стройка", "kato": REGION, "oked": "412", "headcount": 100});
        let answer = chain.change(Role::EmployerAdmin, "enterpriseCreate", "enterprise { id }", enterprise).await;
        chain.enterprise = answer.text("enterpriseCreate.enterprise.id").to_owned();
        chain.engage().await;
        let unit = json!({"enterpriseId": chain.enterprise, "code": "C1", "nameRu": "Участок"});
        let answer = chain.change(Role::SafetyEngineer, "unitCreate", "unit { id }", unit).await;
        let workplace = json!({"enterpriseId": chain.enterprise, "unitId": answer.text("unitCreate.unit.id"), "code": "W1",
            "nameRu": "Сварщик", "professionCode": "ELECTRIC_GAS_WELDER", "workers": 20});
        let answer = chain.change(Role::SafetyEngineer, "workplaceCreate", "workplace { id }", workplace).await;
        chain.workplace = answer.text("workplaceCreate.workplace.id").to_owned();
        chain
    }

    async fn engage(&self) {
        let (_, enterprise_id) = id::parse(&self.enterprise).unwrap();
        for (role, kind) in [
            (Role::Assessor, MandateKind::EngagedBy),
            (Role::EmployeeRepresentative, MandateKind::Represents),
            (Role::Insurer, MandateKind::Insures),
        ] {
            let row = mandate::Model {
                id: new_id(),
                organisation_id: organisation_of(self.app, role).await,
                enterprise_id,
                kind: kind.to_string(),
                reason: "договор".to_owned(),
                valid_from: "2026-01-01".parse().unwrap(),
                valid_to: None,
                revoked_at: None,
                created_at: self.app.app.clock.now(),
            };
            mandate::Entity::insert(row.into_active_model()).exec(self.app.db()).await.unwrap();
        }
    }

    async fn change(&self, role: Role, mutation: &str, selection: &str, input: Value) -> Answer {
        self.app.as_role(&subject(role)).change(mutation, selection, &input).await.ok()
    }

    async fn measure(&self, day: &str, dba: &str) -> Answer {
        let input = json!({"workplaceId": self.workplace, "factorCode": "NOISE_CONSTANT", "measuredOn": day,
            "laboratory": "Зертхана", "protocolNumber": day, "observation": {"value": {"value": dba, "unit": "dBA"}}});
        let selection = "measurement { conditionClass grade explanation { steps { code value } } }";
        self.change(Role::Assessor, "measurementRecord", selection, input).await
    }

    async fn assess(&self, day: &str, state: (u8, usize, u32), dry_run: bool) -> Answer {
        let mut input = assessment_input(self.app, &self.workplace, day, state);
        input["dryRun"] = json!(dry_run);
        let selection = "assessment { v t ob siz z pr degree current explanation { steps { code expression value } } }
            enterpriseLevelBefore enterpriseLevelAfter";
        self.change(Role::Assessor, "assessmentCompute", selection, input).await
    }

    async fn ask(&self, role: Role, document: &str) -> Answer {
        let document = document.replace("$enterprise", &self.enterprise).replace("$workplace", &self.workplace);
        let user = if role == Role::Anonymous { self.app.anonymous() } else { self.app.as_role(&subject(role)) };
        user.query(&document, json!({})).await.ok()
    }
}

/// What is stated about a workplace: everything but the harmful factors is equally bad, by a grade for T, so many criteria
/// not met, and so many days of illness.
pub fn assessment_input(app: &TestApp, workplace: &str, day: &str, (grade, not_met, days): (u8, usize, u32)) -> Value {
    let rules = app.app.library.book().rules_on(app.app.clock.today()).unwrap();
    let list = |entries: &[CatalogueEntry], more: &dyn Fn(usize, &str) -> Value| {
        let entry = |(index, entry): (usize, &CatalogueEntry)| {
            let mut given = more(index, entry.code.as_str());
            given["code"] = json!(entry.code.as_str());
            given
        };
        entries.iter().enumerate().map(entry).collect::<Vec<Value>>()
    };
    let finding = |index: usize| json!({"finding": if index < not_met { "NOT_MET" } else { "MET" }});
    let mechanical = list(&rules.mechanical, &|_, _| json!({ "grade": grade }));
    let equipment = list(&rules.equipment, &|index, _| finding(index));
    let ppe = list(&rules.ppe_criteria, &|index, _| finding(index + not_met / 2));
    let ill = |code: &str| if code == "TEMPORARY_INCAPACITY_DAYS" { days } else { 0 };
    let morbidity = rules.morbidity.iter().map(|entry| entry.code.as_str());
    let morbidity: Vec<Value> = morbidity.map(|code| json!({"code": code, "value": ill(code).to_string()})).collect();
    json!({"workplaceId": workplace, "assessedOn": day, "mechanical": mechanical, "equipment": equipment, "ppe": ppe,
        "morbidity": morbidity})
}

/// High risk: PR = 0.7*(4+4)/2 + 0.2*(3+3)/2 + 0.1*5 = 3.9.
const HIGH: (u8, usize, u32) = (4, 2, 1500);
/// Low risk: PR = 0.7*(2+2)/2 + 0.2*(1+1)/2 + 0.1*1 = 1.7.
const LOW: (u8, usize, u32) = (2, 0, 0);

async fn enterprises_of_level(app: &TestApp, level: &str) -> i64 {
    // A server of its own: a map may be ten seconds old, and the tests' clock does not move.
    let app = app.replica(|config| config.redis.url.clear()).await;
    let map = format!(
        "{{ map(filter: {{regionKato: \"{REGION}\"}}) {{ regions {{ kato counts {{ total levels {{ level enterprises }} }} }} }} }}"
    );
    let answer = app.anonymous().ask(&map).await;
    let region = answer.list("map.regions").iter().find(|region| region["kato"] == REGION).unwrap().clone();
    let levels = region["counts"]["levels"].as_array().unwrap().clone();
    levels.iter().find(|count| count["level"] == level).map_or(0, |count| count["enterprises"].as_i64().unwrap())
}

on_both! {
    async fn a_measurement_reaches_the_map(backend) {
        let app = TestApp::new(backend).await;
        let (high, low) = (enterprises_of_level(&app, "B").await, enterprises_of_level(&app, "D").await);
        let chain = Chain::begin(&app).await;
        let measured = chain.measure("2026-02-01", "105").await;
        assert_eq!(measured.data("measurementRecord.measurement")["conditionClass"], "CLASS_3_3");
        let computed = chain.assess("2026-02-02", HIGH, false).await;
        let payload = computed.data("assessmentCompute");
        let assessment = &payload["assessment"];
        let grades = ["v", "t", "ob", "siz", "z", "pr", "degree", "current"].map(|field| assessment[field].clone());
        assert_eq!(json!(grades), json!([4, 4, 3, 3, 5, "3.9", 4, true]));
        let formula = assessment["explanation"]["steps"].as_array().unwrap().iter().find(|step| step["code"] == "PR");
        assert_eq!(formula.unwrap()["expression"], "0.7*(4+4)/2 + 0.2*(3+3)/2 + 0.1*5");
        assert_eq!((&payload["enterpriseLevelBefore"], &payload["enterpriseLevelAfter"]), (&Value::Null, &json!("B")));

        let due = "{ workplace(id: \"$workplace\") { degree pr currentAssessment { degree }
            ppeDue { degree items { factorCode itemCode } gaps }
            guaranteesDue { degree items { kind granted } payCoefficient } } }";
        for role in [Role::SafetyEngineer, Role::EmployeeRepresentative, Role::Inspector, Role::Ministry] {
            let answer = chain.ask(role, due).await;
            let place = answer.data("workplace");
            assert_eq!((&place["degree"], &place["pr"]), (&json!(4), &json!("3.9")), "{role}");
            let ears = json!([{"factorCode": "NOISE_CONSTANT", "itemCode": "EARMUFFS"}]);
            assert_eq!(place["ppeDue"]["items"], ears, "{role}");
            let granted = place["guaranteesDue"]["items"].as_array().unwrap().iter().filter(|due| due["granted"] == true);
            assert_eq!(granted.count(), 6, "{role}");
        }

        let tariff = "{ enterprise(by: {id: \"$enterprise\"}) { level integralPr tariff { riskClass ratePercent coefficient
            correctedRatePercent premium(payroll: [{workers: 100, monthlyPay: \"200000\"}]) { amount } } } }";
        let expected = json!({"riskClass": 14, "ratePercent": "1.55", "coefficient": "1.4", "correctedRatePercent": "2.17",
            "premium": {"amount": "5208000.00"}});
        for role in [Role::EmployerAdmin, Role::Insurer, Role::Inspector] {
            let answer = chain.ask(role, tariff).await;
            assert_eq!(answer.data("enterprise.level"), "B", "{role}");
            assert_eq!(answer.data("enterprise.tariff"), &expected, "{role}");
        }
        let passport = format!("{{ passport(bin: \"{}\") {{ level }} }}", free_bin(1));
        assert_eq!(chain.ask(Role::Anonymous, &passport).await.data("passport.level"), "B");
        assert_eq!(enterprises_of_level(&app, "B").await, high + 1);

        chain.measure("2026-03-01", "84").await;
        let computed = chain.assess("2026-03-02", LOW, false).await;
        assert_eq!(computed.data("assessmentCompute.assessment.pr"), "1.7");
        assert_eq!(computed.data("assessmentCompute.enterpriseLevelAfter"), "D");
        let answer = chain.ask(Role::Insurer, tariff).await;
        assert_eq!(answer.data("enterprise.tariff.correctedRatePercent"), "1.86");
        let history = "{ workplace(id: \"$workplace\") { ppeDue { items { itemCode } }
            assessments { totalCount nodes { degree current } } measurements { totalCount } } }";
        let answer = chain.ask(Role::SafetyEngineer, history).await;
        assert_eq!(answer.data("workplace.ppeDue.items"), &json!([{"itemCode": "EAR_PLUGS"}]));
        let current = answer.list("workplace.assessments.nodes").iter().filter(|assessment| assessment["current"] == true);
        assert_eq!(current.map(|assessment| assessment["degree"].clone()).collect::<Vec<_>>(), [json!(2)]);
        assert_eq!((answer.int("workplace.assessments.totalCount"), answer.int("workplace.measurements.totalCount")), (2, 2));
        assert_eq!(enterprises_of_level(&app, "B").await, high);
        assert_eq!(enterprises_of_level(&app, "D").await, low + 1);
    }

    async fn a_dry_run_shows_the_same_and_stores_nothing(backend) {
        let app = TestApp::new(backend).await;
        let chain = Chain::begin(&app).await;
        chain.measure("2026-02-01", "105").await;
        let before = app.content().await;
        let dry = chain.assess("2026-02-02", HIGH, true).await;
        assert_eq!(before.changed(&app.content().await), [] as [&str; 0]);
        let wet = chain.assess("2026-02-02", HIGH, false).await;
        let scores = ["v", "t", "ob", "siz", "z", "pr", "degree", "explanation"];
        for field in scores {
            let path = format!("assessmentCompute.assessment.{field}");
            assert_eq!(dry.data(&path), wet.data(&path), "{field}");
        }
    }

    async fn noise_over_a_shift_is_one_level(backend) {
        let app = TestApp::new(backend).await;
        let chain = Chain::begin(&app).await;
        let input = json!({"workplaceId": chain.workplace, "factorCode": "NOISE_CONSTANT", "measuredOn": "2026-02-01",
            "laboratory": "Зертхана", "protocolNumber": "7",
            "observation": {"exposures": [{"levelDba": "85", "minutes": 240}, {"levelDba": "85", "minutes": 240}]}});
        let selection = "measurement { conditionClass grade explanation { steps { code value } } }";
        let answer = chain.change(Role::Assessor, "measurementRecord", selection, input).await;
        // Eight hours of 85 dBA are 85 dBA: five above the limit, class 3.1.
        assert_eq!(answer.data("measurementRecord.measurement.conditionClass"), "CLASS_3_1");
        assert!(answer.text.contains("\"85\"") || answer.text.contains("\"85.0\""), "{}", answer.text);
    }

    async fn an_assessment_of_an_earlier_day_does_not_replace_a_later_one(backend) {
        let app = TestApp::new(backend).await;
        let chain = Chain::begin(&app).await;
        chain.measure("2026-02-01", "105").await;
        chain.assess("2026-03-10", HIGH, false).await;
        let late = chain.assess("2026-02-10", LOW, false).await;
        assert_eq!(late.data("assessmentCompute.assessment.current"), false);
        let answer = chain.ask(Role::Inspector, "{ workplace(id: \"$workplace\") { degree } }").await;
        assert_eq!(answer.data("workplace.degree"), 4);
    }

    async fn who_may_not_see_measurements_does_not_see_them_in_an_explanation(backend) {
        let app = TestApp::new(backend).await;
        let chain = Chain::begin(&app).await;
        chain.measure("2026-02-01", "105").await;
        chain.assess("2026-02-02", HIGH, false).await;
        let why = "{ workplace(id: \"$workplace\") { currentAssessment { degree explanation { steps { code expression value } } } } }";
        let open = chain.ask(Role::Inspector, why).await;
        let closed = chain.ask(Role::Insurer, why).await;
        for word in ["NOISE", "1500", "TEMPORARY"] {
            assert!(open.text.contains(word), "{word}: {}", open.text);
            assert!(!closed.text.contains(word), "{word}: {}", closed.text);
        }
        assert!(closed.text.contains("0.7*(4+4)/2"), "{}", closed.text);
    }
}
