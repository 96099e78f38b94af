//! Where the next page begins.

use executor_core::Json;
use serde_json::Value;

use super::{Cursor, Request, fold, link};
use crate::perform::Answer;

/// Places in a body where APIs link to the next page.
const LINKS: [&str; 14] = [
    "/next",
    "/next_page_url",
    "/nextPageUrl",
    "/nextLink",
    "/@odata.nextLink",
    "/next_url",
    "/links/next",
    "/links/next/href",
    "/_links/next/href",
    "/_links/next",
    "/paging/next",
    "/pagination/next",
    "/pagination/links/next",
    "/meta/next",
];

/// Places in a body where APIs give a cursor.
const CURSORS: [&str; 22] = [
    "/next_cursor",
    "/nextCursor",
    "/cursor",
    "/next_page_token",
    "/nextPageToken",
    "/next_token",
    "/nextToken",
    "/NextToken",
    "/continuation_token",
    "/continuationToken",
    "/next_page",
    "/nextPage",
    "/response_metadata/next_cursor",
    "/meta/next_cursor",
    "/meta/nextCursor",
    "/meta/cursor",
    "/pagination/next_cursor",
    "/pagination/nextCursor",
    "/pagination/cursor",
    "/paging/cursors/after",
    "/paging/next/after",
    "/meta/after",
];

/// Parameters that take a cursor, folded, the likeliest first.
const CURSOR_PARAMETERS: [&str; 12] = [
    "cursor",
    "pagetoken",
    "nexttoken",
    "nextpagetoken",
    "after",
    "continuationtoken",
    "continuation",
    "startingafter",
    "nextcursor",
    "startcursor",
    "next",
    "token",
];

const PAGE_PARAMETERS: [&str; 5] = ["page", "pagenumber", "pageno", "pageindex", "p"];
const OFFSET_PARAMETERS: [&str; 6] = ["offset", "skip", "startindex", "startat", "start", "from"];
const SIZE_PARAMETERS: [&str; 9] =
    ["perpage", "pagesize", "limit", "maxresults", "count", "size", "first", "top", "pagelimit"];
const TOTALS: [&str; 8] = [
    "/total",
    "/total_count",
    "/totalCount",
    "/totalResults",
    "/count",
    "/meta/total",
    "/pagination/total",
    "/meta/total_count",
];

/// Where the page after this one begins; none if this is the last, or no habit tells.
pub(super) fn of(request: &Request<'_>, payload: &Json, items: &[Json], answer: &Answer) -> Option<Cursor> {
    if let Some(header) = answer.headers.get("link") {
        // Whoever sends the header says with it that there is no other page, too.
        return link::in_header(header).and_then(|target| link::cursor(request, target));
    }
    let body: Value = payload.read().ok()?;
    linked(request, &body)
        .or_else(|| by_cursor(request, &body))
        .or_else(|| by_last_item(request, &body, items))
        .or_else(|| by_number(request, &body, items))
}

fn linked(request: &Request<'_>, body: &Value) -> Option<Cursor> {
    // A dot in a name is no border in a pointer, so `@odata.nextLink` is one step.
    let links = LINKS.iter().filter_map(|place| body.pointer(place)?.as_str());
    links.filter(|link| link.contains('?')).find_map(|target| link::cursor(request, target))
}

fn by_cursor(request: &Request<'_>, body: &Value) -> Option<Cursor> {
    let parameter = request.parameter(&CURSOR_PARAMETERS).or_else(|| request.parameter(&PAGE_PARAMETERS))?;
    let cursor = CURSORS.iter().filter_map(|place| scalar(body.pointer(place)?)).next()?;
    let is_number = cursor.bytes().all(|byte| byte.is_ascii_digit());
    let takes_numbers = PAGE_PARAMETERS.contains(&fold(parameter).as_str());
    (!takes_numbers || is_number).then(|| Cursor::of(parameter, cursor))
}

/// As Stripe has it: `has_more`, and `starting_after` takes the id of the last item.
fn by_last_item(request: &Request<'_>, body: &Value, items: &[Json]) -> Option<Cursor> {
    let has_more = ["/has_more", "/hasMore"].iter().find_map(|place| body.pointer(place)?.as_bool());
    let parameter = request.parameter(&["startingafter", "afterid", "after"])?;
    let last: Value = items.last()?.read().ok()?;
    let id = scalar(last.get("id")?)?;
    has_more.unwrap_or(false).then(|| Cursor::of(parameter, id))
}

fn by_number(request: &Request<'_>, body: &Value, items: &[Json]) -> Option<Cursor> {
    if items.is_empty() || has_no_more(body) {
        return None;
    }
    let count = items.len() as u64;
    let size = request.parameter(&SIZE_PARAMETERS).and_then(|parameter| request.number(parameter));
    if size.is_some_and(|size| count < size) {
        return None;
    }
    let total = TOTALS.iter().find_map(|place| body.pointer(place)?.as_u64()).filter(|total| *total > count);
    if let Some(parameter) = request.parameter(&OFFSET_PARAMETERS) {
        let reached = request.number(parameter).unwrap_or(0) + count;
        return total.is_none_or(|total| reached < total).then(|| Cursor::of(parameter, reached.to_string()));
    }
    let parameter = request.parameter(&PAGE_PARAMETERS)?;
    let page = request.number(parameter).or_else(|| stated_page(body)).unwrap_or(1);
    let pages = [
        "/total_pages",
        "/totalPages",
        "/last_page",
        "/pages",
        "/meta/total_pages",
        "/pagination/total_pages",
    ];
    let last = pages.iter().find_map(|place| body.pointer(place)?.as_u64());
    last.is_none_or(|last| page < last).then(|| Cursor::of(parameter, (page + 1).to_string()))
}

/// The number that the answer gives itself: the first page is 0 for some.
fn stated_page(body: &Value) -> Option<u64> {
    ["/page", "/current_page", "/currentPage", "/pageNumber", "/meta/page", "/meta/current_page"]
        .iter()
        .find_map(|place| body.pointer(place)?.as_u64())
}

fn has_no_more(body: &Value) -> bool {
    ["/has_more", "/hasMore", "/has_next", "/hasNext", "/has_next_page", "/meta/has_more"]
        .iter()
        .any(|place| body.pointer(place).and_then(Value::as_bool) == Some(false))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
