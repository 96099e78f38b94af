use super::*;

fn check(method: &str, headers: &[(&'static str, &str)], any_host: bool) -> bool {
    let origins = Origins::new(&Url::parse("https://executor.example.com").unwrap(), 4788);
    let map = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    let checked =
        origins.check(&method.parse().unwrap(), &Uri::from_static("/api/v1/workspaces"), &map, any_host);
    if let Err(failure) = &checked {
        assert_eq!(failure.code, ErrorCode::OriginRefused);
    }
    checked.is_ok()
}

#[test]
fn only_our_host_names_get_in() {
    let good = [
        "localhost",
        "localhost:4788",
        "127.0.0.1:4788",
        "[::1]:4788",
        "executor.example.com",
        "LOCALHOST:1",
    ];
    let bad = [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example:4788",
        "10.0.0.1:4788",
        "0.0.0.0:4788",
        "",
        "localhost@evil.example",
        "evil.example#localhost",
        "localhost:port",
        "xlocalhost",
    ];
    for host in good {
        assert!(check("GET", &[("host", host)], false), "{host}");
    }
    for host in bad {
        assert!(!check("GET", &[("host", host)], false), "{host}");
        assert!(check("GET", &[("host", host)], true), "{host}");
    }
    assert!(!check("GET", &[], false));
}

#[test]
fn only_our_pages_get_in() {
    let good = [
        "https://executor.example.com",
        "http://localhost:4788",
        "http://127.0.0.1:4788",
        "http://[::1]:4788",
    ];
    let bad = [
        "http://executor.example.com",
        "https://executor.example.com:8443",
        "http://localhost:3000",
        "http://localhost",
        "https://localhost:4788",
        "http://evil.example",
        "null",
        "",
        "http://localhost.evil.example:4788",
    ];
    for any_host in [false, true] {
        for origin in good {
            assert!(check("POST", &[("host", "localhost"), ("origin", origin)], any_host), "{origin}");
        }
        for origin in bad {
            assert!(!check("GET", &[("host", "localhost"), ("origin", origin)], any_host), "{origin}");
        }
    }
}

#[test]
fn another_site_changes_nothing() {
    let from = |method, site| check(method, &[("host", "localhost"), ("sec-fetch-site", site)], false);
    assert!(from("GET", "cross-site") && from("POST", "same-origin") && from("POST", "none"));
    assert!(!from("POST", "cross-site") && !from("DELETE", "cross-site"));
}

#[test]
fn an_address_of_this_machine_is_known() {
    let is = |url: &str| is_loopback_url(&Url::parse(url).unwrap());
    assert!(is("http://127.0.0.1:4788/") && is("http://localhost") && is("http://[::1]/"));
    assert!(!is("https://executor.example.com") && !is("http://192.168.0.7"));
}

#[test]
fn only_a_page_that_says_so_is_our_own() {
    let origins = Origins::new(&Url::parse("https://executor.example.com").unwrap(), 4788);
    let is_own = |headers: &[(&'static str, &str)]| {
        let map =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        origins.require_own_page(&map).is_ok()
    };
    for good in [
        ("origin", "https://executor.example.com"),
        ("origin", "http://localhost:4788"),
        ("sec-fetch-site", "same-origin"),
    ] {
        assert!(is_own(&[good]), "{good:?}");
    }
    for bad in [
        ("origin", "http://localhost:3000"),
        ("origin", "null"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("accept", "text/html"),
    ] {
        assert!(!is_own(&[bad]), "{bad:?}");
    }
    assert!(!is_own(&[("origin", "http://localhost:3000"), ("sec-fetch-site", "same-origin")]));
}
