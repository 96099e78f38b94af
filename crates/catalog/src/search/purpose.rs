//! Whether a query asks for something or wants something done, by the word that it begins with.

/// What questions, and requests to be shown something, begin with.
const READING: &[&str] = &[
    "all",
    "any",
    "are",
    "browse",
    "can",
    "check",
    "compare",
    "could",
    "count",
    "describe",
    "did",
    "display",
    "do",
    "does",
    "download",
    "every",
    "everybody",
    "everyone",
    "everything",
    "explain",
    "fetch",
    "find",
    "get",
    "give",
    "has",
    "how",
    "inspect",
    "is",
    "list",
    "look",
    "query",
    "read",
    "retrieve",
    "search",
    "see",
    "show",
    "tell",
    "was",
    "were",
    "what",
    "whats",
    "when",
    "where",
    "which",
    "who",
    "whom",
    "whos",
    "whose",
    "why",
    "view",
];

/// What requests to change something begin with.
const WRITING: &[&str] = &[
    "accept",
    "activate",
    "add",
    "allow",
    "approve",
    "archive",
    "assign",
    "attach",
    "block",
    "book",
    "buy",
    "cancel",
    "change",
    "charge",
    "clear",
    "close",
    "copy",
    "create",
    "deactivate",
    "decline",
    "delete",
    "deny",
    "deploy",
    "disable",
    "drop",
    "duplicate",
    "edit",
    "enable",
    "erase",
    "forget",
    "grant",
    "import",
    "insert",
    "install",
    "invite",
    "kill",
    "launch",
    "lock",
    "make",
    "mark",
    "merge",
    "modify",
    "move",
    "open",
    "order",
    "overwrite",
    "pause",
    "pay",
    "post",
    "publish",
    "purge",
    "put",
    "refund",
    "register",
    "reject",
    "remove",
    "rename",
    "replace",
    "reply",
    "reset",
    "restart",
    "restore",
    "resume",
    "revoke",
    "save",
    "schedule",
    "send",
    "set",
    "share",
    "start",
    "stop",
    "store",
    "submit",
    "subscribe",
    "switch",
    "take",
    "throw",
    "transfer",
    "trigger",
    "turn",
    "unsubscribe",
    "update",
    "upload",
    "write",
];

/// What a query for many things begins with.
const MANY: &[&str] = &["all", "every", "everybody", "everyone", "everything", "which"];

/// Whether a query is for many things.
pub(super) fn wants_many(text: &str) -> bool {
    MANY.contains(&&*words(text).next().unwrap_or_default())
}

/// The words of a query, in lower case.
fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|character: char| !character.is_alphanumeric() && character != '\'');
    words.filter(|word| !word.is_empty()).map(|word| word.to_ascii_lowercase().replace('\'', ""))
}

/// What a query wants of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To learn something.
    Read,
    /// To change something.
    Write,
    /// It does not say.
    Unknown,
}

impl Purpose {
    /// The purpose of a query.
    pub(super) fn of(text: &str) -> Self {
        let mut words = words(text);
        let mut next = || words.next().unwrap_or_default();
        let (first, second) = (next(), next());
        if WRITING.contains(&&*first) || (first == "get" && second == "rid") {
            Self::Write
        } else if READING.contains(&&*first) {
            Self::Read
        } else {
            Self::Unknown
        }
    }

    /// Whether a tool that reads, or one that does not, serves the purpose.
    pub(super) fn is_served(self, reads: bool) -> bool {
        match self {
            Self::Read => reads,
            Self::Write => !reads,
            Self::Unknown => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_says_what_is_wanted() {
        for (text, purpose) in [
            ("Which invoices are open?", Purpose::Read),
            ("what's new", Purpose::Read),
            ("get the invoice", Purpose::Read),
            ("get rid of the invoice", Purpose::Write),
            ("  \"remove\" it", Purpose::Write),
            ("invoices of March", Purpose::Unknown),
            ("", Purpose::Unknown),
        ] {
            assert_eq!(Purpose::of(text), purpose, "{text}");
        }
    }
}
