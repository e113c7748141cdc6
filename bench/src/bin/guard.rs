//! What a document costs before anything runs, in this process: the median of many, one stage at a time.
//!
//! `guard` prints a table; `bench --documents` runs it.
#![allow(clippy::print_stdout)] // a command line talks to people

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context, anyhow};
use api::graphql::coercion::{self, Types};
use api::graphql::documents::{Asked, Documents, Sha, Sought};
use api::graphql::guard::{Document, Limits};
use api::graphql::rules;
use async_graphql::parser::parse_query;
use async_graphql::{Request, Variables};
use futures::executor::block_on;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often each stage is measured.
const TIMES: usize = 5_000;

/// A page of a frontend: some two kilobytes, as an application sends it.
const TYPICAL: &str = include_str!("../typical.graphql");

fn main() -> anyhow::Result<()> {
    let (limits, types) = (Limits::default(), Types::read(&api::schema::sdl())?);
    let refused = |refusal| anyhow!("the document is refused: {refusal:?}");
    let variables = Variables::from_json(serde_json::json!({"first": 10, "language": "KK",
        "filter": {"search": "demo", "levels": ["A", "B"]}, "bin": "210240000397", "withPlaces": true}));
    let document = Document::read(TYPICAL, &limits).map_err(refused)?;
    document.check(None, &variables, &limits).map_err(refused)?;
    let request = || {
        let mut request = Request::new(String::new()).variables(variables.clone());
        request.set_parsed_query(document.parsed().clone());
        request
    };
    let values = |valid| {
        let prepared = (0..TIMES).map(|_| request()).collect::<Vec<_>>();
        each(prepared, |mut request| coercion::refusal(&types, &mut request, valid).is_none())
    };
    anyhow::ensure!(coercion::refusal(&types, &mut request(), false).is_none(), "a value does not fit");
    anyhow::ensure!(rules::fault(&types, document.parsed()).is_none(), "the document is not valid");

    let parse = median(|| parse_query(TYPICAL));
    let read = median(|| Document::read(TYPICAL, &limits));
    let check = median(|| document.check(None, &variables, &limits));
    let judged = values(false);
    let merged = median(|| rules::fault(&types, document.parsed()));
    let documents = Documents::default();
    let find = |asked| {
        block_on(async {
            match documents.find(asked, None).await? {
                Sought::Known(found) => Ok(found),
                Sought::New(new) => documents.read(new, &limits).await,
            }
        })
        .map_err(refused)
    };
    block_on(documents.keep(&mut find(Asked::Text(TYPICAL.to_owned()))?));
    let sha = Sha::of(TYPICAL);
    anyhow::ensure!(find(Asked::Hash(sha))?.valid, "the document is not known");
    let look = |asked: &dyn Fn() -> Asked| {
        median(|| find(asked()).map(|found| found.document.check_valid(None, &variables, &limits).is_ok()).ok())
    };
    let (by_text, by_hash) = (look(&|| Asked::Text(TYPICAL.to_owned())), look(&|| Asked::Hash(sha)));
    let again = values(true);
    println!("| a document of {} bytes | µs |\n|---|---:|", TYPICAL.len());
    println!("| guard: look at the text (reading less parsing) | {:.1} |", read - parse);
    println!("| guard: count and refuse | {check:.1} |");
    println!("| **guard, together** | **{:.1}** |", read - parse + check);
    println!("| parsing, which any server does | {parse:.1} |");
    println!("| values against the schema | {judged:.1} |");
    println!("| rules that the library lacks | {merged:.1} |");
    println!("| a known document by its text: look-up and cost | {by_text:.1} |");
    println!("| a known document by its hash: look-up and cost | {by_hash:.1} |");
    println!("| a known document: its variables | {again:.1} |");
    Ok(())
}

/// Median time of `work`, microseconds.
fn median<T>(work: impl Fn() -> T) -> f64 {
    each(vec![(); TIMES], |()| work())
}

fn each<I, T>(inputs: Vec<I>, work: impl Fn(I) -> T) -> f64 {
    let timed = |input| {
        let begun = Instant::now();
        black_box(work(black_box(input)));
        begun.elapsed().as_secs_f64() * 1e6
    };
    let mut times: Vec<f64> = inputs.into_iter().map(timed).collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().context("no times").unwrap_or_default()
}
