//! What the status page says.

use std::fmt::{self, Display};

use executor_core::Failure;
use executor_core::task::TaskStatus;
use executor_engine::{ApprovalView, SourceView, TaskSummary, WorkspaceView};

use super::frame::{Frame, Trouble};
use super::html::Escaped;
use super::time;

/// What the page says.
pub(super) struct Content {
    pub(super) mcp_url: String,
    pub(super) version: &'static str,
    pub(super) is_ready: bool,
    pub(super) has_session: bool,
    pub(super) sections: Vec<Section>,
    /// Why there is nothing to see.
    pub(super) problem: Option<Failure>,
}

/// What it says of a workspace.
pub(super) struct Section {
    pub(super) workspace: WorkspaceView,
    pub(super) sources: Vec<SourceView>,
    pub(super) tasks: Vec<TaskSummary>,
    /// Those that are open.
    pub(super) approvals: Vec<ApprovalView>,
}

impl Content {
    /// The whole page.
    pub(super) fn render(&self) -> String {
        let badge = if self.is_ready { ("good", "ready") } else { ("bad", "not ready") };
        let (title, version, has_session) = ("Executor".to_owned(), self.version, self.has_session);
        Frame { title, badge: Some(badge), version, refresh: None, has_session, main: self }.to_string()
    }
}

impl Display for Content {
    fn fmt(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(failure) = &self.problem {
            write!(page, "{}", Trouble("Nothing to show", failure))?;
            page.write_str("<p><a href=\"/sign-in\">Sign in with an API key</a></p>\n")?;
        }
        self.write_waiting(page)?;
        self.sections.iter().try_for_each(|section| section.write(page, self.sections.len() > 1))?;
        self.write_connect(page)
    }
}

impl Content {
    /// That people are waited for, where they are.
    fn write_waiting(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting: usize = self.sections.iter().map(|section| section.approvals.len()).sum();
        let said = match waiting {
            0 => return Ok(()),
            1 => "1 call waits for a decision".to_owned(),
            more => format!("{more} calls wait for a decision"),
        };
        writeln!(page, "<section class=\"call-out\">\n<a href=\"/approvals\">{said}</a>\n</section>")
    }

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
            let (open, close) = self.way_to_what_waits(task);
            let link = format!("/api/v1/workspaces/{}/tasks/{}", self.workspace.id, task.id);
            writeln!(
                page,
                "<tr><td>{}<span class=\"badge {}\">{}</span>{}</td>\
                 <td class=\"cut\"><a href=\"{link}/events\" title=\"Journal of {}\"><code>{}</code></a></td>\
                 <td class=\"faint\">{}</td><td class=\"faint\">{}</td><td class=\"number\">{}</td></tr>",
                open,
                mood(task.status),
                task.status.as_str().replace('_', " "),
                close,
                task.id,
                Escaped(&task.title),
                Escaped(task.client.as_deref().unwrap_or_default()),
                time::moment(task.created_at),
                task.ended_at.map(|end| time::span(end.millis_since(task.created_at))).unwrap_or_default()
            )?;
        }
        page.write_str("</tbody>\n</table>\n</section>\n")
    }

    /// The link around a task's status: to its approval where it waits for one, to all where it waits for something else.
    fn way_to_what_waits(&self, task: &TaskSummary) -> (String, &'static str) {
        if task.status != TaskStatus::Waiting {
            return (String::new(), "");
        }
        let mut own = self.approvals.iter().filter(|approval| approval.task == task.id);
        match (own.next(), own.next()) {
            (Some(only), None) => (format!("<a href=\"/approvals/{}\">", only.id), "</a>"),
            _ => ("<a href=\"/approvals\">".to_owned(), "</a>"),
        }
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
#[path = "status_tests.rs"]
mod tests;
