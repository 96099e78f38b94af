//! What holds when nothing is set.

use std::path::Path;

use executor_config::{Config, Database, Inputs, LogFormat, Platform, Problem};

use crate::support::{environment, load, map, shown};

#[test]
fn nothing_has_to_be_set() {
    let config = load(&[]).unwrap();
    assert_eq!(config.port, 4788);
    assert_eq!(config.host.to_string(), "127.0.0.1");
    assert_eq!(config.data_dir, Path::new("/home/someone/.local/share/executor"));
    assert_eq!(config.db_path, config.data_dir.join("data.db"));
    assert!(matches!(config.database(), Database::Sqlite(path) if path == config.db_path));
    assert_eq!(config.blob_folder, config.data_dir.join("blobs"));
    assert_eq!(config.web_base_url.as_str(), "http://localhost:4788/");
    assert!(!config.allow_local_network && !config.sandbox_strict && !config.sandbox_unsafe);
    assert!(config.secret_key.is_none() && config.secret_key_previous.is_empty() && config.api_key.is_none());
    assert_eq!((config.org_name.as_str(), config.org_slug.as_str()), ("Default", "default"));
    assert_eq!(
        (config.task_timeout_ms, config.sandbox_memory_mb, config.sandbox_workers),
        (300_000, 64, None)
    );
    assert_eq!((config.log.as_str(), config.log_format), ("info", LogFormat::Human));
    assert!(config.notices().is_empty());
}

#[test]
fn data_lives_where_the_platform_keeps_it() {
    for (platform, pairs, expected) in [
        (Platform::Unix, &[("XDG_DATA_HOME", "/xdg")][..], Some("/xdg/executor")),
        (Platform::Unix, &[("XDG_DATA_HOME", "relative"), ("HOME", "/h")], Some("/h/.local/share/executor")),
        (Platform::MacOs, &[("HOME", "/Users/h")], Some("/Users/h/Library/Application Support/executor")),
        (Platform::MacOs, &[("XDG_DATA_HOME", "/xdg")], None),
        (Platform::Unix, &[("EXECUTOR_DATA_DIR", "/data")], Some("/data")),
        (Platform::Unix, &[], None),
    ] {
        let inputs = Inputs { environment: map(pairs), platform, ..Inputs::default() };
        match Config::load(&inputs) {
            Ok(config) => assert_eq!(config.data_dir.to_str(), expected, "{pairs:?}"),
            Err(problems) => {
                assert_eq!(expected, None, "{pairs:?}");
                assert!(problems.problems.contains(&Problem::Missing { name: "EXECUTOR_DATA_DIR" }));
            }
        }
    }
}

#[test]
fn what_is_derived_follows_what_it_is_derived_from() {
    let config = load(&[("EXECUTOR_DATA_DIR", "/data"), ("PORT", "80")]).unwrap();
    assert_eq!(config.db_path, Path::new("/data/data.db"));
    assert_eq!(config.blob_folder, Path::new("/data/blobs"));
    assert_eq!(config.web_base_url.as_str(), "http://localhost/");
}

#[test]
fn hosting_platforms_say_the_public_address() {
    for (name, value, expected) in [
        ("RAILWAY_PUBLIC_DOMAIN", "app.up.railway.app", "https://app.up.railway.app/"),
        ("RENDER_EXTERNAL_URL", "https://app.onrender.com", "https://app.onrender.com/"),
        ("FLY_APP_NAME", "app", "https://app.fly.dev/"),
    ] {
        let config = load(&[(name, value)]).unwrap();
        assert_eq!(config.web_base_url.as_str(), expected);
        assert!(shown(&config, "EXECUTOR_WEB_BASE_URL").ends_with(&format!("[platform ({name})]")));

        let config = load(&[(name, value), ("EXECUTOR_WEB_BASE_URL", "https://own.example")]).unwrap();
        assert_eq!(config.web_base_url.as_str(), "https://own.example/");
    }
}

#[test]
fn every_variable_is_in_effect_somehow() {
    let config = Config::load(&environment(&[])).unwrap();
    let names: Vec<_> = config.effective().iter().map(|effective| effective.variable.name).collect();
    let declared: Vec<_> = executor_config::VARIABLES.iter().map(|variable| variable.name).collect();
    assert_eq!(names, declared);
}
