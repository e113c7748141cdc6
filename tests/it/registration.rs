//! Who enters an enterprise, for whom, and with which activities.

use api::clock::new_id;
use domain::roles::{OrganisationKind, Role};
use entity::{enterprise, organisation};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};
use tests::sandbox::{free_bin, give_bin, organisation_of, subject};
use tests::{Answer, TestApp, document, on_both};

use crate::errors::refused;

fn new(bin: &str) -> Value {
    json!({"bin": bin, "nameRu": "Новая", "kato": "350000000", "oked": "412", "headcount": 1})
}

fn create() -> String {
    document("enterpriseCreate", "enterprise { id }")
}

async fn enter(app: &TestApp, role: Role, bin: &str) -> Answer {
    app.as_role(&subject(role)).change("enterpriseCreate", "enterprise { id }", &new(bin)).await.ok()
}

async fn owner_of(app: &TestApp, bin: &str) -> organisation::Model {
    let row = enterprise::Entity::find().filter(enterprise::Column::Bin.eq(bin)).one(app.db()).await.unwrap().unwrap();
    organisation::Entity::find_by_id(row.organisation_id).one(app.db()).await.unwrap().unwrap()
}

/// An organisation that has no enterprise.
async fn organisation(app: &TestApp, kind: OrganisationKind, bin: &str) -> organisation::Model {
    let any = organisation::Entity::find().one(app.db()).await.unwrap().unwrap();
    let row = organisation::Model { id: new_id(), kind: kind.to_string(), bin: Some(bin.to_owned()), ..any };
    organisation::Entity::insert(row.clone().into_active_model()).exec(app.db()).await.unwrap();
    row
}

async fn bins(app: &TestApp, role: Role) -> Vec<Value> {
    app.as_role(&subject(role))
        .ask("{ enterprises(first: 100) { edges { node { bin } } } }")
        .await
        .nodes("enterprises", "bin")
}

on_both! {
    async fn an_employer_enters_the_enterprise_of_its_own_bin_and_no_other(backend) {
        let app = TestApp::new(backend).await;
        let employer = organisation_of(&app, Role::EmployerAdmin).await;
        let own = bins(&app, Role::EmployerAdmin).await;
        let taken = bins(&app, Role::Ministry).await.into_iter().find(|bin| !own.contains(bin)).unwrap();
        // Whether somebody else has it or nobody: the same answer.
        for bin in [taken.as_str().unwrap(), &free_bin(1)] {
            refused(&app, "demo-employer_admin", &create(), new(bin), &[("NOT_OWN_BIN", "bin")]).await;
        }
        let faults = json!({"bin": free_bin(1), "nameRu": "", "kato": "350000000", "oked": "412", "headcount": 1});
        let expected = [("NOT_OWN_BIN", "bin"), ("REQUIRED", "nameRu")];
        refused(&app, "demo-employer_admin", &create(), faults, &expected).await;
        give_bin(&app, employer, &free_bin(1)).await;
        enter(&app, Role::EmployerAdmin, &free_bin(1)).await;
        assert_eq!(owner_of(&app, &free_bin(1)).await.id, employer);
        refused(&app, "demo-employer_admin", &create(), new(&free_bin(1)), &[("NOT_AVAILABLE", "bin")]).await;
    }

    async fn the_ministry_enters_any_enterprise_with_the_employer_that_is_there_or_a_new_one(backend) {
        let app = TestApp::new(backend).await;
        let employer = organisation(&app, OrganisationKind::Employer, &free_bin(1)).await;
        let before = app.content().await;
        enter(&app, Role::Ministry, &free_bin(1)).await;
        assert_eq!(owner_of(&app, &free_bin(1)).await, employer);
        assert_eq!(app.content().await.rows("organisation"), before.rows("organisation"));
        enter(&app, Role::Ministry, &free_bin(2)).await;
        let owner = owner_of(&app, &free_bin(2)).await;
        assert_eq!((owner.kind.as_str(), owner.bin, &*owner.name_ru), ("employer", Some(free_bin(2)), "Новая"));
        assert_eq!(app.content().await.rows("organisation"), before.rows("organisation") + 1);
    }

    async fn a_bin_that_is_taken_says_nothing_about_who_has_it(backend) {
        let app = TestApp::new(backend).await;
        organisation(&app, OrganisationKind::TradeUnion, &free_bin(1)).await;
        let taken = bins(&app, Role::Ministry).await[0].as_str().unwrap().to_owned();
        for bin in [free_bin(1), taken] {
            refused(&app, "demo-ministry", &create(), new(&bin), &[("NOT_AVAILABLE", "bin")]).await;
        }
    }

    async fn a_main_activity_is_never_a_secondary_one_as_well(backend) {
        let app = TestApp::new(backend).await;
        let mut both = new(&free_bin(1));
        both["secondaryOkeds"] = json!(["412"]);
        refused(&app, "demo-ministry", &create(), both, &[("DUPLICATE", "secondaryOkeds.0")]).await;
        let own = "{ enterprises(first: 1) { nodes { id version oked } } }";
        let own = app.as_role("demo-employer_admin").ask(own).await.data("enterprises.nodes.0").clone();
        let change = |version: i64, mut change: Value| {
            change["id"] = own["id"].clone();
            change["version"] = json!(own["version"].as_i64().unwrap() + version);
            change
        };
        let update = document("enterpriseUpdate", "enterprise { id }");
        let employer = app.as_role("demo-employer_admin");
        let given = change(0, json!({"oked": "412", "secondaryOkeds": ["07", "01"]}));
        employer.change("enterpriseUpdate", "", &given).await.ok();
        // The list that is stored counts like one that is given.
        let main = change(1, json!({"oked": "07"}));
        refused(&app, "demo-employer_admin", &update, main, &[("DUPLICATE", "oked")]).await;
        let list = change(1, json!({"secondaryOkeds": ["01", "412"]}));
        refused(&app, "demo-employer_admin", &update, list, &[("DUPLICATE", "secondaryOkeds.1")]).await;
        // Both at once change places, and a list that is not named stays.
        let swapped = change(1, json!({"oked": "07", "secondaryOkeds": ["412"]}));
        employer.change("enterpriseUpdate", "", &swapped).await.ok();
        let other = change(2, json!({"oked": "01"}));
        let answer = employer.change("enterpriseUpdate", "enterprise { oked secondaryOkeds }", &other).await.ok();
        assert_eq!(answer.data("enterpriseUpdate.enterprise"), &json!({"oked": "01", "secondaryOkeds": ["412"]}));
    }
}
