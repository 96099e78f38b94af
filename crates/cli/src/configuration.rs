//! The configuration, read at the edge, and the command that shows it.

use std::process::ExitCode;

use executor_config::{Config, Inputs};

use crate::arguments::{ConfigAction, ConfigCommand, Given};

/// Reads the configuration. The error lists all problems at once.
pub(crate) fn load(flags: Given) -> anyhow::Result<Config> {
    Ok(Config::load(&inputs(flags))?)
}

fn inputs(flags: Given) -> Inputs {
    Inputs {
        flags,
        environment: std::env::vars().collect(),
        dotenv: fs_err::read_to_string(".env").ok(),
        ..Inputs::default()
    }
}

/// `executor config` and `executor config check`.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is what the command is for")]
pub(crate) fn show(command: &ConfigCommand) -> anyhow::Result<ExitCode> {
    let config = load(command.settings.given())?;
    for notice in config.notices() {
        eprintln!("note: {notice}");
    }
    if let Some(ConfigAction::Check) = command.action {
        println!("The configuration is good.");
        return Ok(ExitCode::SUCCESS);
    }
    if command.json {
        println!("{}", serde_json::to_string_pretty(&effective_json(&config))?);
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_header(["SETTING", "VALUE", "FROM"]);
    for effective in config.effective() {
        let value = effective.value.clone().unwrap_or_else(|| "(not set)".to_owned());
        table.add_row([effective.variable.name.to_owned(), value, effective.origin.to_string()]);
    }
    println!("{table}");
    Ok(ExitCode::SUCCESS)
}

fn effective_json(config: &Config) -> serde_json::Value {
    let settings = config.effective().iter().map(|effective| {
        serde_json::json!({
            "name": effective.variable.name,
            "value": effective.value,
            "origin": effective.origin.to_string(),
        })
    });
    settings.collect()
}
