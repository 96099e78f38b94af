use executor_catalog::search::{Entry, Index, Naming, Query};
use executor_core::SourceId;
use executor_core::tool::SideEffect;
use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

/// An index of one source whose tools have a name and a description.
fn index(tools: &[(&str, &str)]) -> Index {
    let mut index = Index::new();
    let entries = tools.iter().map(|(name, description)| Entry {
        name,
        summary: description,
        description,
        parameters: Vec::new(),
        side_effect: SideEffect::Write,
        deprecated: false,
    });
    index.replace(
        SourceId::from(Uuid::from_u128(1)),
        Naming { name: "example", ..Naming::default() },
        entries,
    );
    index
}

fn names(index: &Index, text: &str) -> Vec<String> {
    let query = Query { text, sources: None, effect: None, limit: 5 };
    index.search(&query).hits.into_iter().map(|hit| hit.name).collect()
}

#[test]
fn forms_that_a_stemmer_keeps_apart_find_each_other() {
    let index = index(&[
        ("pdf_merger", ""),
        ("config_reader", ""),
        ("geo_lookup", ""),
        ("sale_history", ""),
        ("color_picker", ""),
    ]);
    for (text, expected) in [
        ("merge them", "pdf_merger"),
        ("the configuration", "config_reader"),
        ("geographic", "geo_lookup"),
        ("what was sold", "sale_history"),
        ("colours", "color_picker"),
    ] {
        assert_eq!(names(&index, text).first().map(String::as_str), Some(expected), "{text}");
    }
}

#[test]
fn what_it_is_done_to_tells_more_than_what_is_done() {
    let index = index(&[("delete_invoice", ""), ("print_passport", ""), ("sing_song", "")]);
    assert_eq!(names(&index, "delete my passport"), ["print_passport", "delete_invoice"]);
}

#[test]
fn a_path_that_is_asked_for_whole_goes_first() {
    let index = index(&[
        ("files_search_by_owner_and_label", "Search the files, search in files, files by files."),
        (
            "files_search",
            "Anything else is not said here, at some length, of things that nobody asked about.",
        ),
    ]);
    assert_eq!(names(&index, "search files").first().map(String::as_str), Some("files_search"));
}

#[test]
fn words_of_no_content_find_nothing() {
    let index = index(&[("report_make", "Uses the given options, based on various related things")]);
    assert!(names(&index, "using the following specific ones, based on it").is_empty());
}

#[test]
fn what_is_described_in_chinese_is_found_in_english_and_the_other_way() {
    let index = index(&[("qx", "获取天气预报"), ("stock_price", "The price of a share"), ("rb", "今日新闻")]);
    assert_eq!(names(&index, "weather"), ["qx"]);
    assert_eq!(names(&index, "read the news").first().map(String::as_str), Some("rb"));
    assert_eq!(names(&index, "股票").first().map(String::as_str), Some("stock_price"));
}

#[test]
fn a_source_that_is_named_goes_first_by_its_title_or_host_as_well() {
    let mut index = Index::new();
    let entry = |name| Entry {
        name,
        summary: "Sends a message",
        description: "",
        parameters: Vec::new(),
        side_effect: SideEffect::Write,
        deprecated: false,
    };
    let namings = [
        Naming { name: "first", title: "Messages", url: "https://api.example.com/v1" },
        Naming { name: "second", title: "Bulk SMS JSON REST API", url: "" },
        Naming { name: "third", title: "", url: "https://marketplace.walmartapis.com:443/v3" },
    ];
    for (number, naming) in namings.into_iter().enumerate() {
        let source = SourceId::from(Uuid::from_u128(number as u128));
        index.replace(source, naming, [entry("messages.send")]);
    }
    for (text, source) in [("send a message with Walmart", "third"), ("send a message in bulk", "second")] {
        let query = Query { text, sources: None, effect: None, limit: 1 };
        assert_eq!(index.search(&query).hits[0].source_name, source, "{text}");
    }
}

#[test]
fn a_question_prefers_what_reads_and_a_wish_what_writes() {
    let mut index = Index::new();
    let entry = |name, side_effect| Entry {
        name,
        summary: "",
        description: "",
        parameters: Vec::new(),
        side_effect,
        deprecated: false,
    };
    let tools = [entry("invoices.a", SideEffect::Write), entry("invoices.b", SideEffect::None)];
    index.replace(SourceId::from(Uuid::from_u128(1)), Naming::default(), tools);
    for (text, first) in [("who has open invoices", "invoices.b"), ("get rid of invoices", "invoices.a")] {
        assert_eq!(names(&index, text)[0], first, "{text}");
    }
}

#[test]
fn turns_of_phrase_are_understood() {
    let index = index(&[("pet_delete", ""), ("pet_count", ""), ("pet_enable", "")]);
    for (text, first) in [
        ("get rid of the pet", "pet_delete"),
        ("how many pets", "pet_count"),
        ("switch on the pet", "pet_enable"),
    ] {
        assert_eq!(names(&index, text)[0], first, "{text}");
    }
}

/// Words of which some are frequent, some are forms or synonyms of others, and some name sources.
const WORDS: &[&str] = &[
    "list", "get", "create", "remove", "invoice", "invoices", "payment", "picture", "image", "stripe",
    "acme", "hub", "storage", "account", "userId", "gitHub",
];

/// A source by the number of its name, and the words of its tools' paths and descriptions.
type Words = (usize, Vec<(Vec<usize>, Vec<usize>)>);

fn sources() -> impl Strategy<Value = Vec<Words>> {
    let word = || 0..WORDS.len();
    let tool = (vec(word(), 1..4), vec(word(), 0..12));
    vec((word(), vec(tool, 0..6)), 1..8)
}

fn words(of: &[usize], between: &str) -> String {
    of.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(between)
}

fn put(index: &mut Index, number: usize, (name, tools): &Words) {
    let tools: Vec<(String, String)> =
        tools.iter().map(|(path, text)| (words(path, "."), words(text, " "))).collect();
    let entries = tools.iter().enumerate().map(|(place, (name, description))| Entry {
        name,
        summary: description.split_once(' ').map_or("", |(first, _)| first),
        description,
        parameters: vec!["accountId".into()],
        side_effect: if place % 2 == 0 { SideEffect::None } else { SideEffect::Write },
        deprecated: place % 5 == 4,
    });
    index.replace(
        SourceId::from(Uuid::from_u128(number as u128)),
        Naming { name: WORDS[*name], ..Naming::default() },
        entries,
    );
}

proptest! {
    #[test]
    fn no_tool_comes_after_a_worse_one(sources in sources(), query in vec(0..WORDS.len(), 1..6)) {
        let mut index = Index::new();
        sources.iter().enumerate().for_each(|(number, source)| put(&mut index, number, source));
        let text = words(&query, " ");
        let query = Query { text: &text, sources: None, effect: None, limit: usize::MAX };
        let scores: Vec<f32> = index.search(&query).hits.iter().map(|hit| hit.score).collect();
        prop_assert!(scores.is_sorted_by(|one, next| one >= next), "{scores:?}");
    }

    #[test]
    fn what_was_there_before_changes_nothing(before in sources(), sources in sources(), query in vec(0..WORDS.len(), 1..6)) {
        let (mut fresh, mut index) = (Index::new(), Index::new());
        before.iter().enumerate().for_each(|(number, source)| put(&mut index, number, source));
        (sources.len()..before.len()).for_each(|number| assert!(index.remove(SourceId::from(Uuid::from_u128(number as u128)))));
        for (number, source) in sources.iter().enumerate().rev() {
            put(&mut index, number, source);
            put(&mut fresh, number, source);
        }
        let text = words(&query, " ");
        let query = Query { text: &text, sources: None, effect: None, limit: usize::MAX };
        prop_assert_eq!(index.search(&query), fresh.search(&query));
        let some: Vec<SourceId> = (0..2).map(|number| SourceId::from(Uuid::from_u128(number))).collect();
        let mut alone = Index::new();
        sources.iter().enumerate().take(2).for_each(|(number, source)| put(&mut alone, number, source));
        let seen = index.search(&Query { sources: Some(&some), ..query });
        prop_assert_eq!(seen, alone.search(&query));
    }
}
