//! Secrets that come back. An upstream may repeat what authenticated a request, in an error or on purpose; whoever reads
//! the answer must not learn it.
//!
//! Found are a secret as it is, and as JSON and as a form would write it. Whatever else is done to it (turned around, cut
//! up, encoded) is beyond this: an upstream that wants to give its own secrets away can.

use std::collections::BTreeSet;
use std::ops::Range;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue};
use memchr::memmem;
use secrecy::{ExposeSecret as _, SecretSlice};

use crate::injection::Injection;

/// What stands where a secret stood.
const REDACTED: &[u8] = b"[redacted]";

/// What is shorter is not looked for: it would be found in what has nothing to do with it.
const SHORTEST: usize = 8;

/// Takes secrets out of what an upstream says.
#[derive(Debug, Default)]
pub(crate) struct Scrubber {
    /// The longest first, so that of one that contains another all goes.
    secrets: Vec<SecretSlice<u8>>,
    /// The end of the last piece, which may be how a secret begins.
    held: BytesMut,
}

impl Scrubber {
    /// For these secrets, in each form in which they may come back.
    fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let forms: BTreeSet<Vec<u8>> =
            secrets.into_iter().filter(|secret| secret.len() >= SHORTEST).flat_map(forms).collect();
        let mut secrets: Vec<SecretSlice<u8>> = forms.into_iter().map(SecretSlice::from).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
        Self { secrets, held: BytesMut::new() }
    }

    /// For what went out with these secrets.
    pub(crate) fn of(injection: Option<&Injection>) -> Self {
        injection.map(|injection| Self::new(injection.secrets())).unwrap_or_default()
    }

    /// The next piece without secrets; without its end, if that may be how one begins.
    pub(crate) fn piece(&mut self, piece: Bytes) -> Bytes {
        if self.secrets.is_empty() {
            return piece;
        }
        let mut piece = match self.held.is_empty() {
            true => piece,
            false => {
                self.held.extend_from_slice(&piece);
                self.held.split().freeze()
            }
        };
        let places = self.places(&piece);
        let done = places.last().map_or(0, |place| place.end);
        let open = self.open_end(&piece[done..]);
        self.held.extend_from_slice(&piece.split_off(piece.len() - open));
        match redact(&piece, &places) {
            Some(clean) => clean.into(),
            None => piece,
        }
    }

    /// What was held back, once nothing more comes.
    pub(crate) fn rest(&mut self) -> Bytes {
        self.held.split().freeze()
    }

    /// The headers without secrets.
    pub(crate) fn headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            let clean = redact(value.as_bytes(), &self.places(value.as_bytes()));
            if let Some(clean) = clean.and_then(|clean| HeaderValue::from_bytes(&clean).ok()) {
                *value = clean;
            }
        }
    }

    /// A text without secrets.
    pub(crate) fn text(&self, text: String) -> String {
        match redact(text.as_bytes(), &self.places(text.as_bytes())) {
            Some(clean) => String::from_utf8_lossy(&clean).into_owned(),
            None => text,
        }
    }

    /// Where secrets are. Each is looked for once from begin to end, so that an upstream that repeats it without end costs
    /// no more than one that does not.
    fn places(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut searches: Vec<_> =
            self.secrets.iter().map(|secret| Search::of(secret.expose_secret(), text)).collect();
        let (mut places, mut done) = (Vec::<Range<usize>>::new(), 0);
        let first_from = |from: usize, searches: &mut Vec<Search<'_, '_>>| {
            searches.iter_mut().filter_map(|search| search.next_from(from)).min_by_key(|place| place.start)
        };
        while let Some(place) = first_from(done, &mut searches) {
            done = place.end;
            places.push(place);
        }
        places
    }

    /// How many bytes at the end may be how a secret begins.
    fn open_end(&self, text: &[u8]) -> usize {
        let of_secret = |secret: &[u8]| {
            let most = text.len().min(secret.len() - 1);
            (1..=most).rev().find(|length| text.ends_with(&secret[..*length])).unwrap_or(0)
        };
        self.secrets.iter().map(|secret| of_secret(secret.expose_secret())).max().unwrap_or(0)
    }
}

/// Looks for one secret in a text.
struct Search<'s, 't> {
    length: usize,
    found: memmem::FindIter<'t, 's>,
    next: Option<usize>,
}

impl<'s, 't> Search<'s, 't> {
    fn of(secret: &'s [u8], text: &'t [u8]) -> Self {
        let mut found = memmem::find_iter(text, secret);
        Self { length: secret.len(), next: found.next(), found }
    }

    /// The first place that begins there or later.
    fn next_from(&mut self, from: usize) -> Option<Range<usize>> {
        while self.next.is_some_and(|start| start < from) {
            self.next = self.found.next();
        }
        self.next.map(|start| start..start + self.length)
    }
}

/// The text with these places made unreadable; nothing if there are none.
fn redact(text: &[u8], places: &[Range<usize>]) -> Option<Vec<u8>> {
    if places.is_empty() {
        return None;
    }
    let (mut clean, mut done) = (Vec::with_capacity(text.len()), 0);
    for place in places {
        clean.extend_from_slice(&text[done..place.start]);
        clean.extend_from_slice(REDACTED);
        done = place.end;
    }
    clean.extend_from_slice(&text[done..]);
    Some(clean)
}

/// A secret as it is, in a JSON string, and in a form.
fn forms(secret: &str) -> [Vec<u8>; 3] {
    let json: String = secret
        .chars()
        .flat_map(|character| match character {
            '"' | '\\' => vec!['\\', character],
            _ => vec![character],
        })
        .collect();
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    [secret.as_bytes().to_vec(), json.into_bytes(), form.into_bytes()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRETS: [&str; 4] = ["abababab", "abababab-longer", "quo\"te\\d", "a b+c/d="];

    fn in_pieces(text: &[u8], cuts: &[usize]) -> String {
        let mut scrubber = Scrubber::new(SECRETS);
        let (mut clean, mut rest) = (Vec::new(), Bytes::copy_from_slice(text));
        for cut in cuts {
            let piece = rest.split_to((*cut).min(rest.len()));
            clean.extend_from_slice(&scrubber.piece(piece));
        }
        clean.extend_from_slice(&scrubber.piece(rest));
        clean.extend_from_slice(&scrubber.rest());
        String::from_utf8(clean).unwrap()
    }

    #[test]
    fn each_form_goes_and_nothing_else() {
        for (text, clean) in [
            ("nothing", "nothing"),
            ("x abababab y", "x [redacted] y"),
            ("abababababababab", "[redacted][redacted]"),
            ("abababab-longer", "[redacted]"),
            ("abababa", "abababa"),
            (r#"{"key":"quo\"te\\d"}"#, r#"{"key":"[redacted]"}"#),
            ("key=a+b%2Bc%2Fd%3D&", "key=[redacted]&"),
            ("a b+c/d= and a b+c/d", "[redacted] and a b+c/d"),
        ] {
            assert_eq!(in_pieces(text.as_bytes(), &[]), clean);
        }
        assert_eq!(Scrubber::new(["short"]).text("short".to_owned()), "short");
    }

    proptest! {
        #[test]
        fn pieces_tell_no_more_than_the_whole(
            parts in prop::collection::vec(prop::sample::select(vec!["abababab", "ab", "-longer", "quo\"te\\d", "q", " ", "abab"]), 0..12),
            cuts in prop::collection::vec(0usize..9, 0..20),
        ) {
            let text = parts.concat();
            let clean = in_pieces(text.as_bytes(), &cuts);
            for secret in SECRETS {
                prop_assert!(!clean.contains(secret), "{clean}");
            }
        }
    }
}
