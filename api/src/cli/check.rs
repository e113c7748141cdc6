//! Checks of files that are part of the contract.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use domain::roles::{Action, Resource, Role};

use crate::auth::policy::Policies;
use crate::cli::SchemaArgs;
use crate::config::Config;
use crate::http::trusted;

/// `osh-map schema`
pub fn schema(arguments: &SchemaArgs) -> anyhow::Result<ExitCode> {
    let current = crate::schema::sdl();
    if arguments.write {
        std::fs::write(&arguments.file, current)?;
        return Ok(ExitCode::SUCCESS);
    }
    if !arguments.check {
        print!("{current}");
        return Ok(ExitCode::SUCCESS);
    }
    let stored = std::fs::read_to_string(&arguments.file)?;
    if stored == current {
        println!("{} is what the program serves.", arguments.file.display());
        return Ok(ExitCode::SUCCESS);
    }
    let differs = stored.lines().zip(current.lines()).position(|(stored, current)| stored != current);
    let line = differs.unwrap_or_else(|| stored.lines().count().min(current.lines().count()));
    println!("{} is stale from line {}:", arguments.file.display(), line + 1);
    println!("- {}", stored.lines().nth(line).unwrap_or("(end of file)"));
    println!("+ {}", current.lines().nth(line).unwrap_or("(end of file)"));
    println!("Run `cargo run -- schema --write` and review the difference.");
    Ok(ExitCode::FAILURE)
}

/// `osh-map policy check`
pub async fn policies() -> anyhow::Result<ExitCode> {
    let policies = Policies::embedded().await?;
    for role in Role::ALL {
        for resource in Resource::ALL {
            let granted = Action::ALL.iter().filter_map(|action| {
                let reach = policies.reach(*role, *action, *resource)?;
                Some(format!("{action} {reach}"))
            });
            let granted: Vec<String> = granted.collect();
            if !granted.is_empty() {
                println!("{:<24} {:<18} {}", role.as_str(), resource.as_str(), granted.join(", "));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// `osh-map documents check`
pub async fn documents(folder: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let config = Config::load()?;
    let folder = folder.unwrap_or_else(|| config.documents.trusted_folder.clone().into());
    anyhow::ensure!(folder != Path::new(""), "name a folder, or set documents.trusted_folder");
    for (client, documents) in trusted::load(&folder, &config).await?.clients() {
        println!("{client}: {documents} documents");
    }
    Ok(ExitCode::SUCCESS)
}
