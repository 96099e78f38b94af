//! The document at an address, in the ways in which people write one.

use executor_core::Failure;
use executor_egress::Client;
use url::Url;

use crate::address::{Address, Fetched};

/// Where Google keeps the documents of most of its services.
const DIRECTORY: &str = "www.googleapis.com";

/// The document at the address, or where Google has it.
pub(super) async fn fetch(client: &Client, address: &Address<'_>) -> Result<Fetched, Failure> {
    let Some(tidy) = address.url().ok().and_then(|url| tidy(&url)).filter(|tidy| *tidy != address.text)
    else {
        return address.file(client).await;
    };
    let mut elsewhere = Address::new(&tidy, address.progress);
    elsewhere.injection.clone_from(&address.injection);
    elsewhere.known_etag.clone_from(&address.known_etag);
    elsewhere.file(client).await
}

/// The canonical form of an address that Google keeps a document at; none if it keeps none there.
///
/// A service's own host stays: some services are in no directory, and some hosts are not called as their service is.
fn tidy(url: &Url) -> Option<String> {
    let host = url.host_str().filter(|host| host.ends_with(".googleapis.com"))?;
    if !matches!(url.scheme(), "http" | "https") || url.port().is_some() {
        return None;
    }
    let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["discovery", _, "apis", service, version] | ["discovery", _, "apis", service, version, "rest"]
            if host == DIRECTORY =>
        {
            Some(format!("https://{host}/discovery/v1/apis/{service}/{version}/rest"))
        }
        ["$discovery" | "%24discovery"] | ["$discovery" | "%24discovery", "rest"] => {
            let version = url.query_pairs().find(|(name, _)| name == "version").map(|(_, version)| version);
            let mut tidy = Url::parse(&format!("https://{host}/$discovery/rest")).ok()?;
            if let Some(version) = version {
                tidy.query_pairs_mut().append_pair("version", &version);
            }
            Some(tidy.into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_tidied() {
        let directory = "https://www.googleapis.com/discovery/v1/apis/calendar/v3/rest";
        let own = "https://calendar-json.googleapis.com/$discovery/rest?version=v3";
        let table = [
            (directory, Some(directory)),
            ("http://www.googleapis.com/discovery/v1/apis/calendar/v3", Some(directory)),
            ("https://www.googleapis.com/discovery/v1/apis/calendar/v3/rest?fields=x#y", Some(directory)),
            (own, Some(own)),
            ("http://calendar-json.googleapis.com/%24discovery/rest?labels=x&version=v3", Some(own)),
            ("https://calendar-json.googleapis.com/$discovery?version=v3", Some(own)),
            ("https://www.googleapis.com/discovery/v1/apis", None),
            ("https://www.googleapis.com/calendar/v3", None),
            ("https://googleapis.com.evil.test/$discovery/rest", None),
            ("http://127.0.0.1:4000/$discovery/rest?version=v3", None),
            ("https://api.test/openapi.json", None),
        ];
        for (written, expected) in table {
            assert_eq!(tidy(&Url::parse(written).unwrap()).as_deref(), expected, "{written}");
        }
    }
}
