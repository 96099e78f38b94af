//! Imports the document at a path: `import <path> [<base url>]`. Says what came of it, how long it took and how much
//! memory.
#![expect(clippy::print_stdout, reason = "it is a command")]

use std::error::Error;
use std::time::Instant;

use executor_egress::{Client, Options};
use executor_sources::{Claimed, ImportOptions, Kinds};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: import <path> [<base url>]")?;
    let base_url = arguments.next();
    let bytes = std::fs::read(&path)?;
    let start = Instant::now();
    let kinds = Kinds::new(&Client::new(Options::default())?);
    let Claimed { kind, document, detection, .. } = kinds.claim(&bytes, None)?;
    let read = start.elapsed();
    println!("{detection:#?}");
    let options = ImportOptions {
        base_url: base_url.as_deref().or(detection.base_url.is_none().then_some("https://api.example.com")),
        ..ImportOptions::new(&|_, _| ())
    };
    let import = kind.import(&document, &options)?;
    let all = start.elapsed();
    for tool in import.tools.iter().take(10) {
        println!("{}  {}", tool.name, tool.summary);
    }
    for skipped in &import.skipped {
        println!("skipped {}: {}", skipped.operation, skipped.reason);
    }
    let size = |json: &executor_core::Json| json.as_str().len();
    let tools: usize = import.tools.iter().map(|tool| size(&tool.input) + size(&tool.operation)).sum();
    let schemas: usize = import.schemas.iter().map(|schema| size(&schema.schema)).sum();
    println!(
        "{} tools of {} bytes, {} schemas of {} bytes, {} skipped",
        import.tools.len(),
        tools,
        import.schemas.len(),
        schemas,
        import.skipped.len()
    );
    println!(
        "{} ms, {} of them reading; peak {} MiB",
        all.as_millis(),
        read.as_millis(),
        peak_mib().unwrap_or(0)
    );
    Ok(())
}

/// The most memory that the process has had, where the system says it.
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}
