//! The names of condition operators.

/// What kind of values an operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    String,
    StringIgnoreCase,
    StringLike,
    Numeric(Ordered),
    Date(Ordered),
    Bool,
    Binary,
    IpAddress,
    Arn,
    Null,
}

/// How ordered values compare: the request's value on the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ordered {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Ordered {
    pub(crate) fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// `ForAllValues:` and `ForAnyValue:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    None,
    ForAllValues,
    ForAnyValue,
}

/// An operator with what stands before and behind its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) quantifier: Quantifier,
    pub(crate) family: Family,
    pub(crate) negated: bool,
    pub(crate) if_exists: bool,
}

impl Operator {
    /// Reads an operator's name (IAM User Guide, "Condition operators").
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (quantifier, rest) = match text.split_once(':') {
            Some(("ForAllValues", rest)) => (Quantifier::ForAllValues, rest),
            Some(("ForAnyValue", rest)) => (Quantifier::ForAnyValue, rest),
            Some(_) => return None,
            None => (Quantifier::None, text),
        };
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let (family, negated) = family(name)?;
        let bare = quantifier == Quantifier::None && !if_exists;
        (family != Family::Null || bare).then_some(Self { quantifier, family, negated, if_exists })
    }
}

fn family(name: &str) -> Option<(Family, bool)> {
    Some(match name {
        "StringEquals" => (Family::String, false),
        "StringNotEquals" => (Family::String, true),
        "StringEqualsIgnoreCase" => (Family::StringIgnoreCase, false),
        "StringNotEqualsIgnoreCase" => (Family::StringIgnoreCase, true),
        "StringLike" => (Family::StringLike, false),
        "StringNotLike" => (Family::StringLike, true),
        "Bool" => (Family::Bool, false),
        "BinaryEquals" => (Family::Binary, false),
        "IpAddress" => (Family::IpAddress, false),
        "NotIpAddress" => (Family::IpAddress, true),
        "ArnEquals" | "ArnLike" => (Family::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Family::Arn, true),
        "Null" => (Family::Null, false),
        _ => {
            let (make, comparison): (fn(Ordered) -> Family, _) =
                match (name.strip_prefix("Numeric"), name.strip_prefix("Date")) {
                    (Some(comparison), _) => (Family::Numeric, comparison),
                    (None, Some(comparison)) => (Family::Date, comparison),
                    (None, None) => return None,
                };
            let (ordered, negated) = match comparison {
                "Equals" => (Ordered::Equal, false),
                "NotEquals" => (Ordered::Equal, true),
                "LessThan" => (Ordered::Less, false),
                "LessThanEquals" => (Ordered::LessOrEqual, false),
                "GreaterThan" => (Ordered::Greater, false),
                "GreaterThanEquals" => (Ordered::GreaterOrEqual, false),
                _ => return None,
            };
            (make(ordered), negated)
        }
    })
}
