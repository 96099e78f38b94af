//! Seeds, changed a little at random: far less than a fuzzer finds, and something on every run of the tests.

/// A small generator of numbers (SplitMix64), the same in every run.
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Pieces that parsers take for something.
const PIECES: [&[u8]; 20] = [
    b"",
    b"\0",
    b"\n",
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"..",
    b"/",
    b"%2e",
    b"$ref",
    b"-1",
    b"9223372036854775808",
    b"\xff",
    b"\xe2\x80\xa8",
    b"__proto__",
];

/// A seed with up to four changes: a piece of it is left out, repeated, moved, or replaced by one of [`PIECES`].
pub fn mutated(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        let start = random.below(bytes.len() + 1);
        let end = start + random.below((bytes.len() - start + 1).min(32));
        let piece = bytes[start..end].to_vec();
        let place = random.below(bytes.len() - piece.len() + 1);
        match random.below(5) {
            0 => drop(bytes.drain(start..end)),
            1 => drop(bytes.splice(start..start, piece)),
            2 => {
                bytes.drain(start..end);
                bytes.splice(place..place, piece);
            }
            3 => {
                if let Some(byte) = bytes.get_mut(start) {
                    *byte ^= 1 << random.below(8);
                }
            }
            _ => {
                let known = PIECES.get(random.below(PIECES.len())).copied().unwrap_or_default();
                bytes.splice(start..end, known.iter().copied());
            }
        }
    }
    bytes
}
