//! Which source wins.

use executor_config::{Config, Inputs, Origin};

use crate::support::{environment, map, shown};

#[test]
fn the_strongest_source_wins_and_is_named() {
    let inputs = || Inputs {
        flags: map(&[("PORT", "1")]),
        dotenv: Some("PORT=3".to_owned()),
        runtime_file: Some(r#"{"PORT": 4}"#.to_owned()),
        stored: map(&[("PORT", "5")]),
        ..environment(&[("PORT", "2")])
    };
    let mut weaker = inputs();
    for (expected, origin, weaken) in [
        (1, "flag", (|inputs| inputs.flags.clear()) as fn(&mut Inputs)),
        (2, "environment (PORT)", |inputs| drop(inputs.environment.remove("PORT"))),
        (3, ".env (PORT)", |inputs| inputs.dotenv = None),
        (4, "managed runtime", |inputs| inputs.runtime_file = None),
        (5, "stored setting", |inputs| inputs.stored.clear()),
        (4788, "default", |_| ()),
    ] {
        let config = Config::load(&weaker).unwrap();
        assert_eq!(config.port, expected);
        assert_eq!(shown(&config, "PORT"), format!("PORT = {expected} [{origin}]"));
        weaken(&mut weaker);
    }
}

#[test]
fn an_own_name_wins_over_its_alias_within_a_source_but_not_over_a_stronger_source() {
    let both = environment(&[("EXECUTOR_ORG_NAME", "own"), ("SELF_HOSTED_ORG_NAME", "alias")]);
    assert_eq!(Config::load(&both).unwrap().org_name, "own");

    let inputs = Inputs {
        dotenv: Some("EXECUTOR_ORG_NAME=own".to_owned()),
        ..environment(&[("SELF_HOSTED_ORG_NAME", "alias")])
    };
    let config = Config::load(&inputs).unwrap();
    assert_eq!(config.org_name, "alias");
    let effective = config.effective().iter().find(|one| one.variable.name == "EXECUTOR_ORG_NAME").unwrap();
    assert_eq!(effective.origin, Origin::Environment("SELF_HOSTED_ORG_NAME".to_owned()));
}

#[test]
fn every_alias_is_accepted() {
    for (alias, value) in [
        ("DATABASE_URL", "postgres://db/x"),
        ("VITE_PUBLIC_SITE_URL", "https://site.example"),
        ("ALLOW_LOCAL_NETWORK", "true"),
        ("SELF_HOSTED_ORG_NAME", "Org"),
        ("SELF_HOSTED_ORG_SLUG", "org"),
    ] {
        let config = Config::load(&environment(&[(alias, value)])).unwrap();
        let origin = Origin::Environment(alias.to_owned());
        assert!(config.effective().iter().any(|effective| effective.origin == origin), "{alias}");
    }
}

#[test]
fn an_empty_value_is_none() {
    let inputs =
        Inputs { dotenv: Some("PORT=3".to_owned()), ..environment(&[("PORT", ""), ("EXECUTOR_HOST", "  ")]) };
    let config = Config::load(&inputs).unwrap();
    assert_eq!(config.port, 3);
    assert_eq!(config.host.to_string(), "127.0.0.1");
}
