//! Reads a condition: the grammar of CEL without messages, bytes and time.
//!
//! Names are resolved here, so that a misspelt one is refused when the rule is saved and not when a call is judged.

use regex::RegexBuilder;

use super::InvalidCondition;
use super::expression::{Expression, Function, Kind, Literal, MOST_HEIGHT, Operator, Quantifier, Root};
use super::lexer::{Lexer, Token};

/// What a compiled pattern of `matches` may take.
const MOST_PATTERN_BYTES: usize = 1 << 18;

type Parsed = Result<Expression, InvalidCondition>;

pub(super) fn parse(text: &str) -> Parsed {
    let mut lexer = Lexer::new(text);
    let (token, at) = lexer.next()?;
    let mut parser = Parser { lexer, token, at, depth: 0, variables: Vec::new() };
    let expression = parser.expression()?;
    match parser.token {
        Token::End => Ok(expression),
        _ => Err(parser.unexpected("the end or an operator")),
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    token: Token,
    at: usize,
    depth: u16,
    variables: Vec<String>,
}

impl Parser<'_> {
    fn expression(&mut self) -> Parsed {
        let at = self.at;
        self.depth += 1;
        if self.depth > MOST_HEIGHT {
            return Err(self.too_deep(at));
        }
        let mut expression = self.binary(0)?;
        if self.takes("?")? {
            expression = self.choice(at, expression)?;
        }
        self.depth -= 1;
        Ok(expression)
    }

    fn choice(&mut self, at: usize, condition: Expression) -> Parsed {
        let yes = self.binary(0)?;
        self.expect(":")?;
        let no = self.expression()?;
        self.node(at, Kind::Choice(Box::new([condition, yes, no])))
    }

    fn binary(&mut self, weakest: u8) -> Parsed {
        let at = self.at;
        let mut left = self.unary()?;
        while let Some(operator) = self.operator().filter(|operator| operator.strength() >= weakest) {
            self.advance()?;
            let right = self.binary(operator.strength() + 1)?;
            left = self.joined(at, operator, left, right)?;
        }
        Ok(left)
    }

    fn joined(&self, at: usize, operator: Operator, left: Expression, right: Expression) -> Parsed {
        let kind = match (operator, left) {
            (Operator::And, Expression { kind: Kind::And(mut parts), .. }) => {
                parts.push(right);
                Kind::And(parts)
            }
            (Operator::Or, Expression { kind: Kind::Or(mut parts), .. }) => {
                parts.push(right);
                Kind::Or(parts)
            }
            (Operator::And, left) => Kind::And(vec![left, right]),
            (Operator::Or, left) => Kind::Or(vec![left, right]),
            (operator, left) => Kind::Binary(operator, Box::new([left, right])),
        };
        self.node(at, kind)
    }

    fn operator(&self) -> Option<Operator> {
        const SIGNS: [Operator; 13] = [
            Operator::Or,
            Operator::And,
            Operator::Equal,
            Operator::NotEqual,
            Operator::Less,
            Operator::LessOrEqual,
            Operator::Greater,
            Operator::GreaterOrEqual,
            Operator::Add,
            Operator::Subtract,
            Operator::Multiply,
            Operator::Divide,
            Operator::Remainder,
        ];
        match &self.token {
            Token::Sign(sign) => SIGNS.into_iter().find(|operator| operator.sign() == *sign),
            Token::Name(name) if name == "in" => Some(Operator::In),
            _ => None,
        }
    }

    fn unary(&mut self) -> Parsed {
        if !matches!(self.token, Token::Sign("!" | "-")) {
            return self.postfix();
        }
        let mut signs = Vec::new();
        while let Token::Sign(sign @ ("!" | "-")) = self.token {
            signs.push((sign, self.at));
            self.advance()?;
        }
        // The one number that has no positive twin.
        let smallest = Token::Int(i64::MIN.unsigned_abs());
        let value = if self.token == smallest && signs.pop_if(|(sign, _)| *sign == "-").is_some() {
            let at = self.at;
            self.advance()?;
            self.node(at, Kind::Literal(Literal::Int(i64::MIN)))?
        } else {
            self.postfix()?
        };
        signs.into_iter().rev().try_fold(value, |value, (sign, at)| {
            let value = Box::new(value);
            self.node(at, if sign == "!" { Kind::Not(value) } else { Kind::Negate(value) })
        })
    }

    fn postfix(&mut self) -> Parsed {
        let mut value = self.primary()?;
        while let Token::Sign(sign @ ("." | "[")) = self.token {
            value = if sign == "." { self.dotted(value)? } else { self.indexed(value)? };
        }
        Ok(value)
    }

    fn dotted(&mut self, value: Expression) -> Parsed {
        self.expect(".")?;
        let (name, at) = self.name("the name of a member")?;
        if self.token == Token::Sign("(") {
            self.method(value, name, at)
        } else {
            self.member(value, name, at)
        }
    }

    fn indexed(&mut self, value: Expression) -> Parsed {
        let at = self.at;
        self.expect("[")?;
        let index = self.expression()?;
        self.expect("]")?;
        self.node(at, Kind::Index(Box::new(value), Box::new(index)))
    }

    fn member(&self, value: Expression, name: String, at: usize) -> Parsed {
        if let Kind::Root(root) = value.kind
            && let Some(members) = root.members()
            && !members.contains(&name.as_str())
        {
            let message = format!("`{}` has no `{name}`; it has {}", root.name(), members.join(", "));
            return Err(self.lexer.invalid(at, message));
        }
        self.node(at, Kind::Member(Box::new(value), name))
    }

    fn method(&mut self, value: Expression, name: String, at: usize) -> Parsed {
        if let Some(quantifier) = Quantifier::from_name(&name) {
            return self.each(quantifier, value, at);
        }
        self.expect("(")?;
        if name == "matches" {
            return self.matches(value, at);
        }
        let Some((function, count)) = Function::method(&name) else {
            return Err(self.lexer.invalid(at, format!("there is no function `{name}` of a value")));
        };
        let mut arguments = vec![value];
        arguments.extend(self.list(")")?);
        self.call(at, function, arguments, count + 1)
    }

    fn matches(&mut self, value: Expression, at: usize) -> Parsed {
        let pattern_at = self.at;
        let Token::Text(pattern) = self.token.clone() else {
            return Err(self.lexer.invalid(pattern_at, "`matches` takes a pattern as a quoted text"));
        };
        self.advance()?;
        self.expect(")")?;
        let pattern = RegexBuilder::new(&pattern).size_limit(MOST_PATTERN_BYTES).build();
        let pattern = pattern.map_err(|error| {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ");
            self.lexer.invalid(pattern_at, format!("the pattern cannot be used: {reason}"))
        })?;
        self.node(at, Kind::Matches(Box::new(value), pattern))
    }

    fn each(&mut self, quantifier: Quantifier, range: Expression, at: usize) -> Parsed {
        self.expect("(")?;
        let (variable, variable_at) = self.name("a name for what it goes through")?;
        if is_keyword(&variable) || Root::from_name(&variable).is_some() {
            return Err(self.lexer.invalid(variable_at, format!("`{variable}` is taken; use another name")));
        }
        self.expect(",")?;
        self.variables.push(variable);
        let mut parts = vec![self.expression()?];
        if quantifier == Quantifier::Map && self.takes(",")? {
            parts.push(self.expression()?);
        }
        self.variables.pop();
        self.expect(")")?;
        self.node(at, Kind::Each(quantifier, Box::new(range), parts))
    }

    fn primary(&mut self) -> Parsed {
        let at = self.at;
        if self.takes("(")? {
            let inner = self.expression()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.takes("[")? {
            let items = self.list("]")?;
            return self.node(at, Kind::List(items));
        }
        if self.takes("{")? {
            return self.map(at);
        }
        match &self.token {
            Token::Name(name) if name != "in" => {
                let (name, at) = self.name("a name")?;
                if self.takes("(")? { self.function(name, at) } else { self.named(name, at) }
            }
            _ => self.literal(at),
        }
    }

    fn literal(&mut self, at: usize) -> Parsed {
        let literal = match self.token.clone() {
            Token::Text(text) => Literal::Text(text),
            Token::Double(number) => Literal::Double(number),
            Token::Int(number) => {
                let number = i64::try_from(number);
                Literal::Int(number.map_err(|_| self.lexer.invalid(at, "the number is too large"))?)
            }
            _ => return Err(self.unexpected("a value")),
        };
        self.advance()?;
        self.node(at, Kind::Literal(literal))
    }

    fn named(&self, name: String, at: usize) -> Parsed {
        let literal = match name.as_str() {
            "true" => Some(Literal::Bool(true)),
            "false" => Some(Literal::Bool(false)),
            "null" => Some(Literal::Null),
            _ => None,
        };
        if let Some(literal) = literal {
            return self.node(at, Kind::Literal(literal));
        }
        if let Some(position) = self.variables.iter().rposition(|variable| *variable == name) {
            return self.node(at, Kind::Variable(position));
        }
        match Root::from_name(&name) {
            Some(root) => self.node(at, Kind::Root(root)),
            None => {
                let message =
                    format!("`{name}` is not known; a condition sees args, tool, connection and caller");
                Err(self.lexer.invalid(at, message))
            }
        }
    }

    fn function(&mut self, name: String, at: usize) -> Parsed {
        if name == "has" {
            let argument_at = self.at;
            let argument = self.expression()?;
            self.expect(")")?;
            return match argument.kind {
                Kind::Member(value, member) => self.node(at, Kind::Has(value, member)),
                _ => Err(self.lexer.invalid(argument_at, "`has` takes a member: has(args.name)")),
            };
        }
        let Some(function) = Function::free(&name) else {
            let message = match Function::method(&name) {
                Some(_) => format!("`{name}` is written after a value: args.title.{name}(…)"),
                None => format!("there is no function `{name}`"),
            };
            return Err(self.lexer.invalid(at, message));
        };
        let arguments = self.list(")")?;
        self.call(at, function, arguments, 1)
    }

    fn call(&self, at: usize, function: Function, arguments: Vec<Expression>, count: usize) -> Parsed {
        if arguments.len() != count {
            let message = format!("`{}` takes another number of arguments", function.name());
            return Err(self.lexer.invalid(at, message));
        }
        self.node(at, Kind::Call(function, arguments))
    }

    fn map(&mut self, at: usize) -> Parsed {
        let mut entries = Vec::new();
        while !self.takes("}")? {
            let key = self.expression()?;
            self.expect(":")?;
            entries.push((key, self.expression()?));
            if self.token != Token::Sign("}") {
                self.expect(",")?;
            }
        }
        self.node(at, Kind::Map(entries))
    }

    /// Expressions up to a closing sign; a comma may stand after the last one.
    fn list(&mut self, end: &'static str) -> Result<Vec<Expression>, InvalidCondition> {
        let mut items = Vec::new();
        while !self.takes(end)? {
            items.push(self.expression()?);
            if self.token != Token::Sign(end) {
                self.expect(",")?;
            }
        }
        Ok(items)
    }

    fn node(&self, at: usize, kind: Kind) -> Parsed {
        let inner = match &kind {
            Kind::Literal(_) | Kind::Root(_) | Kind::Variable(_) => 0,
            Kind::Member(value, _)
            | Kind::Has(value, _)
            | Kind::Not(value)
            | Kind::Negate(value)
            | Kind::Matches(value, _) => value.height,
            Kind::Index(value, index) => value.height.max(index.height),
            Kind::Choice(parts) => highest(parts.iter()),
            Kind::Binary(_, parts) => highest(parts.iter()),
            Kind::List(parts) | Kind::And(parts) | Kind::Or(parts) | Kind::Call(_, parts) => {
                highest(parts.iter())
            }
            Kind::Map(entries) => highest(entries.iter().flat_map(|(key, value)| [key, value])),
            Kind::Each(_, range, parts) => range.height.max(highest(parts.iter())),
        };
        if inner >= MOST_HEIGHT {
            return Err(self.too_deep(at));
        }
        Ok(Expression { kind, height: inner + 1 })
    }

    fn name(&mut self, wanted: &str) -> Result<(String, usize), InvalidCondition> {
        match self.token.clone() {
            Token::Name(name) => {
                let at = self.at;
                self.advance()?;
                Ok((name, at))
            }
            _ => Err(self.unexpected(wanted)),
        }
    }

    fn takes(&mut self, sign: &'static str) -> Result<bool, InvalidCondition> {
        let found = self.token == Token::Sign(sign);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), InvalidCondition> {
        if self.takes(sign)? { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    fn advance(&mut self) -> Result<(), InvalidCondition> {
        (self.token, self.at) = self.lexer.next()?;
        Ok(())
    }

    fn unexpected(&self, wanted: &str) -> InvalidCondition {
        let found = match &self.token {
            Token::Name(name) => format!("`{name}`"),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::Int(_) | Token::Double(_) => "a number".to_owned(),
            Token::Text(_) => "a text".to_owned(),
            Token::End => "the end".to_owned(),
        };
        let hint = match &self.token {
            Token::Sign("=") => " (equality is `==`)",
            Token::Sign("&") => " (both is `&&`)",
            _ => "",
        };
        self.lexer.invalid(self.at, format!("expected {wanted}, found {found}{hint}"))
    }

    fn too_deep(&self, at: usize) -> InvalidCondition {
        self.lexer.invalid(at, format!("expressions stand more than {MOST_HEIGHT} deep in each other"))
    }
}

fn highest<'a>(parts: impl Iterator<Item = &'a Expression>) -> u16 {
    parts.map(|part| part.height).max().unwrap_or(0)
}

fn is_keyword(name: &str) -> bool {
    matches!(name, "in" | "true" | "false" | "null")
}
