//! What each variable takes, what it refuses, and that secrets stay secret.

use std::path::Path;

use executor_config::{Config, Database, Inputs, LogFormat, Problem};

use crate::support::{environment, load, map, shown};

const KEY: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn each_variable_refuses_what_it_does_not_expect() {
    for (name, refused) in [
        ("PORT", &["http", "-1", "65536", "80 80"][..]),
        ("EXECUTOR_HOST", &["localhost", "127.1", "0.0.0.0:80"]),
        ("EXECUTOR_DATABASE_URL", &["mysql://db/x", "postgres", "postgres://", "sqlite://", "/data.db"]),
        ("EXECUTOR_BLOB_URL", &["s3://bucket/prefix", "https://bucket"]),
        (
            "EXECUTOR_WEB_BASE_URL",
            &["example.com", "ftp://a", "https://a/path", "https://a?b", "https://a#b", "https://u:p@a"],
        ),
        ("EXECUTOR_ALLOW_LOCAL_NETWORK", &["1", "yes", "TRUE", "True", "on"]),
        (
            "EXECUTOR_SECRET_KEY",
            &["short", "0123456789abcdef 0123456789abcdef", "0123456789abcdef,0123456789abcdef"],
        ),
        ("EXECUTOR_SECRET_KEY_PREVIOUS", &["short", "0123456789abcdef0123456789abcdef,short"]),
        ("EXECUTOR_CREDENTIAL_ENV_PREFIX", &["E", "EXECUTOR_", "EXECUTOR_SECRET_KEY", "DATABASE"]),
        ("EXECUTOR_ORG_SLUG", &["Upper", "two words", "-a", "a-", "a--b", "ü"]),
        ("EXECUTOR_SANDBOX_STRICT", &["yes", "2"]),
        ("EXECUTOR_SANDBOX_UNSAFE", &["TRUE"]),
        ("EXECUTOR_TASK_TIMEOUT_MS", &["0", "900001", "5m", "1.5"]),
        ("EXECUTOR_SANDBOX_MEMORY_MB", &["15", "2049"]),
        ("EXECUTOR_SANDBOX_WORKERS", &["0", "1025", "auto"]),
        ("EXECUTOR_MAX_CONCURRENT_TASKS", &["0", "10001"]),
        ("EXECUTOR_LOG_FORMAT", &["JSON", "text"]),
    ] {
        for value in refused {
            let problems = load(&[(name, value)]).expect_err(&format!("{name}={value}")).problems;
            assert!(
                matches!(&problems[..], [Problem::Invalid { name: named, .. }] if *named == name),
                "{name}={value}"
            );
        }
    }
}

#[test]
fn each_variable_takes_what_it_expects() {
    let config = load(&[
        ("PORT", "0"),
        ("EXECUTOR_HOST", "::"),
        ("EXECUTOR_DATABASE_URL", "sqlite:///data/x.db?mode=rwc"),
        ("EXECUTOR_BLOB_URL", "file:///blobs"),
        ("EXECUTOR_WEB_BASE_URL", "https://executor.example:8443/"),
        ("EXECUTOR_ALLOW_LOCAL_NETWORK", "true"),
        ("EXECUTOR_SECRET_KEY_PREVIOUS", &format!("{KEY}, {KEY}x,")),
        ("EXECUTOR_CREDENTIAL_ENV_PREFIX", "EXECUTOR_CREDENTIAL_OF_"),
        ("EXECUTOR_ORG_SLUG", "a-1"),
        ("EXECUTOR_TASK_TIMEOUT_MS", "900000"),
        ("EXECUTOR_SANDBOX_WORKERS", "2"),
        ("EXECUTOR_SANDBOX_STRICT", "1"),
        ("EXECUTOR_LOG_FORMAT", "json"),
    ])
    .unwrap();
    assert_eq!((config.port, config.host.to_string().as_str()), (0, "::"));
    assert!(matches!(config.database(), Database::Sqlite(path) if path == Path::new("/data/x.db")));
    assert_eq!(config.blob_folder, Path::new("/blobs"));
    assert!(config.allow_local_network && config.sandbox_strict);
    assert_eq!(config.secret_key_previous.len(), 2);
    assert_eq!(config.credential_env_prefix.as_deref(), Some("EXECUTOR_CREDENTIAL_OF_"));
    assert_eq!((config.sandbox_workers, config.log_format), (Some(2), LogFormat::Json));
    for closed in ["false", "0", "no", "off", ""] {
        assert!(!load(&[("EXECUTOR_ALLOW_LOCAL_NETWORK", closed)]).unwrap().allow_local_network);
    }
}

#[test]
fn all_problems_are_found_at_once() {
    let inputs = Inputs {
        dotenv: Some("no equals sign\nEXECUTOR_LOG_FORMAT=xml\n".to_owned()),
        runtime_file: Some(r#"{"PORT": [1], "EXECUTOR_HOST": "nowhere"}"#.to_owned()),
        ..environment(&[("PORT", "x"), ("EXECUTOR_TASK_TIMEOUT_MS", "0"), ("EXECUTOR_ORG_NMAE", "y")])
    };
    let problems = Config::load(&inputs).unwrap_err();
    assert_eq!(problems.problems.len(), 6, "{problems}");
    let text = problems.to_string();
    for part in [
        ".env line 1 is not of the form NAME=value",
        "`PORT` is not a plain value",
        "PORT has to be a port number, not `x`; it comes from: environment (PORT)",
        "EXECUTOR_HOST has to be an IP address such as 127.0.0.1 or 0.0.0.0, not `nowhere`; it comes from: managed runtime",
        "EXECUTOR_TASK_TIMEOUT_MS has to be a number from 1 to 900000, not `0`",
        "EXECUTOR_LOG_FORMAT has to be human or json, not `xml`; it comes from: .env (EXECUTOR_LOG_FORMAT)",
        "did you mean EXECUTOR_ORG_NAME?",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn what_excludes_each_other_is_refused() {
    let problems = load(&[("EXECUTOR_SANDBOX_STRICT", "1"), ("EXECUTOR_SANDBOX_UNSAFE", "1")]).unwrap_err();
    assert!(matches!(&problems.problems[..], [Problem::Conflict { .. }]));
}

#[test]
fn a_runtime_file_has_to_be_an_object() {
    for text in ["", "[]", "{", "\"PORT\""] {
        let inputs = Inputs { runtime_file: Some(text.to_owned()), ..environment(&[]) };
        let problems = Config::load(&inputs).unwrap_err().problems;
        assert!(matches!(&problems[..], [Problem::RuntimeFile { .. }]), "{text}");
    }
    let inputs = Inputs { runtime_file: Some(r#"{"PORT": null}"#.to_owned()), ..environment(&[]) };
    assert_eq!(Config::load(&inputs).unwrap().port, 4788);
}

#[test]
fn secrets_are_masked_where_they_fit_and_where_they_do_not() {
    let secrets = map(&[
        ("EXECUTOR_SECRET_KEY", KEY),
        ("EXECUTOR_SECRET_KEY_PREVIOUS", KEY),
        ("EXECUTOR_API_KEY", KEY),
        ("DATABASE_URL", &format!("postgres://user:{KEY}@db/x")),
    ]);
    let mut inputs = environment(&[]);
    inputs.environment.extend(secrets);
    let config = Config::load(&inputs).unwrap();
    let effective: Vec<_> = config.effective().iter().map(ToString::to_string).collect();
    assert!(!format!("{config:?} {effective:?}").contains(KEY));
    assert_eq!(
        shown(&config, "EXECUTOR_API_KEY"),
        "EXECUTOR_API_KEY = ******** [environment (EXECUTOR_API_KEY)]"
    );

    inputs.environment.extend(map(&[
        ("EXECUTOR_SECRET_KEY", &format!("{KEY} {KEY}")),
        ("EXECUTOR_DATABASE_URL", &format!("mysql://user:{KEY}@db/x")),
    ]));
    let problems = Config::load(&inputs).unwrap_err();
    assert_eq!(problems.problems.len(), 2);
    assert!(!format!("{problems} {problems:?}").contains(KEY));
}
