//! Words that name the same thing in the interfaces of programs.
//!
//! General English and general usage of interfaces only: a set is here if it holds for any catalog.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::terms;

/// Each set's words stand for each other.
const SETS: &[&[&str]] = &[
    // What is done.
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
    &["analyze", "analyse", "analysis", "inspect", "examine"],
    &["compare", "diff", "difference"],
    &["copy", "duplicate", "clone"],
    &["move", "rename", "transfer"],
    &["combine", "merge", "join", "concatenate"],
    &["extract", "parse", "scrape"],
    &["crawl", "scrape"],
    &["browse", "navigate", "open", "visit"],
    &["sign", "login", "authenticate"],
    &["enable", "activate"],
    &["disable", "deactivate"],
    &["recommend", "suggest", "recommendation", "suggestion"],
    &["summarize", "summary", "abstract"],
    &["count", "number", "total"],
    // What it is done to.
    &["image", "picture", "photo", "img"],
    &["chart", "graph", "plot", "diagram"],
    &["document", "doc", "documentation"],
    &["word", "docx"],
    &["excel", "spreadsheet", "xlsx", "workbook"],
    &["sheet", "worksheet"],
    &["powerpoint", "ppt", "pptx", "presentation", "slides", "slideshow"],
    &["directory", "folder", "dir"],
    &["repository", "repo"],
    &["message", "msg"],
    &["email", "mail"],
    &["database", "db"],
    &["configuration", "config", "settings", "preferences"],
    &["information", "info", "details", "detail"],
    &["statistics", "stats", "metrics"],
    &["article", "paper", "publication"],
    &["website", "webpage", "site", "web"],
    &["page", "webpage"],
    &["url", "link"],
    &["address", "location", "place"],
    &["coordinates", "latitude", "longitude", "geocode"],
    &["route", "directions", "path"],
    &["near", "nearby", "close", "closest", "nearest", "around"],
    &["hotel", "accommodation", "lodging"],
    &["film", "movie"],
    &["song", "track", "music"],
    &["ticket", "issue"],
    &["comment", "reply", "note"],
    &["user", "account", "member", "person"],
    &["company", "organization", "org"],
    &["customer", "client"],
    &["price", "cost", "quote"],
    &["stock", "share", "equity", "ticker"],
    &["trending", "trend", "popular", "hot", "top"],
    &["history", "historical", "past"],
    &["current", "latest", "recent", "now", "today"],
    &["weather", "forecast"],
    &["error", "failure", "exception"],
    &["environment", "env"],
    &["application", "app"],
    &["function", "method"],
    &["package", "library", "module"],
    &["translate", "translation"],
    &["dictionary", "definition"],
    &["time", "date", "clock"],
    &["schedule", "calendar", "event", "appointment"],
    &["text", "content"],
    &["label", "tag"],
    &["category", "type", "kind"],
    &["id", "identifier"],
    // Text, media and files.
    &["author", "writer", "creator"],
    &["book", "novel"],
    &["news", "headline", "headlines"],
    &["citation", "reference", "cite"],
    &["video", "movie", "clip"],
    &["audio", "sound", "recording"],
    &["file", "attachment"],
    &["markdown", "md"],
    &["html", "webpage"],
    &["table", "grid"],
    &["row", "record", "entry"],
    &["column", "field", "attribute", "property"],
    &["compress", "zip", "archive"],
    &["decompress", "unzip", "extract"],
    &["crop", "resize", "scale"],
    &["color", "colour"],
    &["draw", "sketch", "paint"],
    &["screenshot", "capture", "snapshot"],
    // Programs and machines.
    &["code", "snippet", "source"],
    &["bug", "defect", "issue"],
    &["commit", "revision"],
    &["pull", "pr"],
    &["log", "trace"],
    &["server", "host", "machine", "instance"],
    &["vm", "instance"],
    &["certificate", "cert", "ssl", "tls"],
    &["password", "secret", "credential"],
    &["hash", "checksum", "digest"],
    &["command", "shell", "terminal"],
    &["dependency", "dependencies", "deps"],
    &["version", "release"],
    &["deploy", "release", "rollout"],
    &["k8s", "kubernetes"],
    &["click", "press", "tap"],
    &["type", "fill", "enter", "input"],
    &["browser", "chrome"],
    // Numbers.
    &["add", "sum", "plus"],
    &["subtract", "minus"],
    &["multiply", "times"],
    &["mean", "average", "avg"],
    &["maximum", "max", "highest", "largest"],
    &["minimum", "min", "lowest", "smallest"],
    &["sort", "order", "arrange"],
    &["random", "shuffle"],
    &["rank", "ranking", "top", "leaderboard"],
    // People and work.
    &["chat", "conversation", "thread"],
    &["channel", "room"],
    &["notification", "notify", "alert"],
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
    &["shop", "store", "shopping"],
    &["shipping", "delivery", "shipment"],
    &["discount", "coupon", "voucher"],
    &["cryptocurrency", "crypto", "coin"],
    &["revenue", "income", "earnings", "profit"],
    &["financial", "finance"],
    // The world.
    &["country", "nation"],
    &["city", "town"],
    &["train", "railway", "rail"],
    &["flight", "airline"],
    &["restaurant", "dining"],
    &["attraction", "landmark", "sight"],
    &["recipe", "dish", "meal"],
    &["disease", "illness", "condition"],
    &["drug", "medicine", "medication"],
    &["trial", "study"],
    &["game", "match"],
    &["character", "hero", "champion"],
    &["team", "club"],
];

static OF_TERM: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let stemmer = terms::stemmer();
    let mut synonyms: HashMap<String, Vec<String>> = HashMap::new();
    for set in SETS {
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
