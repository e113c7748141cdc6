//! Who acts for whom, and until when: roles come from the database, and what ends there ends here.

use axum::body::Body;
use domain::roles::Role;
use entity::{mandate, membership, organisation};
use http::{HeaderValue, Request};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use tests::sandbox::{membership_of, subject};
use tests::{Answer, TestApp, on_both};
use uuid::Uuid;

const COUNT: &str = "{ enterprises { totalCount } }";

async fn seen(app: &TestApp, role: Role) -> i64 {
    app.as_role(&subject(role)).ask(COUNT).await.int("enterprises.totalCount")
}

/// Gives the person of `role` a second membership, and gives both as their global ids.
async fn second_hat(app: &TestApp, role: Role, other: Role) -> [String; 2] {
    let first = membership_of(app, role).await;
    let source = membership_of(app, other).await;
    let second = membership::Model { id: api::clock::new_id(), person_id: first.person_id, ..source };
    membership::Entity::insert(second.clone().into_active_model()).exec(app.db()).await.unwrap();
    [first.id, second.id].map(|id| api::graphql::id::encode("Membership", id).to_string())
}

on_both! {
    async fn a_mandate_opens_only_between_its_days_and_until_it_is_revoked(backend) {
        for role in [Role::EmployeeRepresentative, Role::Assessor, Role::Insurer] {
            let app = TestApp::new(backend).await;
            let holder = membership_of(&app, role).await.organisation_id;
            let change = async |column: mandate::Column, value: Expr| {
                let held = mandate::Column::OrganisationId.eq(holder);
                mandate::Entity::update_many().filter(held).col_expr(column, value).exec(app.db()).await.unwrap();
            };
            let day = |text: &str| Expr::value(text.parse::<chrono::NaiveDate>().unwrap());
            assert!(seen(&app, role).await > 0, "{role}");
            // The tests' day is 16 March 2026; the last day counts.
            change(mandate::Column::ValidTo, day("2026-03-16")).await;
            assert!(seen(&app, role).await > 0, "{role}: on the last day");
            change(mandate::Column::ValidTo, day("2026-03-15")).await;
            assert_eq!(seen(&app, role).await, 0, "{role}: expired");
            change(mandate::Column::ValidTo, Expr::value(None::<chrono::NaiveDate>)).await;
            change(mandate::Column::ValidFrom, day("2026-03-17")).await;
            assert_eq!(seen(&app, role).await, 0, "{role}: not yet");
            change(mandate::Column::ValidFrom, day("2026-03-16")).await;
            assert!(seen(&app, role).await > 0, "{role}: on the first day");
            change(mandate::Column::RevokedAt, Expr::value(app.app.clock.now())).await;
            assert_eq!(seen(&app, role).await, 0, "{role}: revoked");
        }
    }

    async fn a_membership_that_has_ended_gives_no_role(backend) {
        let app = TestApp::new(backend).await;
        let mut ended = membership_of(&app, Role::Ministry).await.into_active_model();
        ended.valid_to = ActiveValue::Set(Some("2026-03-15".parse().unwrap()));
        membership::Entity::update(ended).exec(app.db()).await.unwrap();
        let ministry = app.as_role("demo-ministry");
        assert_eq!(ministry.query(COUNT, json!({})).await.codes(), ["FORBIDDEN"]);
        assert_eq!(ministry.ask("{ me { role memberships { id } } }").await.data("me"), &json!({"role": "ANONYMOUS", "memberships": []}));
    }

    async fn an_organisation_that_was_closed_gives_no_role(backend) {
        let app = TestApp::new(backend).await;
        let id = membership_of(&app, Role::Inspector).await.organisation_id;
        let closed = Expr::value("2026-03-15".parse::<chrono::NaiveDate>().unwrap());
        let update = organisation::Entity::update_many().col_expr(organisation::Column::ValidTo, closed);
        update.filter(organisation::Column::Id.eq(id)).exec(app.db()).await.unwrap();
        assert_eq!(app.as_role("demo-inspector").query(COUNT, json!({})).await.codes(), ["FORBIDDEN"]);
    }

    async fn who_has_two_hats_must_choose_one(backend) {
        let app = TestApp::new(backend).await;
        let [assessor, ministry] = second_hat(&app, Role::Assessor, Role::Ministry).await;
        let person = app.as_role(&subject(Role::Assessor));
        assert_eq!(person.query(COUNT, json!({})).await.codes(), ["MEMBERSHIP_REQUIRED"]);
        let me = person.ask("{ me { role memberships { id inUse } } }").await;
        assert_eq!((me.text("me.role"), me.list("me.memberships").len()), ("ANONYMOUS", 2));
        let few = person.clone().acting(assessor).ask(COUNT).await.int("enterprises.totalCount");
        let all = person.clone().acting(ministry).ask(COUNT).await.int("enterprises.totalCount");
        assert!(0 < few && few < all, "{few} of {all}");
    }

    async fn a_membership_of_somebody_else_cannot_be_chosen(backend) {
        let app = TestApp::new(backend).await;
        let foreign = membership_of(&app, Role::Ministry).await.id;
        let missing = Uuid::nil();
        let worker = app.as_role(&subject(Role::Worker));
        for id in [foreign, missing] {
            let id = api::graphql::id::encode("Membership", id).to_string();
            // Not even what the public may read: whoever names a membership must learn that it is none of theirs.
            for document in [COUNT, "{ me { id } }", "{ ruleSets { code } }"] {
                let answer = worker.clone().acting(&id).query(document, json!({})).await;
                assert_eq!(answer.codes(), ["MEMBERSHIP_UNKNOWN"], "{document}");
            }
        }
        let texts = ["kk", "ru", "en"].map(|language| worker.clone().speaking(language).acting("nonsense"));
        let mut messages = Vec::new();
        for user in texts {
            let answer = user.query(COUNT, json!({})).await;
            assert_eq!(answer.codes(), ["MEMBERSHIP_UNKNOWN"]);
            messages.push(answer.errors()[0]["message"].clone());
        }
        messages.dedup();
        assert_eq!(messages.len(), 3, "{messages:?}");
    }

    async fn a_token_ends_and_names_a_person_we_know(backend) {
        let app = TestApp::new(backend).await;
        let inspector = app.as_role("demo-inspector");
        inspector.ask(COUNT).await;
        assert_eq!(app.as_role("demo-nobody").query(COUNT, json!({})).await.codes(), ["UNAUTHENTICATED"]);
        let now = app.app.clock.now();
        app.app.clock.set(now + chrono::TimeDelta::minutes(721));
        assert_eq!(inspector.query(COUNT, json!({})).await.codes(), ["UNAUTHENTICATED"]);
    }

    async fn a_signed_out_client_notices(backend) {
        let app = tests::shared(backend).await;
        let token = "eyJhbGciOiJub25lIn0.e30.";
        // Not the public's answer, although the public may read rule sets.
        let answer = app.anonymous().with_token(token).query("{ ruleSets { code } }", json!({})).await;
        assert_eq!(answer.codes(), ["UNAUTHENTICATED"]);
        assert!(answer.errors()[0].get("locations").is_none(), "it is at no place of the document");
    }

    async fn headers_that_cannot_be_read_are_not_taken_as_absent(backend) {
        let app = tests::shared(backend).await;
        let token = app.as_role("demo-ministry").token().expect("a token").to_owned();
        let good = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
        let odd = HeaderValue::from_bytes(b"Bearer \xd1\x82").unwrap();
        let ask = async |headers: &[(&'static str, &HeaderValue)]| {
            let mut request = Request::post("/graphql").header("content-type", "application/json");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let body = json!({"query": "{ ruleSets { code } }"}).to_string();
            let answer = Answer::read(app.send(request.body(Body::from(body)).unwrap()).await).await;
            answer.json["errors"][0]["extensions"]["code"].as_str().map(str::to_owned)
        };
        let refused = Some("UNAUTHENTICATED".to_owned());
        assert_eq!(ask(&[]).await, None);
        assert_eq!(ask(&[("authorization", &good)]).await, None);
        assert_eq!(ask(&[("authorization", &odd)]).await, refused);
        assert_eq!(ask(&[("authorization", &good), ("authorization", &good)]).await, refused);
        assert_eq!(ask(&[("authorization", &good), ("x-osh-membership", &odd)]).await.as_deref(), Some("MEMBERSHIP_UNKNOWN"));
    }
}
