//! Names that we do not know, or do not use yet.

use executor_config::{Config, Inputs, Notice, VARIABLES};

use crate::support::{environment, load, map};

fn unknown(notices: &[Notice]) -> Vec<(&str, Option<&str>)> {
    let known = |notice| match notice {
        &Notice::Unknown { ref name, nearest, .. } => Some((name.as_str(), nearest)),
        _ => None,
    };
    notices.iter().filter_map(known).collect()
}

#[test]
fn a_misspelt_name_is_noticed_with_the_nearest_known_one() {
    let config = load(&[
        ("EXECUTOR_SECRETKEY", "x"),
        ("EXECUTOR_ALLOW_LOCAL_NETWROK", "true"),
        ("EXECUTOR_BACKEND_PROT", "1"),
        ("EXECUTOR_SOMETHING_ELSE_ENTIRELY", "1"),
        ("EXECUTOR_SET_TO_NOTHING", ""),
        ("PATH", "/bin"),
        ("DATABASEURL", "not ours"),
    ])
    .unwrap();
    assert_eq!(
        unknown(config.notices()),
        [
            ("EXECUTOR_ALLOW_LOCAL_NETWROK", Some("EXECUTOR_ALLOW_LOCAL_NETWORK")),
            ("EXECUTOR_BACKEND_PROT", Some("EXECUTOR_BACKEND_PORT")),
            ("EXECUTOR_SECRETKEY", Some("EXECUTOR_SECRET_KEY")),
            ("EXECUTOR_SOMETHING_ELSE_ENTIRELY", None),
        ]
    );
}

#[test]
fn where_every_name_is_ours_every_unknown_name_is_noticed() {
    let inputs = Inputs {
        runtime_file: Some(r#"{"port": 1}"#.to_owned()),
        stored: map(&[("ORG_NAME", "x")]),
        dotenv: Some("OTHER_APP=1\nEXECUTOR_LOGS=debug".to_owned()),
        ..environment(&[])
    };
    let config = Config::load(&inputs).unwrap();
    let names: Vec<_> = unknown(config.notices()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["EXECUTOR_LOGS", "port", "ORG_NAME"]);
}

#[test]
fn documented_names_that_are_not_used_yet_are_said_to_be_so() {
    let config = load(&[("WORKOS_CLIENT_ID", "x"), ("EXECUTOR_DEPLOYMENT_MODE", "cloud")]).unwrap();
    let texts: Vec<_> = config.notices().iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "EXECUTOR_DEPLOYMENT_MODE is set, but is not used by this version",
            "WORKOS_CLIENT_ID is set, but is not used by this version",
        ]
    );
}

#[test]
fn no_name_is_declared_twice() {
    let mut names: Vec<_> = VARIABLES.iter().flat_map(|variable| variable.names()).collect();
    let page = executor_config::render::reference();
    let later = page.rsplit_once("not used by this version").unwrap().1;
    names.extend(later.split('`').skip(1).step_by(2));
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}
