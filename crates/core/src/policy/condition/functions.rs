//! Arithmetic and the functions of conditions.

use std::borrow::Cow;
use std::rc::Rc;

use super::evaluate::{Evaluated, overflow};
use super::expression::{Function, Operator};
use super::value::{List, Value};

/// Two whole numbers give a whole number; where one is a double both are.
pub(super) fn arithmetic<'a>(operator: Operator, left: Value<'a>, right: Value<'a>) -> Evaluated<'a> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => of_ints(operator, left, right),
        (Value::Int(left), Value::Double(right)) => of_doubles(operator, left as f64, right),
        (Value::Double(left), Value::Int(right)) => of_doubles(operator, left, right as f64),
        (Value::Double(left), Value::Double(right)) => of_doubles(operator, left, right),
        (Value::Text(left), Value::Text(right)) if operator == Operator::Add => {
            Ok(Value::Text(Cow::Owned(format!("{left}{right}"))))
        }
        (Value::List(left), Value::List(right)) if operator == Operator::Add => {
            let items =
                [&left, &right].into_iter().flat_map(|list| (0..list.len()).filter_map(|n| list.get(n)));
            Ok(Value::List(List::Own(Rc::new(items.collect()))))
        }
        (left, right) => {
            Err(format!("`{}` is not between {} and {}", operator.sign(), left.kind(), right.kind()))
        }
    }
}

fn of_ints<'a>(operator: Operator, left: i64, right: i64) -> Evaluated<'a> {
    if right == 0 && matches!(operator, Operator::Divide | Operator::Remainder) {
        return Err("it divides by zero".to_owned());
    }
    let number = match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Divide => left.checked_div(right),
        _ => left.checked_rem(right),
    };
    number.map(Value::Int).ok_or_else(overflow)
}

fn of_doubles<'a>(operator: Operator, left: f64, right: f64) -> Evaluated<'a> {
    Ok(Value::Double(match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        _ => left % right,
    }))
}

/// Calls a function with as many arguments as it takes.
pub(super) fn call<'a>(function: Function, arguments: &[Value<'a>]) -> Evaluated<'a> {
    let wrong = || {
        let kinds: Vec<_> = arguments.iter().map(Value::kind).collect();
        Err(format!("`{}` does not take {}", function.name(), kinds.join(" and ")))
    };
    match (function, arguments) {
        (Function::Size, [value]) => {
            let size = match value {
                Value::Text(text) => text.chars().count(),
                Value::List(list) => list.len(),
                Value::Map(map) => map.len(),
                _ => return wrong(),
            };
            i64::try_from(size).map(Value::Int).map_err(|_| overflow())
        }
        (Function::Contains, [Value::Text(text), Value::Text(part)]) => {
            Ok(Value::Bool(text.contains(part.as_ref())))
        }
        (Function::StartsWith, [Value::Text(text), Value::Text(part)]) => {
            Ok(Value::Bool(text.starts_with(part.as_ref())))
        }
        (Function::EndsWith, [Value::Text(text), Value::Text(part)]) => {
            Ok(Value::Bool(text.ends_with(part.as_ref())))
        }
        (Function::LowerAscii, [Value::Text(text)]) => Ok(Value::Text(Cow::Owned(text.to_ascii_lowercase()))),
        (Function::UpperAscii, [Value::Text(text)]) => Ok(Value::Text(Cow::Owned(text.to_ascii_uppercase()))),
        (Function::Int, [value]) => int(value).map_or_else(wrong, |number| Ok(Value::Int(number))),
        (Function::Double, [value]) => double(value).map_or_else(wrong, |number| Ok(Value::Double(number))),
        (Function::Text, [value]) => Ok(Value::Text(match value {
            Value::Text(text) => text.clone(),
            Value::Int(number) => Cow::Owned(number.to_string()),
            Value::Double(number) => Cow::Owned(number.to_string()),
            Value::Bool(value) => Cow::Owned(value.to_string()),
            _ => return wrong(),
        })),
        _ => wrong(),
    }
}

fn int(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::Double(number) => {
            let whole = number.trunc();
            (whole.abs() < 9_223_372_036_854_775_807.0).then_some(whole as i64)
        }
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn double(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Double(number) => Some(*number),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}
