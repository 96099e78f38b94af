//! A condition as it is evaluated.

use regex::Regex;

/// How deep expressions may nest: the evaluator recurses this far and no further.
pub(super) const MOST_HEIGHT: u16 = 32;

/// One expression.
#[derive(Debug)]
pub(super) struct Expression {
    pub(super) kind: Kind,
    /// How many expressions stand one in another, this one included.
    pub(super) height: u16,
}

#[derive(Debug)]
pub(super) enum Kind {
    Literal(Literal),
    Root(Root),
    /// What the nth quantifier around this place goes through, the outermost first.
    Variable(usize),
    List(Vec<Expression>),
    Map(Vec<(Expression, Expression)>),
    Member(Box<Expression>, String),
    Has(Box<Expression>, String),
    Index(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    Negate(Box<Expression>),
    /// Any number in one, so that a long chain is not a deep one.
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Choice(Box<[Expression; 3]>),
    Binary(Operator, Box<[Expression; 2]>),
    Call(Function, Vec<Expression>),
    Matches(Box<Expression>, Regex),
    Each(Quantifier, Box<Expression>, Vec<Expression>),
}

#[derive(Debug, Clone)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(String),
}

/// The names that a condition sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Arguments,
    Tool,
    Connection,
    Caller,
}

impl Root {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "args" => Root::Arguments,
            "tool" => Root::Tool,
            "connection" => Root::Connection,
            "caller" => Root::Caller,
            _ => return None,
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Root::Arguments => "args",
            Root::Tool => "tool",
            Root::Connection => "connection",
            Root::Caller => "caller",
        }
    }

    /// The members that it has; arguments have any.
    pub(super) fn members(self) -> Option<&'static [&'static str]> {
        match self {
            Root::Arguments => None,
            Root::Tool => Some(&["path", "source", "sideEffect"]),
            Root::Connection => Some(&["id", "name", "owner"]),
            Root::Caller => Some(&["account", "roles", "groups", "client", "toolkit"]),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operator {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Operator::Or => "||",
            Operator::And => "&&",
            Operator::Equal => "==",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::In => "in",
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Remainder => "%",
        }
    }

    /// How tightly it binds: `||` least, multiplication most.
    pub(super) fn strength(self) -> u8 {
        match self {
            Operator::Or => 0,
            Operator::And => 1,
            Operator::Add | Operator::Subtract => 3,
            Operator::Multiply | Operator::Divide | Operator::Remainder => 4,
            _ => 2,
        }
    }
}

/// What goes through a list, or through the keys of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

impl Quantifier {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "all" => Quantifier::All,
            "exists" => Quantifier::Exists,
            "exists_one" | "existsOne" => Quantifier::ExistsOne,
            "filter" => Quantifier::Filter,
            "map" => Quantifier::Map,
            _ => return None,
        })
    }
}

/// What is called. The value before the dot is the first argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Size,
    Contains,
    StartsWith,
    EndsWith,
    LowerAscii,
    UpperAscii,
    Int,
    Double,
    Text,
}

impl Function {
    /// What is written `value.name(…)`, and with how many arguments besides the value.
    pub(super) fn method(name: &str) -> Option<(Self, usize)> {
        Some(match name {
            "size" => (Function::Size, 0),
            "contains" => (Function::Contains, 1),
            "startsWith" => (Function::StartsWith, 1),
            "endsWith" => (Function::EndsWith, 1),
            "lowerAscii" => (Function::LowerAscii, 0),
            "upperAscii" => (Function::UpperAscii, 0),
            _ => return None,
        })
    }

    /// What is written `name(value)`.
    pub(super) fn free(name: &str) -> Option<Self> {
        Some(match name {
            "size" => Function::Size,
            "int" => Function::Int,
            "double" => Function::Double,
            "string" => Function::Text,
            _ => return None,
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Function::Size => "size",
            Function::Contains => "contains",
            Function::StartsWith => "startsWith",
            Function::EndsWith => "endsWith",
            Function::LowerAscii => "lowerAscii",
            Function::UpperAscii => "upperAscii",
            Function::Int => "int",
            Function::Double => "double",
            Function::Text => "string",
        }
    }
}
