//! What an approval's page says.

use std::fmt::{self, Display};

use executor_core::approval::{ApprovalStatus, ApproverCondition, Question, Verdict};
use executor_core::call::RequestSummary;
use executor_core::{AccountId, Failure};
use executor_engine::{ApprovalView, MemberView};

use super::super::code::Code;
use super::super::frame::Trouble;
use super::super::html::Escaped;
use super::super::time;
use super::form::{Filled, digest_of};

/// What an approval's page says.
pub(super) struct Content<'a> {
    pub(super) approval: &'a ApprovalView,
    pub(super) filled: &'a Filled,
    /// Those whose names are known.
    pub(super) members: &'a [MemberView],
    /// Why the reader may not decide.
    pub(super) may_not: Option<Failure>,
    pub(super) may_make_rules: bool,
    /// Whether a pairing link is the way in.
    pub(super) is_open: bool,
    /// Why the last attempt came to nothing.
    pub(super) trouble: Option<&'a Failure>,
}

impl Display for Content<'_> {
    fn fmt(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        let approval = self.approval;
        writeln!(
            page,
            "<p class=\"back\"><a href=\"/approvals\">All approvals</a></p>\n<h1><code>{}</code> \
             <span class=\"badge {}\">{}</span></h1>",
            Escaped(&approval.path),
            mood(approval.status),
            approval.status.as_str(),
        )?;
        if let Some(failure) = self.trouble {
            write!(page, "{}", Trouble("Nothing was decided", failure))?;
        }
        self.write_result(page)?;
        match (&approval.question, &approval.request) {
            (Some(question), _) => write_question(page, question)?,
            (None, Some(request)) => self.write_request(page, request)?,
            (None, None) => {}
        }
        self.write_why(page)?;
        if approval.status.is_open() {
            match &self.may_not {
                None => self.write_form(page)?,
                Some(failure) => self.write_way_in(page, failure)?,
            }
        }
        self.write_task(page)
    }
}

impl Content<'_> {
    /// What was decided, if anything was.
    fn write_result(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        let approval = self.approval;
        let said = match approval.status {
            ApprovalStatus::Open if approval.votes.is_empty() => return Ok(()),
            ApprovalStatus::Open => "It takes more people.",
            ApprovalStatus::Approved => "Approved: the call goes ahead.",
            ApprovalStatus::Used => "Approved: the call has gone ahead.",
            ApprovalStatus::Denied => "Denied: nothing is sent, and the code is told.",
            ApprovalStatus::Expired => "Nobody decided in time: nothing is sent.",
            ApprovalStatus::Withdrawn => "Wanted no more: the task has ended, or it was taken back.",
            ApprovalStatus::Void => "Counts no more: what was asked for has changed.",
        };
        writeln!(page, "<section class=\"result\" role=\"status\">\n<h2>{said}</h2>")?;
        for vote in &approval.votes {
            let verdict = if vote.verdict == Verdict::Approve { "approved" } else { "denied" };
            let reason = vote.reason.as_deref().map(|reason| format!(": {}", Escaped(reason)));
            writeln!(
                page,
                "<p>{} {verdict} it at {}{}</p>",
                self.name(vote.account),
                time::moment(vote.at),
                reason.unwrap_or_default()
            )?;
        }
        page.write_str("<p><a href=\"/approvals\">See what else waits</a></p>\n</section>\n")
    }

    fn write_request(&self, page: &mut fmt::Formatter<'_>, request: &RequestSummary) -> fmt::Result {
        let approval = self.approval;
        let path = request.url.strip_prefix(&approval.origin).unwrap_or(&request.url);
        write!(
            page,
            "<section>\n<h2>What will be sent</h2>\n<dl>\n<dt>Method</dt>\n<dd><code>{}</code></dd>\n\
             <dt>Host</dt>\n<dd><code>{}</code></dd>\n<dt>Path</dt>\n<dd><code>{}</code></dd>\n",
            Escaped(&request.method),
            Escaped(&approval.origin),
            Escaped(path),
        )?;
        for (name, value) in &request.headers {
            writeln!(page, "<dt>{}</dt>\n<dd><code>{}</code></dd>", Escaped(name), Escaped(value))?;
        }
        if let Some(connection) = &approval.connection {
            writeln!(page, "<dt>Connection</dt>\n<dd><code>{connection}</code></dd>")?;
        }
        writeln!(
            page,
            "</dl>\n<h3>Arguments</h3>\n<pre tabindex=\"0\">{}</pre>\n</section>",
            Escaped(self.arguments())
        )
    }

    fn write_why(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        let approval = self.approval;
        let approvers: Vec<_> = approval.approvers.iter().map(|condition| self.who(condition)).collect();
        writeln!(
            page,
            "<section>\n<h2>Why it waits</h2>\n<p>{}</p>\n<dl class=\"plain\">\n<dt>Who may decide</dt>\n<dd>{}</dd>\n\
             <dt>Submitted by</dt>\n<dd>{}</dd>\n<dt>Asked</dt>\n<dd>{}</dd>\n<dt>Expires</dt>\n<dd>{}</dd>\n</dl>\n\
             </section>",
            Escaped(&approval.reason),
            approvers.join("; and "),
            self.name(approval.submitter),
            time::moment(approval.created_at),
            time::moment(approval.expires_at),
        )
    }

    /// The first button is what the Enter key presses in a field; it is one that does nothing, so that nobody approves by
    /// that.
    fn write_form(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (approval, filled) = (self.approval, self.filled);
        let yes = if approval.question.is_some() { "Answer" } else { "Approve" };
        let arguments = filled.arguments.clone().unwrap_or_else(|| self.arguments());
        let open = if filled.arguments.is_some() && self.trouble.is_some() { " open" } else { "" };
        write!(
            page,
            "<section>\n<h2>Decide</h2>\n<form method=\"post\" action=\"/approvals/{}\">\n<button disabled hidden></button>\n\
             <input type=\"hidden\" name=\"shown\" value=\"{}\">\n<label for=\"reason\">Reason \
             <span class=\"faint\">for the record; the code learns it with a denial</span></label>\n\
             <textarea id=\"reason\" name=\"reason\" class=\"text\" rows=\"2\">\n{}</textarea>\n",
            approval.id,
            digest_of(approval),
            Escaped(&filled.reason),
        )?;
        if let Some(question) = &approval.question {
            let kind = if question.schema.is_some() { "as JSON" } else { "a text" };
            write!(
                page,
                "<label for=\"answer\">Your answer <span class=\"faint\">{kind}</span></label>\n\
                 <textarea id=\"answer\" name=\"answer\" class=\"text\" rows=\"3\">\n{}</textarea>\n",
                Escaped(&filled.answer),
            )?;
        } else if approval.votes.is_empty() {
            write!(
                page,
                "<details{open}>\n<summary>Send other arguments</summary>\n<label for=\"arguments\">All of them, as \
                 JSON</label>\n<textarea id=\"arguments\" name=\"arguments\" rows=\"{}\" spellcheck=\"false\">\n{}\
                 </textarea>\n</details>\n",
                arguments.lines().count().clamp(4, 20),
                Escaped(&arguments),
            )?;
        }
        self.write_remember(page)?;
        writeln!(
            page,
            "<p class=\"actions\"><button class=\"primary\" name=\"decision\" value=\"approve\">{yes}</button> \
             <button class=\"danger\" name=\"decision\" value=\"deny\">Deny</button></p>\n</form>\n</section>",
        )
    }

    fn write_remember(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(rule) = &self.approval.proposed_rule else { return Ok(()) };
        let over =
            rule.connection.as_ref().map(|connection| format!(" over <code>{}</code>", Escaped(connection)));
        let rule = format!(
            "All such calls in this workspace, by a rule: {} <code>{}</code>{}",
            rule.effect.as_str(),
            Escaped(&rule.tools),
            over.unwrap_or_default()
        );
        page.write_str("<fieldset>\n<legend>An approval is for</legend>\n")?;
        for (value, label, is_offered) in [
            ("", "This call only", true),
            ("task", "This operation over this connection, whatever its arguments, in this task", true),
            ("rule", &rule, self.may_make_rules),
        ] {
            let checked = if self.filled.remember == value { " checked" } else { "" };
            let disabled = if is_offered { "" } else { " disabled" };
            writeln!(
                page,
                "<label><input type=\"radio\" name=\"remember\" value=\"{value}\"{checked}{disabled}> {label}</label>"
            )?;
        }
        page.write_str("</fieldset>\n")
    }

    /// Why the reader may not decide, and how they may come to.
    fn write_way_in(&self, page: &mut fmt::Formatter<'_>, failure: &Failure) -> fmt::Result {
        let way = match self.is_open {
            true => {
                "Open the link that <code>executor serve</code> printed, or get a new one with \
                 <code>executor approvals link</code>."
            }
            false => "<a href=\"/sign-in\">Sign in</a> with a key that may.",
        };
        writeln!(
            page,
            "<section class=\"call-out\">\n<h2>You may not decide about this</h2>\n<p>{} {}</p>\n<p>{way}</p>\n\
             <p class=\"faint\">Is this browser signed in, and you came from another site? \
             <a href=\"/approvals/{}\">Open this page again.</a></p>\n</section>",
            Escaped(&failure.message),
            Escaped(&failure.hint),
            self.approval.id,
        )
    }

    fn write_task(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        let approval = self.approval;
        page.write_str("<section>\n<h2>What the task has done so far</h2>\n")?;
        match approval.done_so_far.as_deref().unwrap_or_default() {
            [] => page.write_str("<p class=\"empty\">Nothing yet.</p>\n")?,
            calls => {
                page.write_str("<table>\n<tbody>\n")?;
                for call in calls {
                    writeln!(
                        page,
                        "<tr><td class=\"faint\">{}</td><td class=\"wide\"><code>{}</code></td><td>{}</td></tr>",
                        call.number,
                        Escaped(&call.path),
                        call.state.as_str(),
                    )?;
                }
                page.write_str("</tbody>\n</table>\n")?;
            }
        }
        let code = Code { text: approval.code.as_deref().unwrap_or_default(), asks: approval.line };
        write!(
            page,
            "</section>\n<section>\n<h2>The code that asks <small>task {}</small></h2>\n{code}</section>\n",
            approval.task
        )
    }

    fn arguments(&self) -> String {
        let value: serde_json::Value = self.approval.arguments.read().unwrap_or_default();
        serde_json::to_string_pretty(&value).unwrap_or_default()
    }

    /// A person by name, where that is known.
    fn name(&self, account: AccountId) -> String {
        let member = self.members.iter().find(|member| member.account == account);
        member.map_or_else(|| account.to_string(), |member| Escaped(&member.name).to_string())
    }

    /// Who one condition admits, in words.
    fn who(&self, condition: &ApproverCondition) -> String {
        let roles = condition.roles.iter().map(|role| format!("any {}", role.as_str().replace('_', " ")));
        let accounts = condition.accounts.iter().map(|account| self.name(*account));
        let groups = condition.groups.iter().map(|group| format!("the group {}", Escaped(group)));
        let named: Vec<_> = roles.chain(accounts).chain(groups).collect();
        let count = if condition.count > 1 { format!("{} of: ", condition.count) } else { String::new() };
        let except = if condition.excludes_submitter { ", but not the submitter" } else { "" };
        format!("{count}{}{except}", named.join(" or "))
    }
}

/// What the code asks, and what an answer has to be.
fn write_question(page: &mut fmt::Formatter<'_>, question: &Question) -> fmt::Result {
    writeln!(page, "<section>\n<h2>{}</h2>", Escaped(&question.title))?;
    if let Some(details) = &question.details {
        writeln!(page, "<p class=\"details\">{}</p>", Escaped(details))?;
    }
    if let Some(schema) = &question.schema {
        let schema: serde_json::Value = schema.read().unwrap_or_default();
        let schema = serde_json::to_string_pretty(&schema).unwrap_or_default();
        writeln!(page, "<h3>What the answer has to be</h3>\n<pre tabindex=\"0\">{}</pre>", Escaped(schema))?;
    }
    page.write_str("</section>\n")
}

fn mood(status: ApprovalStatus) -> &'static str {
    match status {
        ApprovalStatus::Open => "waiting",
        ApprovalStatus::Approved | ApprovalStatus::Used => "good",
        ApprovalStatus::Denied => "bad",
        ApprovalStatus::Expired | ApprovalStatus::Withdrawn | ApprovalStatus::Void => "plain",
    }
}
