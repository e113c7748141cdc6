use chrono::{DateTime, TimeDelta, Utc};
use domain::localized::Language;
use domain::roles::{OrganisationKind, Role};

use super::*;
use crate::auth::actor::{Acting, Person};

fn settings() -> config::Budgets {
    config::Budgets {
        person_points: 1_000,
        person_points_per_second: 10,
        organisation_points: 1_500,
        organisation_points_per_second: 100,
        address_points: 300,
        address_points_per_second: 1,
    }
}

fn moment() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default()
}

fn budgets(change: impl FnOnce(&mut config::Budgets)) -> (Budgets, Clock) {
    let (mut settings, clock) = (settings(), Clock::fixed(moment()));
    change(&mut settings);
    (Budgets::new(&settings, None, clock.clone()), clock)
}

fn actor(person: u128, organisation: Option<u128>) -> Actor {
    let person = Person { id: Uuid::from_u128(person), display_name: String::new(), language: Language::default() };
    let acting = organisation.map(|id| Acting {
        membership_id: Uuid::from_u128(id),
        organisation_id: Uuid::from_u128(id),
        kind: OrganisationKind::Employer,
        names: <[String; 3]>::default(),
        bin: None,
        jurisdiction: None,
        role: Role::SafetyEngineer,
        workplace_id: None,
        valid: (moment().date_naive(), None),
    });
    Actor { person: Some(person), acting, ..Actor::default() }
}

#[tokio::test]
async fn a_person_pays_also_from_the_budget_of_the_organisation() {
    let (budgets, _) = budgets(|_| {});
    let standing = budgets.charge(&actor(1, Some(9)), None, 900).await.unwrap().settle(900);
    assert_eq!((standing.remaining, standing.restore_rate), (Some(100), Some(10)));
    // The colleague has a full budget, but not so the organisation.
    let standing = budgets.charge(&actor(2, Some(9)), None, 550).await.unwrap().settle(550);
    assert_eq!((standing.remaining, standing.restore_rate), (Some(50), Some(100)));
    let refused = budgets.charge(&actor(3, Some(9)), None, 60).await.err().unwrap();
    assert_eq!((refused.account.kind(), refused.retry_after_seconds), ("ORGANISATION", 1));
    // Nothing was taken from the person by that.
    assert_eq!(budgets.charge(&actor(3, None), None, 1_000).await.unwrap().settle(1_000).remaining, Some(0));
}

#[tokio::test]
async fn what_was_not_answered_comes_back() {
    let (budgets, _) = budgets(|_| {});
    let standing = budgets.charge(&actor(1, None), None, 1_000).await.unwrap().settle(40);
    assert_eq!((standing.requested, standing.actual, standing.remaining), (1_000, 40, Some(960)));
    assert_eq!(budgets.charge(&actor(1, None), None, 0).await.unwrap().settle(0).remaining, Some(959));
}

#[tokio::test]
async fn points_come_back_with_time() {
    let (budgets, clock) = budgets(|_| {});
    let public = Actor::default();
    let spent = budgets.charge(&public, None, 300).await.unwrap().settle(300);
    assert_eq!(spent.remaining, Some(0));
    let refused = budgets.charge(&public, None, 20).await.err().unwrap();
    assert_eq!((refused.account.kind(), refused.retry_after_seconds), ("ADDRESS", 20));
    clock.set(moment() + TimeDelta::seconds(19));
    assert!(budgets.charge(&public, None, 20).await.is_err());
    clock.set(moment() + TimeDelta::seconds(20));
    assert!(budgets.charge(&public, None, 20).await.is_ok());
}

#[tokio::test]
async fn what_was_paid_before_is_part_of_the_price() {
    let (budgets, clock) = budgets(|_| {});
    let person = actor(1, None);
    let deposit = || async { budgets.charge(&person, None, 100).await.unwrap() };
    assert_eq!(deposit().await.raise(1).await.unwrap().settle(1).remaining, Some(999));
    let standing = deposit().await.raise(300).await.unwrap().settle(200);
    assert_eq!((standing.requested, standing.actual, standing.remaining), (300, 200, Some(799)));
    // What is too much is not taken, and what was taken stays so.
    let refused = deposit().await.raise(900).await.err().unwrap();
    assert_eq!((refused.standing.remaining, refused.standing.actual), (Some(699), 100));
    // All of it will have to be paid again, and then it fits.
    assert_eq!(refused.retry_after_seconds, 21);
    clock.set(moment() + TimeDelta::seconds(21));
    let raised = deposit().await.raise(900).await.unwrap();
    assert!(raised.is_of(&person, None) && !raised.is_of(&actor(2, None), None));
    let _ = raised.settle(1);
    drop(deposit().await);
    // What is dropped stays paid.
    assert_eq!(deposit().await.raise(100).await.unwrap().settle(1).remaining, Some(807));
}

#[tokio::test]
async fn each_store_gets_back_no_more_than_it_gave() {
    let (budgets, _) = budgets(|_| {});
    let person = actor(1, None);
    let owed = async || 1_000 - budgets.charge(&person, None, 1).await.unwrap().settle(1).remaining.unwrap();
    let _ = budgets.charge(&person, None, 500).await.unwrap().settle(500);
    let mut charge = budgets.charge(&person, None, 100).await.unwrap();
    // Redis was there in between, and gave the rest.
    (charge.requested, charge.shared) = (300, 200);
    let _ = charge.settle(1);
    assert_eq!(owed().await, 502, "another one's debt was forgiven");
}

#[tokio::test]
async fn addresses_are_apart() {
    let (budgets, _) = budgets(|_| {});
    let at = |last| Some(ClientAddress([10, 0, 0, last].into()));
    let _ = budgets.charge(&Actor::default(), at(1), 300).await.unwrap();
    assert!(budgets.charge(&Actor::default(), at(1), 1).await.is_err());
    assert!(budgets.charge(&Actor::default(), at(2), 300).await.is_ok());
}

#[tokio::test]
async fn without_points_there_is_no_bound() {
    let (budgets, _) = budgets(|settings| settings.address_points = 0);
    for _ in 0..3 {
        let standing = budgets.charge(&Actor::default(), None, u64::MAX).await.unwrap().settle(5);
        assert_eq!((standing.remaining, standing.restore_rate), (None, None));
    }
}

#[tokio::test]
async fn parallel_requests_do_not_spend_the_same_points() {
    let (budgets, _) = budgets(|_| {});
    let spend = (0..64).map(|_| {
        let budgets = budgets.clone();
        tokio::spawn(async move { budgets.charge(&actor(1, Some(1)), None, 100).await.is_ok() })
    });
    let spent = futures::future::join_all(spend).await.into_iter().filter(|it| *it.as_ref().unwrap()).count();
    assert_eq!(spent, 10);
}
