//! Tags: who has the key can make them, who has not cannot.

use executor_vault::Error;

use crate::support::ring;

#[test]
fn a_tag_is_for_one_text_and_one_key() {
    let tag = ring("a").authenticate("text").unwrap();
    assert!(ring("a").is_authentic("text", &tag).unwrap());
    assert!(!ring("a").is_authentic("texu", &tag).unwrap());
    assert!(matches!(ring("b").is_authentic("text", &tag), Err(Error::UnknownKey(_))));
}

#[test]
fn a_tag_outlives_a_rotation() {
    let tag = ring("a").authenticate("text").unwrap();
    assert!(ring("ba").is_authentic("text", &tag).unwrap());
    assert_ne!(ring("ba").authenticate("text").unwrap(), tag);
}

#[test]
fn a_tag_that_names_another_key_of_the_ring_is_none() {
    let (of_a, of_b) = (ring("a").authenticate("text").unwrap(), ring("b").authenticate("text").unwrap());
    let (a, b): (Vec<_>, Vec<_>) = (of_a.split('.').collect(), of_b.split('.').collect());
    let mixed = format!("v1.{}.{}", a[1], b[2]);
    assert!(!ring("ab").is_authentic("text", &mixed).unwrap());
}

#[test]
fn every_altered_character_is_noticed() {
    let tag = ring("a").authenticate("text").unwrap();
    for index in 0..tag.len() {
        let mut altered = tag.clone().into_bytes();
        altered[index] ^= 1;
        let altered = String::from_utf8(altered).unwrap();
        assert!(!ring("a").is_authentic("text", &altered).unwrap_or(false), "{altered}");
    }
    for text in ["", "v1", "v1..", "v1.é.é", &tag.to_uppercase(), &format!("{tag}.")] {
        assert!(!ring("a").is_authentic("text", text).unwrap_or(false), "{text}");
    }
}
