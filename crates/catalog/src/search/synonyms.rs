//! Words that name the same thing in the interfaces of programs.
//!
//! General English and general usage of interfaces only: a set is here if it holds for any catalog.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::{chinese, terms};

/// What is done. Each set's words stand for each other.
const ACTIONS: &[&[&str]] = &[
    &["create", "make", "add", "new", "generate", "build"],
    &["add", "insert", "append", "attach"],
    &["create", "insert", "post", "register"],
    &["get", "fetch", "read", "retrieve", "show", "obtain", "load", "view"],
    &["get", "lookup", "find"],
    &["find", "search", "query", "discover", "lookup", "explore"],
    &["list", "enumerate", "browse", "index"],
    &["delete", "remove", "destroy", "erase", "drop", "clear"],
    &["update", "change", "edit", "modify", "set", "patch", "alter", "adjust"],
    &["replace", "put", "overwrite", "substitute"],
    &["write", "save", "store", "output"],
    &["send", "post", "submit", "publish"],
    &["download", "fetch", "save"],
    &["upload", "import", "send"],
    &["export", "save", "download"],
    &["convert", "transform", "translate"],
    &["render", "draw", "plot", "visualize"],
    &["run", "execute", "invoke", "launch", "start", "trigger"],
    &["stop", "cancel", "abort", "terminate", "end", "kill"],
    &["check", "verify", "validate", "test"],
    &["compute", "calculate", "estimate"],
    &["analyze", "inspect", "examine"],
    &["compare", "difference"],
    &["copy", "duplicate", "clone"],
    &["move", "rename", "transfer"],
    &["combine", "merge", "join", "concatenate"],
    &["extract", "parse", "scrape"],
    &["crawl", "scrape"],
    &["browse", "navigate", "open", "visit"],
    &["sign", "login", "authenticate"],
    &["enable", "activate"],
    &["disable", "deactivate"],
    &["recommend", "suggest"],
    &["summarize", "abstract"],
    &["acquire", "obtain", "collect", "gather"],
    &["access", "open", "read"],
    &["ask", "query", "question"],
    &["assign", "allocate", "delegate"],
    &["approve", "accept", "confirm"],
    &["reject", "decline", "deny"],
    &["block", "ban", "forbid"],
    &["categorize", "classify", "group"],
    &["clean", "sanitize", "tidy"],
    &["define", "specify", "declare"],
    &["describe", "explain", "detail"],
    &["determine", "identify", "detect", "recognize"],
    &["evaluate", "assess", "rate", "score"],
    &["filter", "narrow", "select"],
    &["fix", "repair", "resolve", "correct"],
    &["grant", "allow", "permit"],
    &["hide", "mask", "redact"],
    &["highlight", "mark", "annotate"],
    &["increase", "raise", "grow"],
    &["reduce", "decrease", "shrink", "minimize"],
    &["install", "setup", "deploy"],
    &["unlock", "unprotect", "decrypt"],
    &["monitor", "watch", "track", "observe"],
    &["optimize", "improve", "enhance"],
    &["pick", "choose", "select"],
    &["predict", "forecast", "estimate"],
    &["reset", "restore", "revert", "undo"],
    &["restart", "reboot", "reload"],
    &["reverse", "invert"],
    &["split", "divide", "separate", "cut"],
    &["synchronize", "refresh"],
    &["upgrade", "update"],
];

/// What it is done to. Each set's words stand for each other.
const THINGS: &[&[&str]] = &[
    &["image", "picture", "photo"],
    &["chart", "graph", "plot", "diagram"],
    &["word", "docx"],
    &["excel", "spreadsheet", "xlsx", "workbook"],
    &["sheet", "worksheet"],
    &["powerpoint", "ppt", "pptx", "presentation", "slides", "slideshow"],
    &["directory", "folder"],
    &["email", "mail"],
    &["configuration", "settings", "preferences"],
    &["information", "details"],
    &["statistics", "metrics"],
    &["article", "paper", "publication"],
    &["website", "webpage", "site", "web"],
    &["page", "webpage"],
    &["url", "link"],
    &["address", "location", "place"],
    &["coordinates", "latitude", "longitude", "geocode"],
    &["route", "directions", "itinerary"],
    &["near", "nearby", "close", "closest", "nearest", "around"],
    &["hotel", "accommodation", "lodging"],
    &["film", "movie"],
    &["song", "track", "music"],
    &["ticket", "issue"],
    &["comment", "reply", "note"],
    &["user", "account", "member", "person"],
    &["company", "organization"],
    &["customer", "client"],
    &["price", "cost", "quote"],
    &["stock", "share", "equity", "ticker"],
    &["trending", "popular", "hot", "top"],
    &["history", "past"],
    &["current", "latest", "recent", "now", "today"],
    &["weather", "forecast"],
    &["error", "failure", "exception"],
    &["environment", "env"],
    &["application", "app"],
    &["function", "method"],
    &["package", "library", "module"],
    &["dictionary", "definition"],
    &["time", "date", "clock"],
    &["schedule", "calendar", "event", "appointment"],
    &["text", "content"],
    &["label", "tag"],
    &["category", "type", "kind"],
    &["id", "identifier"],
    &["agenda", "schedule"],
    &["branch", "fork"],
    &["duration", "length", "time"],
    &["icon", "logo", "symbol"],
    &["language", "locale"],
    &["name", "title"],
    &["chapter", "section"],
    &["template", "layout"],
    &["example", "sample", "demo"],
    &["version", "revision"],
    // Text, media and files.
    &["author", "writer", "creator"],
    &["book", "novel"],
    &["news", "headline"],
    &["citation", "reference", "cite"],
    &["video", "movie", "clip"],
    &["audio", "sound", "recording"],
    &["file", "attachment"],
    &["file", "path"],
    &["markdown", "md"],
    &["html", "webpage"],
    &["animation", "effect", "motion"],
    &["biography", "bio", "profile"],
    &["blog", "post", "article"],
    &["caption", "subtitle", "transcript"],
    &["component", "widget", "element"],
    &["footnote", "endnote"],
    &["graphic", "image", "svg"],
    &["heading", "title", "header"],
    &["hyperlink", "link", "url"],
    &["lyrics", "song"],
    &["metadata", "information", "properties", "exif"],
    &["painting", "artwork", "art"],
    &["png", "image", "jpg", "jpeg"],
    &["research", "study", "investigate"],
    &["scholar", "academic", "paper"],
    &["slide", "presentation"],
    &["txt", "text"],
    &["youtube", "video"],
    &["encyclopedia", "wiki", "wikipedia"],
    &["ui", "interface"],
    &["table", "grid"],
    &["row", "record", "entry"],
    &["column", "field", "attribute", "property"],
    &["compress", "zip", "archive"],
    &["decompress", "unzip", "extract"],
    &["crop", "resize", "scale"],
    &["draw", "sketch", "paint"],
    &["screenshot", "capture", "snapshot"],
    // Programs and machines.
    &["recall", "remember", "memory"],
    &["code", "snippet", "source"],
    &["bug", "defect", "issue"],
    &["commit", "revision"],
    &["pull", "pr"],
    &["log", "trace"],
    &["server", "host", "machine", "instance"],
    &["vm", "instance"],
    &["certificate", "ssl", "tls"],
    &["password", "secret", "credential"],
    &["hash", "checksum", "digest"],
    &["command", "shell", "terminal"],
    &["version", "release"],
    &["deploy", "release", "rollout"],
    &["k8s", "kubernetes"],
    &["click", "press", "tap"],
    &["type", "fill", "enter", "input"],
    &["browser", "chrome"],
    &["api", "endpoint"],
    &["cpu", "processor"],
    &["debug", "diagnose", "troubleshoot"],
    &["internet", "web", "online"],
    &["typescript", "ts"],
    &["python", "py"],
    &["login", "credential"],
    &["queue", "topic"],
    &["script", "program", "code"],
    &["vulnerability", "security", "cve"],
    // Numbers.
    &["count", "number", "total"],
    &["add", "sum", "plus"],
    &["subtract", "minus"],
    &["multiply", "times"],
    &["mean", "average"],
    &["maximum", "highest", "largest"],
    &["minimum", "lowest", "smallest"],
    &["sort", "order", "arrange"],
    &["random", "shuffle"],
    &["rank", "top", "leaderboard"],
    &["arithmetic", "math", "mathematics", "calculate"],
    &["equation", "formula", "expression"],
    &["percentage", "percent", "ratio", "rate"],
    &["best", "top"],
    // People and work.
    &["chat", "conversation", "thread"],
    &["channel", "room"],
    &["notification", "alert"],
    &["subscribe", "follow", "watch"],
    &["favorite", "star", "bookmark"],
    &["permission", "access", "privilege"],
    &["task", "todo", "reminder"],
    &["meeting", "conference"],
    &["note", "memo"],
    &["review", "rating", "feedback"],
    &["job", "vacancy"],
    // Money and trade.
    &["payment", "charge", "transaction"],
    &["invoice", "bill", "receipt"],
    &["buy", "purchase", "order"],
    &["product", "item", "goods"],
    &["shop", "store"],
    &["shipping", "delivery", "shipment"],
    &["discount", "coupon", "voucher"],
    &["cryptocurrency", "crypto", "coin"],
    &["budget", "cost", "expense"],
    &["cash", "money", "fund"],
    &["currency", "exchange", "forex"],
    &["dividend", "payout"],
    &["holder", "owner", "shareholder"],
    &["portfolio", "holding"],
    &["trade", "transaction"],
    &["valuation", "worth", "value"],
    &["revenue", "income", "earnings", "profit"],
    // The world.
    &["country", "nation"],
    &["apartment", "accommodation", "rental", "listing"],
    &["area", "region", "neighborhood", "district", "zone"],
    &["astrology", "horoscope", "fortune", "zodiac"],
    &["car", "vehicle"],
    &["commute", "travel", "transport"],
    &["cuisine", "food", "dish"],
    &["gene", "genome", "genetic", "dna"],
    &["hospital", "clinic", "healthcare"],
    &["cancer", "disease", "tumor"],
    &["mutation", "variant"],
    &["travel", "trip", "journey", "tour"],
    &["vacation", "holiday", "trip"],
    &["city", "town"],
    &["train", "railway", "rail"],
    &["flight", "airline"],
    &["restaurant", "dining"],
    &["attraction", "landmark", "sight"],
    &["recipe", "dish", "meal"],
    &["disease", "illness", "condition"],
    &["drug", "medicine"],
    &["trial", "study"],
    &["game", "match"],
    &["character", "hero", "champion"],
    &["move", "turn"],
    &["puzzle", "problem", "challenge"],
    &["skill", "ability"],
    &["tip", "advice", "suggestion"],
    &["team", "club"],
];

static OF_TERM: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let stemmer = terms::stemmer();
    let mut synonyms: HashMap<String, Vec<String>> = HashMap::new();
    for set in ACTIONS.iter().chain(THINGS).chain(chinese::SETS) {
        let stems: Vec<String> = set.iter().map(|word| terms::stem(&stemmer, word)).collect();
        for (position, stem) in stems.iter().enumerate() {
            let others = stems.iter().enumerate().filter(|(other, _)| *other != position);
            let known = synonyms.entry(stem.clone()).or_default();
            for (_, other) in others {
                if other != stem && !known.contains(other) {
                    known.push(other.clone());
                }
            }
        }
    }
    synonyms
});

/// The terms that stand for a term.
pub(super) fn of_term(term: &str) -> &'static [String] {
    OF_TERM.get(term).map_or(&[], Vec::as_slice)
}

static ACTION_TERMS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let stemmer = terms::stemmer();
    ACTIONS.iter().copied().flatten().map(|word| terms::stem(&stemmer, word)).collect()
});

/// Whether a term says what is done rather than to what.
pub(super) fn is_action(term: &str) -> bool {
    ACTION_TERMS.contains(term)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_says_each_thing_once() {
        let stemmer = terms::stemmer();
        let mut repeated = Vec::new();
        for set in ACTIONS.iter().chain(THINGS) {
            let stems: HashSet<String> = set.iter().map(|word| terms::stem(&stemmer, word)).collect();
            if stems.len() < set.len() {
                repeated.push(set);
            }
        }
        assert!(repeated.is_empty(), "{repeated:?}");
    }
}
