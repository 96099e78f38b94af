//! What the status page says.

use std::fmt::{self, Display};

use executor_core::Failure;
use executor_core::task::TaskStatus;
use executor_engine::{SourceView, TaskSummary, WorkspaceView};

use super::html::Escaped;
use super::{MARK, time};

/// What the page says.
pub(super) struct Content {
    pub(super) mcp_url: String,
    pub(super) version: &'static str,
    pub(super) is_ready: bool,
    pub(super) sections: Vec<Section>,
    /// Why there is nothing to see.
    pub(super) problem: Option<Failure>,
}

/// What it says of a workspace.
pub(super) struct Section {
    pub(super) workspace: WorkspaceView,
    pub(super) sources: Vec<SourceView>,
    pub(super) tasks: Vec<TaskSummary>,
}

impl Content {
    /// The whole page.
    pub(super) fn render(&self) -> String {
        self.to_string()
    }
}

impl Display for Content {
    fn fmt(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (state, word) = if self.is_ready { ("good", "ready") } else { ("bad", "not ready") };
        write!(
            page,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>Executor</title>\n\
             <link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">\n\
             <link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n<header>\n{MARK}\n<h1>Executor</h1>\n\
             <span class=\"badge {state}\">{word}</span>\n<span class=\"faint version\">{}</span>\n</header>\n<main>\n",
            Escaped(self.version),
        )?;
        if let Some(failure) = &self.problem {
            writeln!(
                page,
                "<section>\n<h2>Nothing to show</h2>\n<p>{}</p>\n<p class=\"faint\">{}</p>\n</section>",
                Escaped(&failure.message),
                Escaped(&failure.hint)
            )?;
        }
        self.sections.iter().try_for_each(|section| section.write(page, self.sections.len() > 1))?;
        self.write_connect(page)?;
        page.write_str(
            "</main>\n<footer><a href=\"/api/openapi.json\">API description</a> <a href=\"/metrics\">Metrics</a> \
             <span>Times are UTC</span></footer>\n</body>\n</html>\n",
        )
    }
}

impl Content {
    fn write_connect(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = Escaped(&self.mcp_url);
        write!(
            page,
            "<section>\n<h2>Connect an agent</h2>\n<dl>\n<dt>MCP address</dt>\n<dd><code>{url}</code></dd>\n\
             <dt>Claude Code</dt>\n<dd><code>claude mcp add --transport http executor {url}</code></dd>\n\
             <dt>As a process</dt>\n<dd><code>executor mcp</code></dd>\n</dl>\n</section>\n"
        )
    }
}

impl Section {
    fn write(&self, page: &mut fmt::Formatter<'_>, is_named: bool) -> fmt::Result {
        if is_named {
            writeln!(page, "<h2 class=\"workspace\">{}</h2>", Escaped(&self.workspace.name))?;
        }
        self.write_sources(page)?;
        self.write_tasks(page)
    }

    fn write_sources(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tools: u64 = self.sources.iter().map(|source| source.tools).sum();
        write_title(page, "Sources", self.sources.len(), &format!("{tools} tools"))?;
        if self.sources.is_empty() {
            return page.write_str(
                "<p class=\"empty\">No sources yet. Add an API by its OpenAPI document:</p>\n\
                 <pre>executor sources add https://api.example.com/openapi.json</pre>\n</section>\n",
            );
        }
        page.write_str(
            "<table>\n<thead><tr><th>Name</th><th class=\"wide\">Title</th><th>Kind</th>\
             <th class=\"number\">Tools</th></tr></thead>\n<tbody>\n",
        )?;
        for source in &self.sources {
            writeln!(
                page,
                "<tr><td><code>{}</code></td><td>{}</td><td class=\"faint\">{}</td><td class=\"number\">{}</td></tr>",
                Escaped(&source.name),
                Escaped(&source.title),
                source.kind.as_str(),
                source.tools
            )?;
        }
        page.write_str("</tbody>\n</table>\n</section>\n")
    }

    fn write_tasks(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_title(page, "Recent tasks", self.tasks.len(), "newest first")?;
        if self.tasks.is_empty() {
            return page.write_str(
                "<p class=\"empty\">No tasks yet. Ask your agent for something, or run code yourself:</p>\n\
                 <pre>echo 'return 1 + 1' | executor run -</pre>\n</section>\n",
            );
        }
        page.write_str(
            "<table>\n<thead><tr><th>Status</th><th class=\"wide\">Code</th><th>Client</th><th>Accepted</th>\
             <th class=\"number\">Took</th></tr></thead>\n<tbody>\n",
        )?;
        for task in &self.tasks {
            let link = format!("/api/v1/workspaces/{}/tasks/{}", self.workspace.id, task.id);
            writeln!(
                page,
                "<tr><td><span class=\"badge {}\">{}</span></td>\
                 <td class=\"cut\"><a href=\"{link}/events\" title=\"Journal of {}\"><code>{}</code></a></td>\
                 <td class=\"faint\">{}</td><td class=\"faint\">{}</td><td class=\"number\">{}</td></tr>",
                mood(task.status),
                task.status.as_str().replace('_', " "),
                task.id,
                Escaped(&task.title),
                Escaped(task.client.as_deref().unwrap_or_default()),
                time::moment(task.created_at),
                task.ended_at.map(|end| time::span(end.millis_since(task.created_at))).unwrap_or_default()
            )?;
        }
        page.write_str("</tbody>\n</table>\n</section>\n")
    }
}

/// Opens a section; what is beside its title only matters where there is anything in it.
fn write_title(page: &mut fmt::Formatter<'_>, title: &str, items: usize, beside: &str) -> fmt::Result {
    let beside = if items == 0 { "" } else { beside };
    writeln!(page, "<section>\n<h2>{title} <small>{beside}</small></h2>")
}

fn mood(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::Completed => "good",
        TaskStatus::Failed | TaskStatus::TimedOut | TaskStatus::Denied => "bad",
        TaskStatus::Waiting => "waiting",
        TaskStatus::Queued | TaskStatus::Running | TaskStatus::Cancelled => "plain",
    }
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
