//! `executor mcp`.

use std::process::ExitCode;

use clap::Args;

use crate::arguments::Target;
use crate::proxy;

#[derive(Debug, Args)]
pub(crate) struct Mcp {
    #[command(flatten)]
    target: Target,
}

impl Mcp {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        proxy::run(self.target).await?;
        Ok(ExitCode::SUCCESS)
    }
}
