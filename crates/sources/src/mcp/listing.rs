//! The document of a server: what it says of itself and all that it lists, in canonical order.

use executor_core::{ErrorCode, Failure, Json};
use serde_json::{Map, Value, json};

use super::session::Session;
use super::transport::Planned;
use super::trouble::Trouble;

/// The most pages of a list.
const MAX_PAGES: usize = 100;
/// The most items of a list.
const MAX_ITEMS: usize = 10_000;
/// The most bytes of all that is listed.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A list of a server's.
struct List {
    method: &'static str,
    member: &'static str,
    /// The member of an item that no two items share.
    key: &'static str,
    /// The capability without which the server has no such list.
    capability: &'static str,
}

const LISTS: [List; 4] = [
    List { method: "tools/list", member: "tools", key: "name", capability: "tools" },
    List { method: "prompts/list", member: "prompts", key: "name", capability: "prompts" },
    List { method: "resources/list", member: "resources", key: "uri", capability: "resources" },
    List {
        method: "resources/templates/list",
        member: "resourceTemplates",
        key: "uriTemplate",
        capability: "resources",
    },
];

/// What a server listed so far, as a whole.
#[derive(Default)]
struct Listed {
    bytes: usize,
    /// How long all of it counts: as long as each page does.
    ttl_ms: Option<u64>,
}

/// Asks a server, which is at `address`, for all that it offers, and how many milliseconds that counts if it says so.
/// `progress` is told how many bytes have come.
pub(super) async fn document(
    session: &Session,
    address: &str,
    progress: &(dyn Fn(u64, Option<u64>) + Send + Sync),
) -> Result<(Json, Option<u64>), Failure> {
    let about = session.about();
    let about = about.and_then(|about| serde_json::to_value(about).ok()).unwrap_or_default();
    let mut document = Map::new();
    let mut listed = Listed::default();
    for list in LISTS {
        let has_list = about["capabilities"].get(list.capability).is_some_and(|value| !value.is_null());
        let items = if has_list { all(session, &list, &mut listed, progress).await? } else { Vec::new() };
        document.insert(list.member.to_owned(), Value::Array(items));
    }
    let own = ["protocolVersion", "serverInfo", "instructions"];
    let own = own.iter().map(|key| ((*key).to_owned(), about[*key].clone()));
    let address = ("address".to_owned(), Value::from(address));
    document.insert("mcp".to_owned(), own.chain([address]).collect::<Map<_, _>>().into());
    let document = Json::canonical(&document).map_err(|error| {
        Failure::new(ErrorCode::DocumentUnreadable, format!("What the server lists is no JSON: {error}."))
    })?;
    Ok((document, listed.ttl_ms))
}

async fn all(
    session: &Session,
    list: &List,
    so_far: &mut Listed,
    progress: &(dyn Fn(u64, Option<u64>) + Send + Sync),
) -> Result<Vec<Value>, Failure> {
    let too_much = |what: String| Failure::new(ErrorCode::DocumentTooLarge, what);
    let mut items: Vec<Value> = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let params = cursor.as_ref().map_or_else(|| json!({}), |cursor| json!({ "cursor": cursor }));
        let mut page = match session.request(list.method, params, Planned::default(), None).await {
            Ok(page) => page,
            // Many a server has resources and no templates of them.
            Err(Trouble::Answered { code: -32_601, .. }) => return Ok(items),
            Err(trouble) => return Err(trouble.while_adding()),
        };
        let Some(Value::Array(listed)) = page.get_mut(list.member).map(Value::take) else {
            let message = format!("The answer of the MCP server to `{}` is no list.", list.method);
            return Err(Failure::new(ErrorCode::DocumentUnreadable, message));
        };
        so_far.bytes += listed.iter().map(|item| item.to_string().len()).sum::<usize>();
        if let Some(ttl_ms) = page.get("ttlMs").and_then(Value::as_u64) {
            so_far.ttl_ms = Some(so_far.ttl_ms.map_or(ttl_ms, |least| least.min(ttl_ms)));
        }
        items.extend(listed);
        if items.len() > MAX_ITEMS {
            return Err(too_much(format!("The server lists more than {MAX_ITEMS} {}.", list.member)));
        }
        if so_far.bytes > MAX_BYTES {
            return Err(too_much(format!("The server lists more than {} MiB.", MAX_BYTES / 1024 / 1024)));
        }
        progress(so_far.bytes as u64, None);
        match page.get("nextCursor").and_then(Value::as_str) {
            Some(next) if cursor.as_deref() != Some(next) => cursor = Some(next.to_owned()),
            Some(_) => return Err(too_much(format!("The pages of `{}` go in a circle.", list.method))),
            None => {
                let key = |item: &Value| item[list.key].as_str().unwrap_or_default().to_owned();
                items.sort_by_cached_key(key);
                return Ok(items);
            }
        }
    }
    Err(too_much(format!("The server lists its {} on more than {MAX_PAGES} pages.", list.member)))
}
