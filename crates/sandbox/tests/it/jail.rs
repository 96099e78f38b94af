pub(crate) fn probe(_: &str) -> std::process::ExitCode { std::process::ExitCode::SUCCESS }
