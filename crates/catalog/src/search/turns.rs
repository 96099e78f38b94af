//! Turns of phrase: two words in a row that together mean something that neither of them says.

/// The two words, and the word that they stand for.
const TURNS: &[(&str, &str, &str)] = &[
    ("back", "up", "backup"),
    ("backed", "up", "backup"),
    ("bring", "back", "restore"),
    ("call", "off", "cancel"),
    ("charge", "back", "refund"),
    ("check", "out", "checkout"),
    ("cross", "out", "delete"),
    ("far", "away", "distance"),
    ("fill", "in", "complete"),
    ("find", "out", "get"),
    ("get", "rid", "delete"),
    ("give", "back", "return"),
    ("go", "back", "revert"),
    ("hand", "over", "transfer"),
    ("how", "many", "count"),
    ("leave", "out", "exclude"),
    ("log", "in", "login"),
    ("log", "out", "logout"),
    ("look", "up", "lookup"),
    ("money", "back", "refund"),
    ("near", "me", "nearby"),
    ("opening", "hours", "schedule"),
    ("opt", "out", "unsubscribe"),
    ("pay", "back", "refund"),
    ("phone", "call", "call"),
    ("put", "away", "store"),
    ("put", "back", "restore"),
    ("set", "up", "create"),
    ("shut", "down", "stop"),
    ("sign", "in", "login"),
    ("sign", "out", "logout"),
    ("sign", "up", "register"),
    ("switch", "off", "disable"),
    ("switch", "on", "enable"),
    ("take", "away", "remove"),
    ("take", "back", "revert"),
    ("take", "down", "remove"),
    ("take", "off", "remove"),
    ("take", "out", "remove"),
    ("text", "message", "sms"),
    ("throw", "away", "delete"),
    ("throw", "out", "delete"),
    ("top", "up", "topup"),
    ("turn", "off", "disable"),
    ("turn", "on", "enable"),
    ("wake", "up", "start"),
    ("write", "down", "record"),
    ("zip", "code", "postcode"),
];

/// What two words in a row stand for.
pub(super) fn of(first: &str, second: &str) -> Option<&'static str> {
    let found = TURNS.binary_search_by(|(one, two, _)| (*one, *two).cmp(&(first, second)));
    found.ok().and_then(|place| TURNS.get(place)).map(|(_, _, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_sorted_so_that_they_can_be_looked_up() {
        assert!(TURNS.is_sorted_by(|one, next| (one.0, one.1) < (next.0, next.1)));
    }
}
