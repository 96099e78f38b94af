//! What all pages have around what they say.

use std::fmt::{self, Display};

use executor_core::Failure;

use super::MARK;
use super::html::Escaped;

/// A whole page around what it says.
pub(super) struct Frame<M> {
    pub(super) title: String,
    /// Beside the product's name: a mood and a word.
    pub(super) badge: Option<(&'static str, &'static str)>,
    pub(super) version: &'static str,
    /// After how many seconds it is loaded anew by itself.
    pub(super) refresh: Option<u32>,
    /// Whether its reader has a session that can be ended.
    pub(super) has_session: bool,
    pub(super) main: M,
}

impl<M: Display> Display for Frame<M> {
    fn fmt(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        page.write_str(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n",
        )?;
        if let Some(seconds) = self.refresh {
            writeln!(page, "<meta http-equiv=\"refresh\" content=\"{seconds}\">")?;
        }
        write!(
            page,
            "<title>{}</title>\n<link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">\n\
             <link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n<header>\n{MARK}\n\
             <p class=\"product\">Executor</p>\n",
            Escaped(&self.title),
        )?;
        if let Some((mood, word)) = self.badge {
            writeln!(page, "<span class=\"badge {mood}\">{word}</span>")?;
        }
        write!(
            page,
            "<nav><a href=\"/\">Overview</a> <a href=\"/approvals\">Approvals</a></nav>\n\
             <span class=\"faint version\">{}</span>\n</header>\n<main>\n{}</main>\n\
             <footer><a href=\"/api/openapi.json\">API description</a> <a href=\"/metrics\">Metrics</a> \
             <span>Times are UTC</span>",
            Escaped(self.version),
            self.main,
        )?;
        if self.has_session {
            page.write_str(
                "\n<form method=\"post\" action=\"/sign-out\"><button class=\"link\">Sign out</button></form>",
            )?;
        }
        page.write_str("</footer>\n</body>\n</html>\n")
    }
}

/// A failure in words, with the next step.
pub(super) struct Trouble<'a>(pub(super) &'a str, pub(super) &'a Failure);

impl Display for Trouble<'_> {
    fn fmt(&self, page: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(title, failure) = self;
        writeln!(
            page,
            "<section class=\"trouble\" role=\"alert\">\n<h2>{title}</h2>\n<p>{}</p>\n<p class=\"faint\">{}</p>\n\
             </section>",
            Escaped(&failure.message),
            Escaped(&failure.hint)
        )
    }
}
