//! The words of a condition.

use super::InvalidCondition;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    Int(u64),
    Double(f64),
    Text(String),
    Sign(&'static str),
    End,
}

/// The longer ones first, so that `<=` is not `<` and `=`.
const SIGNS: [&str; 26] = [
    "&&", "||", "==", "!=", "<=", ">=", "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "<", ">", "!", "+",
    "-", "*", "/", "%", "=", "&",
];

pub(super) struct Lexer<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, position: 0 }
    }

    pub(super) fn invalid(&self, at: usize, message: impl Into<String>) -> InvalidCondition {
        InvalidCondition::new(self.text, at, message)
    }

    /// The next token and where it begins.
    pub(super) fn next(&mut self) -> Result<(Token, usize), InvalidCondition> {
        self.skip_space();
        let at = self.position;
        let rest = &self.text[at..];
        let Some(first) = rest.chars().next() else { return Ok((Token::End, at)) };
        let token = if let Some(prefix) = text_prefix(rest) {
            self.text_literal(prefix)?
        } else if first.is_ascii_alphabetic() || first == '_' {
            let name = self.take_while(|character| character.is_ascii_alphanumeric() || character == '_');
            Token::Name(name.to_owned())
        } else if first.is_ascii_digit()
            || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
        {
            self.number()?
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            self.position += sign.len();
            Token::Sign(sign)
        } else {
            return Err(self.invalid(at, format!("`{first}` means nothing here")));
        };
        Ok((token, at))
    }

    fn skip_space(&mut self) {
        loop {
            self.take_while(char::is_whitespace);
            if !self.text[self.position..].starts_with("//") {
                return;
            }
            self.take_while(|character| character != '\n');
        }
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = &self.text[self.position..];
        let taken = &rest[..rest.find(|character| !wanted(character)).unwrap_or(rest.len())];
        self.position += taken.len();
        taken
    }

    fn number(&mut self) -> Result<Token, InvalidCondition> {
        let at = self.position;
        let too_large = |lexer: &Self| lexer.invalid(at, "the number is too large");
        if self.text[at..].starts_with("0x") {
            self.position += 2;
            let digits = self.take_while(|character| character.is_ascii_hexdigit());
            return u64::from_str_radix(digits, 16).map(Token::Int).map_err(|_| too_large(self));
        }
        self.take_while(|character| character.is_ascii_digit());
        let mut is_double = false;
        let rest = &self.text[self.position..];
        if rest.starts_with('.') && rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
            is_double = true;
            self.position += 1;
            self.take_while(|character| character.is_ascii_digit());
        }
        let rest = self.text[self.position..].strip_prefix(['e', 'E']);
        if let Some(exponent) = rest.map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest))
            && exponent.starts_with(|c: char| c.is_ascii_digit())
        {
            is_double = true;
            self.position = self.text.len() - exponent.len();
            self.take_while(|character| character.is_ascii_digit());
        }
        let digits = &self.text[at..self.position];
        if is_double {
            let number = digits.parse().ok().filter(|number: &f64| number.is_finite());
            return number.map(Token::Double).ok_or_else(|| too_large(self));
        }
        let number = digits.parse().map(Token::Int).map_err(|_| too_large(self))?;
        if self.text[self.position..].starts_with(['u', 'U']) {
            self.position += 1;
        }
        Ok(number)
    }

    fn text_literal(&mut self, prefix: Prefix) -> Result<Token, InvalidCondition> {
        let at = self.position;
        if prefix.is_bytes {
            return Err(self.invalid(at, "bytes are not known here; write a text"));
        }
        self.position += prefix.letters;
        let quote = &self.text[self.position..=self.position];
        let triple = quote.repeat(3);
        let quote = if self.text[self.position..].starts_with(&triple) { triple.as_str() } else { quote };
        self.position += quote.len();
        let mut content = String::new();
        loop {
            let rest = &self.text[self.position..];
            if rest.starts_with(quote) {
                self.position += quote.len();
                return Ok(Token::Text(content));
            }
            let Some(character) = rest.chars().next() else {
                return Err(self.invalid(at, "the text has no end"));
            };
            if character == '\n' && quote.len() == 1 {
                return Err(self.invalid(at, "the text has no end on its line"));
            }
            self.position += character.len_utf8();
            if character == '\\' && !prefix.is_raw {
                content.push(self.escaped()?);
            } else {
                content.push(character);
            }
        }
    }

    fn escaped(&mut self) -> Result<char, InvalidCondition> {
        let at = self.position - 1;
        let rest = &self.text[self.position..];
        let letter = rest.chars().next().unwrap_or_default();
        let (simple, digits, radix) = match letter {
            'a' => (Some('\u{7}'), 0, 0),
            'b' => (Some('\u{8}'), 0, 0),
            'f' => (Some('\u{c}'), 0, 0),
            'n' => (Some('\n'), 0, 0),
            'r' => (Some('\r'), 0, 0),
            't' => (Some('\t'), 0, 0),
            'v' => (Some('\u{b}'), 0, 0),
            '\\' | '?' | '"' | '\'' | '`' => (Some(letter), 0, 0),
            'x' | 'X' => (None, 2, 16),
            'u' => (None, 4, 16),
            'U' => (None, 8, 16),
            '0'..='3' => (None, 3, 8),
            _ => return Err(self.invalid(at, "there is no such escape; write `\\\\` for a backslash")),
        };
        let prefix = if radix == 8 { 0 } else { 1 };
        self.position += if simple.is_some() { letter.len_utf8() } else { prefix + digits };
        let digits =
            rest.get(prefix..prefix + digits).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
        let number = || digits.and_then(|digits| u32::from_str_radix(digits, radix).ok());
        simple
            .or_else(|| number().and_then(char::from_u32))
            .ok_or_else(|| self.invalid(at, "the escape is no character"))
    }
}

struct Prefix {
    letters: usize,
    is_raw: bool,
    is_bytes: bool,
}

/// The letters before a quote, if the text begins with a quoted text.
fn text_prefix(rest: &str) -> Option<Prefix> {
    let letters = rest.find(['"', '\''])?;
    let prefix = rest.get(..letters).filter(|letters| letters.len() <= 2)?.to_ascii_lowercase();
    matches!(prefix.as_str(), "" | "r" | "b" | "br" | "rb").then(|| Prefix {
        letters,
        is_raw: prefix.contains('r'),
        is_bytes: prefix.contains('b'),
    })
}
