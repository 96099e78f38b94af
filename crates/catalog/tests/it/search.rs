use executor_catalog::search::{Entry, Index, Query};
use executor_core::SourceId;
use executor_core::tool::SideEffect;
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
    index.replace(SourceId::from(Uuid::from_u128(1)), "example", entries);
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
