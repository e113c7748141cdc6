//! What requests cost, and what happens to those who have spent their budget.

use api::config::Config;
use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tests::fault::{Link, Relay};
use tests::sandbox::free_bin;
use tests::{Answer, Backend, TestApp, User, on_both, run};

const PAGE: &str = "{ enterprises(first: 50) { edges { node { bin } } } }";
const CREATE: &str = "mutation($input: EnterpriseCreateInput!) {
    enterpriseCreate(input: $input) { enterprise { bin } userErrors { code } } }";

/// So few that two pages are too many: a page costs 1 + 50 × 3.
fn few(config: &mut Config) {
    config.limits.cost = 250;
    config.budgets.person_points = 300;
    config.budgets.organisation_points = 300;
    config.budgets.address_points = 300;
    config.budgets.person_points_per_second = 1;
    config.budgets.address_points_per_second = 1;
}

async fn ask(app: &TestApp, headers: &[(&str, &str)], body: Value) -> Answer {
    let mut request = Request::post("/graphql").header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::read(app.send(request.body(Body::from(body.to_string())).unwrap()).await).await
}

/// Each of these costs a hundred.
async fn spend(user: &User<'_>, times: usize) {
    for _ in 0..times {
        assert_eq!(user.query("{ nothing }", json!({})).await.codes(), ["BAD_DOCUMENT"]);
    }
}

/// Asks until the budget is used up. What is taken afterwards may be on its way to Redis for a while.
async fn until_refused(ask: impl AsyncFn() -> Answer, before: &str) -> Answer {
    for _ in 0..50 {
        let answer = ask().await;
        if answer.codes() == ["RATE_LIMITED"] {
            return answer;
        }
        assert_eq!(answer.codes(), [before]);
    }
    panic!("the budget has no end");
}

fn new_enterprise(number: u32) -> Value {
    json!({"idempotencyKey": format!("new-{number}"), "bin": free_bin(number), "nameRu": "Новая", "kato": "350000000", "oked": "412", "headcount": 1})
}

on_both! {
    async fn an_answer_says_what_it_cost_and_gives_back_what_was_not_there(backend) {
        let app = TestApp::with(backend, few).await;
        let inspector = app.as_role("demo-ministry");
        let document = "{ enterprises(first: 50, filter: {search: \"нет такого\"}) { edges { node { bin } } } }";
        let answer = inspector.ask(document).await;
        // `enterprises` and an empty `edges`, and the search, which was made all the same.
        let expected = json!({"requested": 201, "actual": 52, "remaining": 248, "restoreRate": 1});
        assert_eq!(answer.cost, expected);
    }

    async fn who_has_spent_the_budget_is_told_when_to_come_back(backend) {
        let app = TestApp::with(backend, few).await;
        let ministry = app.as_role("demo-ministry").speaking("ru");
        // Known from now on.
        app.as_role("demo-inspector").ask(PAGE).await;
        app.anonymous().ask("{ __typename }").await;
        let (looked_up, _) = app.statements(ministry.ask("{ __typename }")).await;
        spend(&ministry, 2).await;
        let before = app.content().await;
        let (statements, refused) = app.statements(ministry.query(PAGE, json!({}))).await;
        assert_eq!((refused.codes(), refused.status), (vec!["RATE_LIMITED"], StatusCode::TOO_MANY_REQUESTS));
        assert!(refused.json.get("data").is_none(), "{:#}", refused.json);
        let error = &refused.errors()[0];
        let seconds = error["extensions"]["retryAfterSeconds"].as_u64().unwrap();
        // Under Redis time goes on.
        assert!((41..=52).contains(&seconds), "{seconds}");
        assert_eq!(refused.header("retry-after"), seconds.to_string());
        assert_eq!(error["extensions"]["budget"], "PERSON");
        assert_eq!(error["message"], format!("Бюджет запросов исчерпан: повторите через {seconds} с."));
        // Who asks is looked up, nothing else.
        assert_eq!(statements, looked_up);
        let refused = ministry.query(CREATE, json!({"input": new_enterprise(1)})).await;
        assert_eq!(refused.codes(), ["RATE_LIMITED"]);
        assert_eq!(before.changed(&app.content().await), [] as [&str; 0]);
        // Others have budgets of their own.
        app.as_role("demo-analyst").ask(PAGE).await;
    }

    async fn a_document_that_is_new_is_read_only_for_who_could_pay_its_refusal(backend) {
        let app = TestApp::with(backend, few).await;
        let anybody = app.anonymous();
        anybody.ask("{ __typename }").await;
        spend(&anybody, 2).await;
        for new in ["{", "{ nothing }", "{ new: __typename }"] {
            let refused = anybody.query(new, json!({})).await;
            assert_eq!((refused.codes(), refused.status), (vec!["RATE_LIMITED"], StatusCode::TOO_MANY_REQUESTS), "{new}");
            assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1, "{new}");
        }
        // What is known needs no reading.
        let cost = anybody.ask("{ __typename }").await.cost;
        assert!((98..=99).contains(&cost["remaining"].as_u64().unwrap()), "{cost}");
        app.as_role("demo-ministry").ask("{ new: __typename }").await;
        anybody.ask("{ new: __typename }").await;
    }

    async fn what_is_read_is_paid_however_it_ends(backend) {
        let app = TestApp::with(backend, |config| {
            few(config);
            config.realtime.max_sockets = 0;
        }).await;
        let ministry = app.as_role("demo-ministry");
        let bearer = format!("Bearer {}", ministry.token().unwrap());
        let left = async || 300 - ministry.ask("{ __typename }").await.cost["remaining"].as_u64().unwrap();
        let before = left().await;
        let mutation = "/graphql?query=mutation%7Bnothing%7D";
        let request = Request::get(mutation).header("authorization", &bearer).body(Body::empty()).unwrap();
        assert_eq!(app.send(request).await.status(), StatusCode::METHOD_NOT_ALLOWED);
        let after = left().await;
        assert!((100..=101).contains(&(after - before)), "{before} {after}");
        // There is no place for it.
        let full = ministry.listen("subscription { enterpriseLevelChanged { at } }", json!({})).await;
        assert_eq!(full.head.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!((100..=101).contains(&(left().await - after)));
    }

    async fn parallel_documents_are_read_only_as_far_as_the_budget_goes(backend) {
        let app = TestApp::with(backend, few).await;
        let ministry = app.as_role("demo-ministry");
        let padding = "x".repeat(2_000);
        let documents: Vec<String> = (0..12).map(|n| format!("{{ nothing{n} }} # {padding}")).collect();
        let asked = documents.iter().map(|document| ministry.query(document, json!({})));
        let answers = futures::future::join_all(asked).await;
        let read = answers.iter().filter(|answer| answer.codes() == ["BAD_DOCUMENT"]).count();
        let refused = answers.iter().filter(|answer| answer.codes() == ["RATE_LIMITED"]);
        assert!(refused.clone().all(|answer| answer.header("retry-after").parse::<u64>().is_ok()));
        assert_eq!((read, refused.count()), (3, 9));
    }

    async fn sockets_and_event_streams_are_paid_from_the_same_budget(backend) {
        let app = TestApp::with(backend, few).await;
        let ministry = app.as_role("demo-ministry");
        let served = app.serve().await;
        let mut socket = served.open_as(&ministry).await;
        let subscription = "subscription { enterpriseLevelChanged { cursor } }";
        spend(&ministry, 3).await;
        for document in [PAGE, subscription] {
            socket.subscribe("1", document, json!({})).await;
            let errors = socket.refused("1").await;
            assert_eq!(errors[0]["extensions"]["code"], "RATE_LIMITED", "{errors}");
            assert!(errors[0]["extensions"]["retryAfterSeconds"].as_u64() >= Some(1), "{errors}");
            let told = ministry.listen(document, json!({})).await.first().await;
            assert_eq!(told.codes(), ["RATE_LIMITED"], "{}", told.text);
        }
    }

    async fn describing_the_schema_and_reading_long_documents_have_their_price(backend) {
        let app = TestApp::with(backend, |_| {}).await;
        let requested = async |document: &str| app.anonymous().ask(document).await.cost["requested"].as_u64().unwrap();
        let long = format!("{{ __typename }} # {}", "x".repeat(10_000));
        assert_eq!((requested(&long).await, requested(&long).await), (101, 1));
        let kinds = "kind ofType { kind ofType { kind ofType { kind } } }";
        let described = format!("{{ __schema {{ types {{ fields {{ args {{ type {{ {kinds} }} }} }} }} }} }}");
        assert!(requested(&described).await > 50);
    }

    async fn the_answer_keeps_the_media_type_that_was_asked_for(backend) {
        let app = TestApp::with(backend, few).await;
        for accept in ["application/json", "application/graphql-response+json"] {
            let spend = async || ask(&app, &[("accept", accept)], json!({"query": "{ nothing }"})).await;
            let answer = until_refused(spend, "BAD_DOCUMENT").await;
            assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{accept}");
            assert!(answer.header("content-type").starts_with(accept), "{:?}", answer.headers);
            assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
        }
    }

    async fn a_document_that_does_not_run_costs_a_hundred(backend) {
        let app = TestApp::with(backend, few).await;
        for document in ["{", "{ nothing }", "query($a: Int!) { __typename }"] {
            let answer = app.anonymous().query(document, json!({})).await;
            assert_eq!(answer.cost["actual"], 100, "{document}: {:#}", answer.json);
        }
        // So does a token that does not hold, at the cost of its address.
        let token = async || app.anonymous().with_token("none").query("{ __typename }", json!({})).await;
        let answer = until_refused(token, "UNAUTHENTICATED").await;
        assert_eq!(answer.errors()[0]["extensions"]["budget"], "ADDRESS");
        // Who has signed in does not pay for others at the same address.
        app.as_role("demo-ministry").ask("{ __typename }").await;
    }

    async fn the_cost_alone_can_be_asked_for(backend) {
        let app = TestApp::with(backend, |config| {
            config.budgets.person_points = 0;
            config.budgets.organisation_points = 0;
        })
        .await;
        let token = app.as_role("demo-ministry").token().unwrap().to_owned();
        let bearer = format!("Bearer {token}");
        let only = [("x-osh-cost", "only"), ("authorization", bearer.as_str())];
        let before = app.content().await;
        let answer = ask(&app, &only, json!({"query": CREATE, "variables": {"input": new_enterprise(1)}})).await;
        assert_eq!(answer.cost, json!({"requested": 6, "actual": 1, "remaining": null, "restoreRate": null}));
        assert_eq!((answer.json.get("data"), answer.errors().len()), (Some(&Value::Null), 0));
        assert_eq!(before.changed(&app.content().await), [] as [&str; 0]);
        // Nothing was counted, and so nothing is paid for it.
        let answer = ask(&app, &only, json!({"query": "{ enterprises { totalCount } }"})).await;
        assert_eq!((&answer.cost["requested"], &answer.cost["actual"]), (&json!(52), &json!(1)));
        // What would be refused is refused.
        let answer = ask(&app, &only, json!({"query": "{ nothing }"})).await;
        assert_eq!(answer.codes(), ["BAD_DOCUMENT"]);
        for wrong in ["", "all", "ONLY"] {
            let answer = ask(&app, &[("x-osh-cost", wrong)], json!({"query": PAGE})).await;
            assert_eq!((answer.codes(), answer.status), (vec!["BAD_REQUEST"], StatusCode::BAD_REQUEST), "{wrong}");
        }
    }

    async fn the_budgets_are_published(backend) {
        let app = TestApp::with(backend, |config| {
            few(config);
            config.budgets.address_points = 0;
        }).await;
        let budgets = "{ serviceConfig { budgets { person { points pointsPerSecond } address { points } } } }";
        let answer = app.anonymous().ask(budgets).await;
        let expected = json!({"person": {"points": 300, "pointsPerSecond": 1}, "address": null});
        assert_eq!(answer.data("serviceConfig.budgets"), &expected);
    }
}

/// Points that a page leaves.
async fn left(app: &TestApp) -> u64 {
    app.as_role("demo-ministry").ask("{ __typename }").await.cost["remaining"].as_u64().unwrap()
}

#[test]
fn replicas_share_the_budgets_and_have_their_own_while_redis_is_away() {
    run(async {
        let (relay, _, url) = Relay::to_redis().await;
        let one = TestApp::with(Backend::Postgres, |config| {
            config.redis.url = url;
            config.budgets.person_points = 100_000;
            config.budgets.person_points_per_second = 1;
        })
        .await;
        let two = one.replica(|_| {}).await;
        for (app, paid) in [(&one, 1), (&two, 2), (&one, 3)] {
            let spent = 100_000 - left(app).await;
            assert!((paid - 1..=paid).contains(&spent), "{spent} spent after {paid} requests");
        }
        relay.set(Link::Cut);
        assert_eq!((left(&one).await, left(&one).await, left(&two).await), (99_999, 99_998, 99_999));
        relay.set(Link::Up);
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        assert_eq!((left(&one).await / 100, left(&two).await / 100), (999, 999));
    });
}
