//! Forms of one word that no rule of a stemmer brings together: irregular verbs, nouns whose root changes, who or what
//! does a thing, abbreviations, and spellings. Text and query alike get the stem of the first.

use std::collections::HashMap;
use std::sync::LazyLock;

use rust_stemmers::Stemmer;

/// Forms of one word each, the one whose stem stands for all of them first.
const FORMS: &[&[&str]] = &[
    // Verbs.
    &["begin", "began", "begun"],
    &["break", "broke", "broken"],
    &["bring", "brought"],
    &["build", "built", "builder"],
    &["buy", "bought", "buyer"],
    &["catch", "caught"],
    &["choose", "chose", "chosen", "choice"],
    &["draw", "drew", "drawn"],
    &["drive", "drove", "driven", "driver"],
    &["find", "found", "finder"],
    &["fly", "flew", "flown", "flight"],
    &["forget", "forgot", "forgotten"],
    &["freeze", "froze", "frozen"],
    &["get", "got", "gotten", "getter"],
    &["give", "gave", "given"],
    &["grow", "grew", "grown", "growth"],
    &["hear", "heard"],
    &["hide", "hid", "hidden"],
    &["hold", "held", "holder"],
    &["keep", "kept", "keeper"],
    &["know", "knew", "known", "knowledge"],
    &["lend", "lent", "lender"],
    &["lose", "lost", "loss"],
    &["make", "made", "maker"],
    &["meet", "met"],
    &["pay", "paid", "payer"],
    &["run", "ran", "runner"],
    &["say", "said"],
    &["sell", "sold", "seller", "sale"],
    &["send", "sent", "sender"],
    &["show", "shown"],
    &["speak", "spoke", "spoken", "speaker", "speech"],
    &["spend", "spent"],
    &["steal", "stole", "stolen"],
    &["take", "took", "taken"],
    &["teach", "taught", "teacher"],
    &["tell", "told"],
    &["think", "thought"],
    &["understand", "understood"],
    &["wear", "wore", "worn"],
    &["win", "won", "winner"],
    &["write", "wrote", "written", "writer"],
    // Who or what does it.
    &["check", "checker"],
    &["clean", "cleaner"],
    &["convert", "converter", "convertor", "conversion"],
    &["count", "counter"],
    &["crawl", "crawler"],
    &["download", "downloader"],
    &["edit", "editor"],
    &["explore", "explorer", "exploration"],
    &["extract", "extractor"],
    &["fetch", "fetcher"],
    &["filter", "filtering"],
    &["format", "formatter", "formatting"],
    &["generate", "generator"],
    &["help", "helper"],
    &["load", "loader"],
    &["merge", "merger"],
    &["parse", "parser"],
    &["plan", "planner"],
    &["plot", "plotter"],
    &["predict", "predictor"],
    &["read", "reader"],
    &["remind", "reminder"],
    &["render", "renderer"],
    &["scan", "scanner"],
    &["schedule", "scheduler"],
    &["scrape", "scraper"],
    &["search", "searcher"],
    &["split", "splitter"],
    &["summarize", "summary", "summaries", "summarise", "summarizer", "summarization"],
    &["track", "tracker"],
    &["translate", "translator"],
    &["upload", "uploader"],
    &["validate", "validator"],
    &["view", "viewer"],
    // What comes of it.
    &["access", "accessible"],
    &["analyze", "analyse", "analysis", "analyses", "analytics", "analytical", "analyzer"],
    &["assist", "assistant", "assistance"],
    &["authenticate", "auth", "authentication"],
    &["classify", "classification", "classifier"],
    &["compare", "comparison", "comparative"],
    &["compress", "compression"],
    &["compose", "composition", "composer"],
    &["configure", "configuration", "config", "cfg", "conf"],
    &["decide", "decision"],
    &["define", "definition"],
    &["delete", "deletion"],
    &["deliver", "delivery"],
    &["depart", "departure"],
    &["describe", "description"],
    &["discover", "discovery"],
    &["divide", "division"],
    &["document", "documentation", "docs", "doc"],
    &["enter", "entry"],
    &["execute", "execution", "executor"],
    &["expand", "expansion"],
    &["explain", "explanation"],
    &["extend", "extension"],
    &["fail", "failure"],
    &["identify", "identification"],
    &["install", "installation", "installer"],
    &["introduce", "introduction"],
    &["invest", "investment", "investor"],
    &["maintain", "maintenance", "maintainer"],
    &["modify", "modification"],
    &["multiply", "multiplication"],
    &["navigate", "navigation"],
    &["notify", "notification"],
    &["permit", "permission"],
    &["pronounce", "pronunciation"],
    &["publish", "publication", "publisher"],
    &["purchase", "purchaser"],
    &["qualify", "qualification"],
    &["recover", "recovery"],
    &["reduce", "reduction"],
    &["register", "registration", "registry"],
    &["resolve", "resolution", "resolver"],
    &["respond", "response"],
    &["specify", "specification", "spec"],
    &["store", "storage"],
    &["submit", "submission"],
    &["subscribe", "subscription", "subscriber"],
    &["substitute", "substitution"],
    &["subtract", "subtraction"],
    &["transcribe", "transcript", "transcription"],
    &["transmit", "transmission"],
    &["verify", "verification", "verifier"],
    // Nouns and adjectives.
    &["child", "children"],
    &["commerce", "commercial"],
    &["currency", "currencies"],
    &["economy", "economic", "economics", "economical"],
    &["environment", "environmental"],
    &["finance", "financial"],
    &["foot", "feet"],
    &["geography", "geographic", "geographical", "geo"],
    &["hero", "heroes"],
    &["history", "historical", "historic"],
    &["index", "indices", "indexes"],
    &["life", "lives"],
    &["long", "length"],
    &["man", "men"],
    &["matrix", "matrices"],
    &["medicine", "medical", "medication", "medicinal"],
    &["mouse", "mice"],
    &["music", "musical", "musician"],
    &["nature", "natural"],
    &["person", "people"],
    &["recent", "recently"],
    &["science", "scientific", "scientist"],
    &["shelf", "shelves"],
    &["similar", "similarity"],
    &["statistics", "statistical", "stat", "stats"],
    &["technology", "technological", "tech"],
    &["vertex", "vertices"],
    &["wide", "width"],
    &["woman", "women"],
    // Abbreviations.
    &["account", "acct"],
    &["address", "addr"],
    &["administrator", "admin", "administration"],
    &["argument", "arg", "args"],
    &["attribute", "attr"],
    &["average", "avg"],
    &["button", "btn"],
    &["calculate", "calc", "calculator"],
    &["certificate", "cert"],
    &["command", "cmd"],
    &["coordinate", "coord", "coords"],
    &["credential", "cred", "creds"],
    &["database", "db"],
    &["dependency", "dep", "deps"],
    &["destination", "dest"],
    &["development", "dev"],
    &["difference", "diff"],
    &["directory", "dir"],
    &["error", "err"],
    &["expression", "expr"],
    &["frequency", "freq"],
    &["image", "img"],
    &["information", "info"],
    &["initialize", "init", "initialise"],
    &["language", "lang"],
    &["latitude", "lat"],
    &["library", "lib"],
    &["location", "loc"],
    &["longitude", "lng", "lon"],
    &["maximum", "max"],
    &["message", "msg"],
    &["minimum", "min"],
    &["number", "num"],
    &["organization", "org", "organisation"],
    &["package", "pkg"],
    &["parameter", "param", "params"],
    &["password", "passwd", "pwd"],
    &["picture", "pic", "pics"],
    &["previous", "prev"],
    &["process", "proc"],
    &["quantity", "qty"],
    &["reference", "ref", "refs"],
    &["repository", "repo", "repos"],
    &["request", "req"],
    &["sequence", "seq"],
    &["synchronize", "sync", "synchronise"],
    &["temperature", "temp"],
    &["transaction", "txn"],
    &["utility", "util", "utils"],
    &["value", "val"],
    &["variable", "var", "vars"],
    // Spellings.
    &["behavior", "behaviour"],
    &["catalog", "catalogue"],
    &["categorize", "categorise", "categorization"],
    &["center", "centre"],
    &["color", "colour"],
    &["customize", "customise"],
    &["dialog", "dialogue"],
    &["favorite", "favourite"],
    &["gray", "grey"],
    &["license", "licence"],
    &["neighborhood", "neighbourhood"],
    &["normalize", "normalise"],
    &["optimize", "optimise", "optimization"],
    &["program", "programme"],
    &["recognize", "recognise", "recognition"],
    &["theater", "theatre"],
    &["visualize", "visualise"],
];

static STEM_OF_STEM: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let stemmer = super::terms::stemmer();
    let mut stems = HashMap::new();
    for forms in FORMS {
        let Some((first, others)) = forms.split_first() else { continue };
        let first = stemmer.stem(first);
        for other in others {
            let other = stemmer.stem(other);
            if other != first {
                stems.insert(other.into_owned(), first.clone().into_owned());
            }
        }
    }
    stems
});

/// The stem of a lower-case English word.
pub(super) fn stem(stemmer: &Stemmer, word: &str) -> String {
    let stem = stemmer.stem(word);
    STEM_OF_STEM.get(&*stem).map_or_else(|| stem.into_owned(), String::clone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_that_stands_for_others_stands_for_itself() {
        let chained: Vec<&String> =
            STEM_OF_STEM.values().filter(|stem| STEM_OF_STEM.contains_key(*stem)).collect();
        assert!(chained.is_empty(), "{chained:?}");
    }

    #[test]
    fn a_form_belongs_to_one_word() {
        let stemmer = crate::search::terms::stemmer();
        let mut first_of: HashMap<String, &str> = HashMap::new();
        for forms in FORMS {
            for form in *forms {
                let first = *first_of.entry(stemmer.stem(form).into_owned()).or_insert(forms[0]);
                assert_eq!(first, forms[0], "`{form}`");
            }
        }
    }

    #[test]
    fn forms_that_no_rule_brings_together_have_one_stem() {
        let stemmer = crate::search::terms::stemmer();
        for (one, other) in
            [("written", "writes"), ("merger", "merging"), ("config", "configured"), ("colour", "colors")]
        {
            assert_eq!(stem(&stemmer, one), stem(&stemmer, other));
        }
        assert_ne!(stem(&stemmer, "paper"), stem(&stemmer, "pap"));
    }
}
