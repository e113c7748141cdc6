//! The least a server can do: the same SQL behind HTTP and JSON, without GraphQL, tokens, scopes, limits or languages.
//!
//! `plain DATABASE-URL` answers any POST: with the enterprise of `variables.bin` if there is one, else with the page of
//! fifty enterprises. It says what part of `pgbench`'s rate HTTP and the driver leave over for whatever comes on top.
//! Without a database it reads the JSON of a request and answers `{ __typename }`.
#![allow(clippy::print_stdout)] // a command line talks to people

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use bench::workload::{BY_BIN, PAGE, WORKPLACES, written_out};
use serde_json::{Value, json};
use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};
use sqlx::types::Uuid;
use sqlx::{AssertSqlSafe, Row};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Statements with the placeholders of the driver.
struct Sql {
    by_bin: String,
    page: String,
    workplaces: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Some(url) = std::env::args().nth(1) else {
        return serve(Router::new().route("/graphql", post(least))).await;
    };
    let pool = PgPoolOptions::new().max_connections(10).test_before_acquire(false).connect(&url).await?;
    let sql = Sql {
        by_bin: written_out(BY_BIN).replace("'{BIN}'", "$1"),
        page: written_out(PAGE),
        workplaces: WORKPLACES.replace("{PARENTS}", "$1"),
    };
    serve(Router::new().route("/graphql", post(answer)).with_state((pool, Arc::new(sql)))).await
}

async fn serve(router: Router) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, router).await.context("cannot serve")
}

async fn least(Json(request): Json<Value>) -> Result<Json<Value>, StatusCode> {
    let query = request.get("query").and_then(Value::as_str).ok_or(StatusCode::BAD_REQUEST)?;
    Ok(Json(json!({"data": {"__typename": if query.is_empty() { "" } else { "Query" }}})))
}

async fn answer(
    State((pool, sql)): State<(PgPool, Arc<Sql>)>,
    Json(request): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    let answered = match request.pointer("/variables/bin").and_then(Value::as_str) {
        Some(bin) => by_bin(&pool, &sql, bin).await,
        None => page(&pool, &sql).await,
    };
    answered.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn by_bin(pool: &PgPool, sql: &Sql, bin: &str) -> Result<Value, sqlx::Error> {
    let row = sqlx::query(AssertSqlSafe(sql.by_bin.as_str())).bind(bin).fetch_one(pool).await?;
    Ok(json!({"data": {"enterprise": enterprise(&row)?}}))
}

async fn page(pool: &PgPool, sql: &Sql) -> Result<Value, sqlx::Error> {
    let mut rows = sqlx::query(AssertSqlSafe(sql.page.as_str())).fetch_all(pool).await?;
    rows.truncate(50);
    let keys = rows.iter().map(|row| row.try_get("id")).collect::<Result<Vec<Uuid>, _>>()?;
    let children = sqlx::query(AssertSqlSafe(sql.workplaces.as_str())).bind(&keys).fetch_all(pool).await?;
    let mut families: HashMap<Uuid, Vec<Value>> = HashMap::new();
    for child in &children {
        let family = families.entry(child.try_get("enterprise_id")?).or_default();
        if family.len() < 10 {
            family.push(workplace(child)?);
        }
    }
    let mut nodes = Vec::new();
    for (row, key) in rows.iter().zip(keys) {
        let mut node = enterprise(row)?;
        if let Some(fields) = node.as_object_mut() {
            fields.insert("workplaces".to_owned(), json!({"nodes": families.remove(&key).unwrap_or_default()}));
        }
        nodes.push(node);
    }
    Ok(json!({"data": {"enterprises": {"nodes": nodes}}}))
}

fn enterprise(row: &PgRow) -> Result<Value, sqlx::Error> {
    Ok(json!({
        "id": row.try_get::<Uuid, _>("id")?.to_string(),
        "bin": row.try_get::<String, _>("bin")?,
        "name": row.try_get::<String, _>("name_ru")?,
        "level": row.try_get::<i16, _>("level_rank")?,
        "headcount": row.try_get::<i32, _>("headcount")?,
    }))
}

fn workplace(row: &PgRow) -> Result<Value, sqlx::Error> {
    Ok(json!({
        "id": row.try_get::<Uuid, _>("id")?.to_string(),
        "code": row.try_get::<String, _>("code")?,
        "name": row.try_get::<String, _>("name_ru")?,
        "degree": row.try_get::<Option<i16>, _>("degree")?,
        "workers": row.try_get::<i32, _>("workers")?,
    }))
}
