//! From values and slots to an injection, and the promise that nothing shows a value.

use std::collections::BTreeMap;

use executor_core::tool::{CredentialSlot, Placement};
use executor_egress::Url;
use executor_vault::{Credential, EnvironmentProvider, Error, Keys, Vault};

use crate::support::{SECRET, key, ring, scope};

fn credential(names: &[&str]) -> Credential {
    names.iter().map(|name| ((*name).to_owned(), SECRET.into())).collect()
}

fn slot(name: &str, placement: Placement) -> CredentialSlot {
    CredentialSlot { name: name.to_owned(), placement }
}

fn inject(names: &[&str], slots: &[CredentialSlot]) -> Result<String, Error> {
    let origin = "https://api.example.com".parse::<Url>().unwrap().origin();
    let shown = format!("{:?}", credential(names).inject(slots, origin)?);
    assert!(!shown.contains(SECRET));
    Ok(shown)
}

#[test]
fn each_placement_is_filled_from_the_values_that_belong_there() {
    let header = || Placement::Header("X-Key".to_owned());
    for (names, slots, place) in [
        (vec!["token"], vec![slot("bearerAuth", Placement::Bearer)], "header authorization"),
        (vec!["username", "password"], vec![slot("basicAuth", Placement::Basic)], "header authorization"),
        (vec!["token"], vec![slot("key", header())], "header x-key"),
        (vec!["key"], vec![slot("key", header())], "header x-key"),
        (vec!["token"], vec![slot("key", Placement::Query("api_key".to_owned()))], "query api_key"),
        (vec!["token"], vec![slot("key", Placement::Cookie("session".to_owned()))], "cookie session"),
        (vec!["one", "two"], vec![slot("one", Placement::Bearer), slot("two", header())], "header x-key"),
        (
            vec!["token", "username", "password"],
            vec![slot("basicAuth", Placement::Basic), slot("key", header())],
            "header x-key",
        ),
        (vec![], vec![], "[]"),
    ] {
        let shown = inject(&names, &slots).unwrap();
        assert!(shown.contains(place) && shown.contains("https://api.example.com"), "{names:?}: {shown}");
    }
}

#[test]
fn a_value_that_is_not_there_is_named() {
    let two = vec![slot("one", Placement::Bearer), slot("two", Placement::Query("key".to_owned()))];
    for (names, slots, missing) in [
        (vec![], vec![slot("bearerAuth", Placement::Bearer)], "token"),
        (vec!["token"], vec![slot("basicAuth", Placement::Basic)], "username"),
        (vec!["username"], vec![slot("basicAuth", Placement::Basic)], "password"),
        (vec!["token"], two, "one"),
    ] {
        let error = inject(&names, &slots).unwrap_err();
        assert!(matches!(&error, Error::MissingValue(name) if name == missing), "{error}");
    }
}

#[test]
fn a_value_that_does_not_fit_its_place_is_refused_without_being_shown() {
    let pasted: Credential = [("token".to_owned(), format!("{SECRET}\n").into())].into_iter().collect();
    let origin = "https://api.example.com".parse::<Url>().unwrap().origin();
    let error = pasted.inject(&[slot("key", Placement::Bearer)], origin).unwrap_err();
    assert!(matches!(error, Error::Injection(_)));
    assert!(!format!("{error} {error:?}").contains(SECRET));
}

#[test]
fn nothing_that_holds_a_secret_shows_it() {
    let environment = [("TEAM_TOKEN".to_owned(), SECRET.to_owned())];
    let provider = EnvironmentProvider::new("TEAM_", environment).unwrap();
    let keys = Keys { current: Some(format!("{SECRET}{SECRET}{SECRET}").into()), previous: vec![key('b')] };
    let vault = Vault::new(ring("ab"), vec![Box::new(provider.clone())]);
    let values = BTreeMap::from([("token".to_owned(), SECRET.into())]);
    let sealed = vault.seal(&values, &scope(1, 2, 3)).unwrap();
    let shown = [
        format!("{provider:?}"),
        format!("{keys:?}"),
        format!("{vault:?}"),
        format!("{:?}", vault.ring()),
        format!("{sealed:?}"),
        format!("{:?}", credential(&["token"])),
        serde_json::to_string(&sealed).unwrap(),
        sealed["token"].to_string(),
    ];
    for text in shown {
        assert!(!text.contains(SECRET) && !text.contains("aaaa") && !text.contains("bbbb"), "{text}");
    }
}
