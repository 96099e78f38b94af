//! URLs after the WHATWG standard, for the prelude's `URL`.

use rquickjs::{Ctx, Object, Result};
use url::{Url, form_urlencoded, quirks};

/// Parses a URL, perhaps relative to another. Nothing stands for one that is invalid.
pub(super) fn parse<'js>(ctx: Ctx<'js>, text: &str, base: Option<&str>) -> Result<Option<Object<'js>>> {
    let base = match base.map(Url::parse).transpose() {
        Ok(base) => base,
        Err(_) => return Ok(None),
    };
    Url::options().base_url(base.as_ref()).parse(text).ok().map(|url| parts(ctx, &url)).transpose()
}

/// Changes a part of a URL. Nothing stands for a change that does not apply.
pub(super) fn change<'js>(ctx: Ctx<'js>, href: &str, part: &str, value: &str) -> Result<Option<Object<'js>>> {
    let Ok(mut url) = Url::parse(href) else { return Ok(None) };
    let applied = match part {
        "href" => quirks::set_href(&mut url, value).is_ok(),
        "protocol" => quirks::set_protocol(&mut url, value).is_ok(),
        "username" => quirks::set_username(&mut url, value).is_ok(),
        "password" => quirks::set_password(&mut url, value).is_ok(),
        "host" => quirks::set_host(&mut url, value).is_ok(),
        "hostname" => quirks::set_hostname(&mut url, value).is_ok(),
        "port" => quirks::set_port(&mut url, value).is_ok(),
        "pathname" => {
            quirks::set_pathname(&mut url, value);
            true
        }
        "search" => {
            quirks::set_search(&mut url, value);
            true
        }
        "hash" => {
            quirks::set_hash(&mut url, value);
            true
        }
        _ => false,
    };
    if applied { parts(ctx, &url).map(Some) } else { Ok(None) }
}

fn parts<'js>(ctx: Ctx<'js>, url: &Url) -> Result<Object<'js>> {
    let object = Object::new(ctx)?;
    object.set("href", quirks::href(url))?;
    object.set("origin", quirks::origin(url))?;
    object.set("protocol", quirks::protocol(url))?;
    object.set("username", quirks::username(url))?;
    object.set("password", quirks::password(url))?;
    object.set("host", quirks::host(url))?;
    object.set("hostname", quirks::hostname(url))?;
    object.set("port", quirks::port(url))?;
    object.set("pathname", quirks::pathname(url))?;
    object.set("search", quirks::search(url))?;
    object.set("hash", quirks::hash(url))?;
    Ok(object)
}

/// A query as name, value, name, value, …
pub(super) fn parse_form(query: &str) -> Vec<String> {
    form_urlencoded::parse(query.as_bytes())
        .flat_map(|(name, value)| [name.into_owned(), value.into_owned()])
        .collect()
}

/// The query of name, value, name, value, …
pub(super) fn serialize_form(list: &[String]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for pair in list.chunks_exact(2) {
        query.append_pair(&pair[0], &pair[1]);
    }
    query.finish()
}
