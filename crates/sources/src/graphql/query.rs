//! The question for a schema, in the forms that servers understand.

/// What the operation is called.
pub(super) const NAME: &str = "IntrospectionQuery";

/// How much is asked for: a server refuses a question with a field that it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// What servers of 2018 understand.
    Plain,
    /// What the specification of October 2021 has: descriptions of schemas, what scalars are specified by.
    October2021,
    /// What came later: deprecated arguments, and input objects of which one member is given.
    Full,
}

impl Form {
    /// All of them, in the order in which they are tried.
    pub(super) const ALL: [Self; 3] = [Self::Full, Self::October2021, Self::Plain];
}

/// How many lists and non-nulls a type is seen through.
const DEPTH: usize = 9;

/// The question.
pub(super) fn text(form: Form) -> String {
    let since = |first: Form, part: &'static str| if form >= first { part } else { "" };
    let about = since(Form::October2021, "description ");
    let specified = since(Form::October2021, "specifiedByURL ");
    let repeatable = since(Form::October2021, "isRepeatable ");
    let one_of = since(Form::Full, "isOneOf ");
    let all = since(Form::Full, "(includeDeprecated: true)");
    let deprecation = since(Form::Full, "isDeprecated deprecationReason ");
    let reference = reference();
    format!(
        "query {NAME} {{ __schema {{ {about}queryType {{ name }} mutationType {{ name }} subscriptionType {{ name }} \
         types {{ ...Type }} directives {{ name description {repeatable}locations args{all} {{ ...Input }} }} }} }} \
         fragment Type on __Type {{ kind name description {specified}{one_of}\
         fields(includeDeprecated: true) {{ name description args{all} {{ ...Input }} type {{ ...Reference }} \
         isDeprecated deprecationReason }} \
         inputFields{all} {{ ...Input }} interfaces {{ name }} \
         enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} \
         possibleTypes {{ name }} }} \
         fragment Input on __InputValue {{ name description type {{ ...Reference }} defaultValue {deprecation}}} \
         fragment Reference on __Type {{ {reference} }}"
    )
}

fn reference() -> String {
    (0..DEPTH).fold("kind name".to_owned(), |inner, _| format!("kind name ofType {{ {inner} }}"))
}
