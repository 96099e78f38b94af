//! Evaluates a condition, counting steps: no condition can hold a call up, whatever its arguments are.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::rc::Rc;

use regex::Regex;

use super::Facts;
use super::expression::{Expression, Function, Kind, Literal, Operator, Quantifier, Root};
use super::functions;
use super::value::{List, Map, Value};

/// How many steps an evaluation may take. A step looks at one expression, one item or some 256 bytes.
pub(super) const MOST_STEPS: u32 = 10_000;

/// Why there is no value, as a clause for people.
pub(super) type Evaluated<'a> = Result<Value<'a>, String>;

pub(super) struct Evaluator<'a> {
    facts: &'a Facts<'a>,
    steps_left: u32,
    variables: Vec<Value<'a>>,
}

pub(super) fn evaluate<'a>(expression: &'a Expression, facts: &'a Facts<'a>) -> Evaluated<'a> {
    Evaluator { facts, steps_left: MOST_STEPS, variables: Vec::new() }.value(expression)
}

impl<'a> Evaluator<'a> {
    /// Once the steps are used up every expression fails, so that no `||` can swallow it.
    pub(super) fn spend(&mut self, steps: u32) -> Result<(), String> {
        match self.steps_left.checked_sub(steps) {
            Some(left) => {
                self.steps_left = left;
                Ok(())
            }
            None => {
                self.steps_left = 0;
                Err(format!("it takes more than {MOST_STEPS} steps"))
            }
        }
    }

    /// Only hands on: what it kept on the stack would be there once a level.
    fn value(&mut self, expression: &'a Expression) -> Evaluated<'a> {
        self.spend(1)?;
        match &expression.kind {
            Kind::Literal(literal) => Ok(of_literal(literal)),
            Kind::Root(root) => Ok(self.root(*root)),
            Kind::Variable(position) => self.variable(*position),
            Kind::List(items) => self.list(items),
            Kind::Map(entries) => self.map(entries),
            Kind::Member(value, name) => self.member(value, name),
            Kind::Has(value, name) => self.has(value, name),
            Kind::Index(value, index) => self.index(value, index),
            Kind::Not(value) => self.truth(value).map(|value| Value::Bool(!value)),
            Kind::Negate(value) => self.negate(value),
            Kind::And(parts) => self.settle(parts, false),
            Kind::Or(parts) => self.settle(parts, true),
            Kind::Choice(parts) => self.choose(parts),
            Kind::Binary(operator, parts) => self.binary(*operator, parts),
            Kind::Call(function, arguments) => self.call(*function, arguments),
            Kind::Matches(value, pattern) => self.matches(value, pattern),
            Kind::Each(quantifier, range, parts) => self.each(*quantifier, range, parts),
        }
    }

    fn root(&self, root: Root) -> Value<'a> {
        Value::of_json(match root {
            Root::Arguments => self.facts.args,
            Root::Tool => &self.facts.tool,
            Root::Connection => &self.facts.connection,
            Root::Caller => &self.facts.caller,
        })
    }

    fn variable(&mut self, position: usize) -> Evaluated<'a> {
        let value = self.variables.get(position).cloned().unwrap_or(Value::Null);
        self.spend(value.weight())?;
        Ok(value)
    }

    fn list(&mut self, items: &'a [Expression]) -> Evaluated<'a> {
        let items = items.iter().map(|item| self.value(item)).collect::<Result<_, _>>()?;
        Ok(Value::List(List::Own(Rc::new(items))))
    }

    fn member(&mut self, value: &'a Expression, name: &str) -> Evaluated<'a> {
        let value = self.value(value)?;
        member(&value, name)?.ok_or_else(|| format!("there is no `{name}`"))
    }

    fn has(&mut self, value: &'a Expression, name: &str) -> Evaluated<'a> {
        let value = self.value(value)?;
        Ok(Value::Bool(member(&value, name)?.is_some()))
    }

    fn index(&mut self, value: &'a Expression, index: &'a Expression) -> Evaluated<'a> {
        let (value, index) = (self.value(value)?, self.value(index)?);
        self.item(&value, &index)
    }

    fn negate(&mut self, value: &'a Expression) -> Evaluated<'a> {
        match self.value(value)? {
            Value::Int(number) => number.checked_neg().map(Value::Int).ok_or_else(overflow),
            Value::Double(number) => Ok(Value::Double(-number)),
            other => Err(format!("`-` takes a number, not {}", other.kind())),
        }
    }

    fn choose(&mut self, [condition, yes, no]: &'a [Expression; 3]) -> Evaluated<'a> {
        if self.truth(condition)? { self.value(yes) } else { self.value(no) }
    }

    fn binary(&mut self, operator: Operator, [left, right]: &'a [Expression; 2]) -> Evaluated<'a> {
        let (left, right) = (self.value(left)?, self.value(right)?);
        self.operate(operator, left, right)
    }

    fn call(&mut self, function: Function, arguments: &'a [Expression]) -> Evaluated<'a> {
        let arguments =
            arguments.iter().map(|argument| self.value(argument)).collect::<Result<Vec<_>, _>>()?;
        self.spend(arguments.iter().map(Value::weight).fold(0, u32::saturating_add))?;
        functions::call(function, &arguments)
    }

    fn matches(&mut self, value: &'a Expression, pattern: &Regex) -> Evaluated<'a> {
        let value = self.value(value)?;
        self.spend(value.weight())?;
        match value {
            Value::Text(text) => Ok(Value::Bool(pattern.is_match(&text))),
            other => Err(format!("`matches` is of a text, not of {}", other.kind())),
        }
    }

    pub(super) fn truth(&mut self, expression: &'a Expression) -> Result<bool, String> {
        match self.value(expression)? {
            Value::Bool(value) => Ok(value),
            other => Err(format!("it gives {} where true or false is wanted", other.kind())),
        }
    }

    /// `&&` and `||`: one part with the decisive value settles it, whatever the others are, also if they fail.
    fn settle(&mut self, parts: &'a [Expression], decisive: bool) -> Evaluated<'a> {
        let mut failed = None;
        for part in parts {
            match self.truth(part) {
                Ok(value) if value == decisive => return Ok(Value::Bool(decisive)),
                Ok(_) => {}
                Err(reason) => failed = failed.or(Some(reason)),
            }
        }
        failed.map_or(Ok(Value::Bool(!decisive)), Err)
    }

    fn map(&mut self, entries: &'a [(Expression, Expression)]) -> Evaluated<'a> {
        let mut map: Vec<(Value<'a>, Value<'a>)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let key = self.value(key)?;
            if !matches!(key, Value::Text(_) | Value::Bool(_) | Value::Int(_)) {
                return Err(format!("a key is a text, not {}", key.kind()));
            }
            for (other, _) in &map {
                if self.equal(&key, other)? {
                    return Err("an object has a key twice".to_owned());
                }
            }
            let value = self.value(value)?;
            map.push((key, value));
        }
        Ok(Value::Map(Map::Own(Rc::new(map))))
    }

    fn item(&mut self, value: &Value<'a>, index: &Value<'a>) -> Evaluated<'a> {
        match (value, index) {
            (Value::List(list), Value::Int(_) | Value::Double(_)) => {
                let position = match index {
                    Value::Int(number) => usize::try_from(*number).ok(),
                    Value::Double(number) if number.fract() == 0.0 && *number >= 0.0 => {
                        Some(*number as usize)
                    }
                    _ => None,
                };
                position
                    .and_then(|position| list.get(position))
                    .ok_or_else(|| "the list has no such item".to_owned())
            }
            (Value::Map(map), key) => match self.entry(map, key)? {
                Some(value) => Ok(value),
                None => Err("the object has no such key".to_owned()),
            },
            (other, _) => Err(format!("{} has no items", other.kind())),
        }
    }

    fn entry(&mut self, map: &Map<'a>, key: &Value<'a>) -> Result<Option<Value<'a>>, String> {
        if let Value::Text(name) = key {
            if let Map::Own(entries) = map {
                self.spend(u32::try_from(entries.len() / 16).unwrap_or(u32::MAX))?;
            }
            return Ok(map.member(name));
        }
        let Map::Own(entries) = map else { return Ok(None) };
        for (other, value) in entries.iter() {
            if self.equal(key, other)? {
                return Ok(Some(value.clone()));
            }
        }
        Ok(None)
    }

    fn operate(&mut self, operator: Operator, left: Value<'a>, right: Value<'a>) -> Evaluated<'a> {
        let ordered = |wanted: fn(Ordering) -> bool| match (&left, &right) {
            (Value::Bool(left), Value::Bool(right)) => Ok(Value::Bool(wanted(left.cmp(right)))),
            (Value::Int(_) | Value::Double(_), Value::Int(_) | Value::Double(_))
            | (Value::Text(_), Value::Text(_)) => Ok(Value::Bool(left.order(&right).is_some_and(wanted))),
            _ => Err(format!("`{}` is not between {} and {}", operator.sign(), left.kind(), right.kind())),
        };
        match operator {
            Operator::Equal => self.equal(&left, &right).map(Value::Bool),
            Operator::NotEqual => self.equal(&left, &right).map(|equal| Value::Bool(!equal)),
            Operator::Less => ordered(Ordering::is_lt),
            Operator::LessOrEqual => ordered(Ordering::is_le),
            Operator::Greater => ordered(Ordering::is_gt),
            Operator::GreaterOrEqual => ordered(Ordering::is_ge),
            Operator::In => self.contains(&right, &left).map(Value::Bool),
            _ => {
                self.spend(left.weight().saturating_add(right.weight()))?;
                functions::arithmetic(operator, left, right)
            }
        }
    }

    fn contains(&mut self, whole: &Value<'a>, part: &Value<'a>) -> Result<bool, String> {
        match whole {
            Value::List(list) => {
                for position in 0..list.len() {
                    if let Some(item) = list.get(position)
                        && self.equal(&item, part)?
                    {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Value::Map(map) => Ok(self.entry(map, part)?.is_some()),
            other => Err(format!("`in` looks into a list or an object, not into {}", other.kind())),
        }
    }

    /// Values of different kinds are different; numbers are compared as numbers.
    pub(super) fn equal(&mut self, one: &Value<'a>, other: &Value<'a>) -> Result<bool, String> {
        self.spend(1)?;
        match (one, other) {
            (Value::Null, Value::Null) => Ok(true),
            (Value::Bool(one), Value::Bool(other)) => Ok(one == other),
            (Value::Text(text), Value::Text(other)) => {
                if text.len() != other.len() {
                    return Ok(false);
                }
                self.spend(one.weight())?;
                Ok(text == other)
            }
            (Value::List(one), Value::List(other)) => {
                if one.len() != other.len() {
                    return Ok(false);
                }
                for position in 0..one.len() {
                    if let (Some(one), Some(other)) = (one.get(position), other.get(position))
                        && !self.equal(&one, &other)?
                    {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Value::Map(one), Value::Map(other)) => {
                if one.len() != other.len() {
                    return Ok(false);
                }
                self.spend(u32::try_from(one.len()).unwrap_or(u32::MAX))?;
                let List::Own(keys) = one.keys() else { return Ok(false) };
                for key in keys.iter() {
                    match (self.entry(one, key)?, self.entry(other, key)?) {
                        (Some(one), Some(other)) if self.equal(&one, &other)? => {}
                        _ => return Ok(false),
                    }
                }
                Ok(true)
            }
            _ => Ok(one.order(other) == Some(Ordering::Equal)),
        }
    }

    fn each(
        &mut self,
        quantifier: Quantifier,
        range: &'a Expression,
        parts: &'a [Expression],
    ) -> Evaluated<'a> {
        let list = match self.value(range)? {
            Value::List(list) => list,
            Value::Map(map) => {
                self.spend(u32::try_from(map.len()).unwrap_or(u32::MAX))?;
                map.keys()
            }
            other => return Err(format!("a list or an object is wanted, not {}", other.kind())),
        };
        let mut found = Vec::new();
        let mut count = 0;
        let mut failed = None;
        for position in 0..list.len() {
            let Some(item) = list.get(position) else { break };
            self.variables.push(item.clone());
            let outcome = self.of_item(quantifier, parts, item);
            self.variables.pop();
            match (quantifier, outcome) {
                (Quantifier::All, Ok(Some(Value::Bool(false)))) => return Ok(Value::Bool(false)),
                (Quantifier::Exists, Ok(Some(Value::Bool(true)))) => return Ok(Value::Bool(true)),
                (Quantifier::ExistsOne, Ok(Some(Value::Bool(true)))) => count += 1,
                (Quantifier::Filter | Quantifier::Map, Ok(Some(value))) => found.push(value),
                (Quantifier::All | Quantifier::Exists, Err(reason)) => failed = failed.or(Some(reason)),
                (_, Err(reason)) => return Err(reason),
                (_, Ok(_)) => {}
            }
            // Else the loop would go on over all of a long list, each item failing at once.
            self.spend(1)?;
        }
        match (quantifier, failed) {
            (_, Some(reason)) => Err(reason),
            (Quantifier::All, None) => Ok(Value::Bool(true)),
            (Quantifier::Exists, None) => Ok(Value::Bool(false)),
            (Quantifier::ExistsOne, None) => Ok(Value::Bool(count == 1)),
            (Quantifier::Filter | Quantifier::Map, None) => Ok(Value::List(List::Own(Rc::new(found)))),
        }
    }

    /// What one item gives: a truth, or what the item becomes; nothing if it is left out.
    fn of_item(
        &mut self,
        quantifier: Quantifier,
        parts: &'a [Expression],
        item: Value<'a>,
    ) -> Result<Option<Value<'a>>, String> {
        match (quantifier, parts) {
            (Quantifier::Filter, [wanted]) => Ok(self.truth(wanted)?.then_some(item)),
            (Quantifier::Map, [wanted, becomes]) => {
                if self.truth(wanted)? {
                    self.value(becomes).map(Some)
                } else {
                    Ok(None)
                }
            }
            (Quantifier::Map, [becomes]) => self.value(becomes).map(Some),
            (_, [truth]) => self.truth(truth).map(|truth| Some(Value::Bool(truth))),
            _ => Ok(None),
        }
    }
}

fn of_literal(literal: &Literal) -> Value<'_> {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(number) => Value::Int(*number),
        Literal::Double(number) => Value::Double(*number),
        Literal::Text(text) => Value::Text(Cow::Borrowed(text)),
    }
}

fn member<'a>(value: &Value<'a>, name: &str) -> Result<Option<Value<'a>>, String> {
    match value {
        Value::Map(map) => Ok(map.member(name)),
        other => Err(format!("{} has no member `{name}`", other.kind())),
    }
}

pub(super) fn overflow() -> String {
    "a number is too large".to_owned()
}
