//! The command line.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a command line talks to people

mod check;
mod data;
mod import;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::import::ImportKind;

/// National digital map of occupational safety: GraphQL server and tools.
///
/// Settings come from api/config.default.toml (embedded), the file named by OSH_CONFIG, and OSH_<SECTION>_<KEY>.
#[derive(Debug, Parser)]
#[command(name = "osh-map", version)]
pub struct Osh {
    /// What to do; `serve` when absent.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server (default). Migrates, loads reference data and, on the first start, the demo data set.
    Serve,
    /// Bring the schema of the database up to date and load the shipped reference data, then end.
    Migrate,
    /// Print the GraphQL schema.
    Schema(SchemaArgs),
    /// Create the demo data set in an empty database.
    Seed(SeedArgs),
    /// Import a CSV file; errors of rows go to standard output as CSV.
    Import(ImportArgs),
    /// Print a token of the demo issuer.
    Token {
        /// Subject, such as demo-inspector; all demo persons when absent.
        subject: Option<String>,
    },
    /// Check the policies, or explain one decision.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Check lists of trusted documents.
    #[command(subcommand)]
    Documents(DocumentsCommand),
    /// Work with stored assessments.
    #[command(subcommand)]
    Assess(AssessCommand),
    /// Ask a running server whether it lives; for container health checks.
    Health,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Fail with the first difference when the file is not what the program serves.
    #[arg(long)]
    pub check: bool,
    /// Write the file instead of printing.
    #[arg(long, conflicts_with = "check")]
    pub write: bool,
    /// The file to check or write.
    #[arg(long, default_value = "schema.graphql")]
    pub file: PathBuf,
}

/// Arguments of `seed`.
#[derive(Debug, Args)]
pub struct SeedArgs {
    /// Enterprises; the setting demo.enterprises when absent.
    #[arg(long)]
    pub enterprises: Option<usize>,
    /// Workplaces; the setting demo.workplaces when absent.
    #[arg(long)]
    pub workplaces: Option<usize>,
    /// Same seed, same data; the setting demo.seed when absent.
    #[arg(long)]
    pub seed: Option<u64>,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// What the file holds: territories, activities, activity-classes, tariff-rates, enterprises, workplaces or
    /// measurements.
    pub kind: ImportKind,
    /// The file; `-` for standard input.
    pub file: PathBuf,
    /// Check everything, keep nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Commit every 1,000 rows under this name, so that an interrupted import goes on where it stopped.
    #[arg(long, value_name = "NAME")]
    pub batch: Option<String>,
    /// Language of the messages: kk, ru or en.
    #[arg(long, default_value = "en")]
    pub language: String,
    /// Report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Policies.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Lint and compile the policies; print what they grant.
    Check,
}

/// Lists of trusted documents.
#[derive(Debug, Subcommand)]
pub enum DocumentsCommand {
    /// Whether this server could use the lists: format, hashes, limits, schema. Needs no database.
    Check {
        /// The folder; the setting documents.trusted_folder when absent.
        folder: Option<PathBuf>,
    },
}

/// Stored assessments.
#[derive(Debug, Subcommand)]
pub enum AssessCommand {
    /// Recompute every stored score and report differences; fails when there is one.
    Verify,
}

/// Runs a command.
pub async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve => serve::serve().await,
        Command::Health => serve::health().await,
        Command::Migrate => data::migrate().await,
        Command::Seed(arguments) => data::seed(arguments).await,
        Command::Import(arguments) => import::import(arguments).await,
        Command::Assess(AssessCommand::Verify) => data::verify().await,
        Command::Token { subject } => serve::token(subject),
        Command::Schema(arguments) => check::schema(&arguments),
        Command::Documents(DocumentsCommand::Check { folder }) => check::documents(folder).await,
        Command::Policy(PolicyCommand::Check) => check::policies().await,
    }
}
