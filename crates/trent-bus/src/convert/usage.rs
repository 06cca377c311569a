//! Requests counted from the audit trail, and what they and the keys cost.

use trent_types::{
    CostDimension, CostLine, CostQuery, CostReport, CostUnit, Granularity, Timestamp,
    UsageDimension, UsageFilter, UsageQuery, UsageRow,
};

use super::{InvalidField, by_reference, required};
use crate::messages::{self, Unit, cost_dimension, usage_dimension};

by_reference! {
    UsageQuery => messages::ReadUsage,
    CostQuery => messages::ReadCost,
}

impl From<Granularity> for messages::Granularity {
    fn from(granularity: Granularity) -> Self {
        match granularity {
            Granularity::Hourly => Self::Hourly,
            Granularity::Daily => Self::Daily,
            Granularity::Monthly => Self::Monthly,
            Granularity::Total => Self::Total,
        }
    }
}

impl TryFrom<messages::Granularity> for Granularity {
    type Error = InvalidField;

    fn try_from(granularity: messages::Granularity) -> Result<Self, InvalidField> {
        match granularity {
            messages::Granularity::Unspecified => Err(InvalidField("granularity")),
            messages::Granularity::Hourly => Ok(Self::Hourly),
            messages::Granularity::Daily => Ok(Self::Daily),
            messages::Granularity::Monthly => Ok(Self::Monthly),
            messages::Granularity::Total => Ok(Self::Total),
        }
    }
}

impl From<UsageDimension> for messages::UsageDimension {
    fn from(dimension: UsageDimension) -> Self {
        use usage_dimension::Dimension;
        let dimension = match dimension {
            UsageDimension::Key => Dimension::Key(Unit {}),
            UsageDimension::Principal => Dimension::Principal(Unit {}),
            UsageDimension::Operation => Dimension::Operation(Unit {}),
            UsageDimension::Error => Dimension::Error(Unit {}),
            UsageDimension::Region => Dimension::Region(Unit {}),
            UsageDimension::Tag(key) => Dimension::Tag(key),
        };
        Self { dimension: Some(dimension) }
    }
}

impl TryFrom<messages::UsageDimension> for UsageDimension {
    type Error = InvalidField;

    fn try_from(one: messages::UsageDimension) -> Result<Self, InvalidField> {
        use usage_dimension::Dimension;
        Ok(match required(one.dimension, "dimension")? {
            Dimension::Key(Unit {}) => Self::Key,
            Dimension::Principal(Unit {}) => Self::Principal,
            Dimension::Operation(Unit {}) => Self::Operation,
            Dimension::Error(Unit {}) => Self::Error,
            Dimension::Region(Unit {}) => Self::Region,
            Dimension::Tag(key) => Self::Tag(key),
        })
    }
}

impl From<UsageFilter> for messages::UsageFilter {
    fn from(filter: UsageFilter) -> Self {
        let UsageFilter { key, principal, operation, error, region, tag } = filter;
        Self { key, principal, operation, error, region, tag: tag.map(Into::into) }
    }
}

impl From<messages::UsageFilter> for UsageFilter {
    fn from(filter: messages::UsageFilter) -> Self {
        let messages::UsageFilter { key, principal, operation, error, region, tag } = filter;
        Self { key, principal, operation, error, region, tag: tag.map(Into::into) }
    }
}

impl From<UsageQuery> for messages::ReadUsage {
    fn from(query: UsageQuery) -> Self {
        Self {
            from_ms: query.from.as_millis(),
            to_ms: query.to.as_millis(),
            granularity: messages::Granularity::from(query.granularity).into(),
            group_by: query.group_by.into_iter().map(Into::into).collect(),
            filter: Some(query.filter.into()),
            skip: query.skip,
            limit: query.limit,
        }
    }
}

impl TryFrom<messages::ReadUsage> for UsageQuery {
    type Error = InvalidField;

    fn try_from(query: messages::ReadUsage) -> Result<Self, InvalidField> {
        let granularity = query.granularity().try_into()?;
        let group_by = query.group_by.into_iter().map(TryInto::try_into);
        Ok(Self {
            from: Timestamp::from_millis(query.from_ms),
            to: Timestamp::from_millis(query.to_ms),
            granularity,
            group_by: group_by.collect::<Result<_, _>>()?,
            filter: query.filter.map(Into::into).unwrap_or_default(),
            skip: query.skip,
            limit: query.limit,
        })
    }
}

impl From<UsageRow> for messages::UsageRow {
    fn from(row: UsageRow) -> Self {
        Self {
            from_ms: row.from.as_millis(),
            to_ms: row.to.as_millis(),
            group: row.group,
            requests: row.requests,
            errors: row.errors,
        }
    }
}

impl From<messages::UsageRow> for UsageRow {
    fn from(row: messages::UsageRow) -> Self {
        Self {
            from: Timestamp::from_millis(row.from_ms),
            to: Timestamp::from_millis(row.to_ms),
            group: row.group,
            requests: row.requests,
            errors: row.errors,
        }
    }
}

impl From<Vec<UsageRow>> for messages::UsageRows {
    fn from(rows: Vec<UsageRow>) -> Self {
        Self { rows: rows.into_iter().map(Into::into).collect(), more: false }
    }
}

impl From<messages::UsageRows> for Vec<UsageRow> {
    fn from(found: messages::UsageRows) -> Self {
        found.rows.into_iter().map(Into::into).collect()
    }
}

impl From<CostDimension> for messages::CostDimension {
    fn from(dimension: CostDimension) -> Self {
        use cost_dimension::Dimension;
        let dimension = match dimension {
            CostDimension::Tag(key) => Dimension::Tag(key),
            CostDimension::Key => Dimension::Key(Unit {}),
            CostDimension::Region => Dimension::Region(Unit {}),
            CostDimension::UsageType => Dimension::UsageType(Unit {}),
        };
        Self { dimension: Some(dimension) }
    }
}

impl TryFrom<messages::CostDimension> for CostDimension {
    type Error = InvalidField;

    fn try_from(one: messages::CostDimension) -> Result<Self, InvalidField> {
        use cost_dimension::Dimension;
        Ok(match required(one.dimension, "dimension")? {
            Dimension::Tag(key) => Self::Tag(key),
            Dimension::Key(Unit {}) => Self::Key,
            Dimension::Region(Unit {}) => Self::Region,
            Dimension::UsageType(Unit {}) => Self::UsageType,
        })
    }
}

impl From<CostQuery> for messages::ReadCost {
    fn from(query: CostQuery) -> Self {
        Self {
            year: query.year,
            month: query.month,
            daily: query.daily,
            group_by: query.group_by.into_iter().map(Into::into).collect(),
            skip: 0,
        }
    }
}

impl TryFrom<messages::ReadCost> for CostQuery {
    type Error = InvalidField;

    fn try_from(query: messages::ReadCost) -> Result<Self, InvalidField> {
        if !(1..=12).contains(&query.month) {
            return Err(InvalidField("month"));
        }
        let group_by = query.group_by.into_iter().map(TryInto::try_into);
        Ok(Self {
            year: query.year,
            month: query.month,
            daily: query.daily,
            group_by: group_by.collect::<Result<_, _>>()?,
        })
    }
}

impl From<CostUnit> for messages::CostUnit {
    fn from(unit: CostUnit) -> Self {
        match unit {
            CostUnit::KeyMonths => Self::KeyMonths,
            CostUnit::Requests => Self::Requests,
        }
    }
}

impl TryFrom<messages::CostUnit> for CostUnit {
    type Error = InvalidField;

    fn try_from(unit: messages::CostUnit) -> Result<Self, InvalidField> {
        match unit {
            messages::CostUnit::Unspecified => Err(InvalidField("unit")),
            messages::CostUnit::KeyMonths => Ok(Self::KeyMonths),
            messages::CostUnit::Requests => Ok(Self::Requests),
        }
    }
}

impl From<CostLine> for messages::CostLine {
    fn from(line: CostLine) -> Self {
        Self {
            from_ms: line.from.as_millis(),
            to_ms: line.to.as_millis(),
            group: line.group,
            usage_type: line.usage_type,
            unit: messages::CostUnit::from(line.unit).into(),
            quantity_nano: line.quantity_nano,
            amount_nano: line.amount_nano,
        }
    }
}

impl TryFrom<messages::CostLine> for CostLine {
    type Error = InvalidField;

    fn try_from(line: messages::CostLine) -> Result<Self, InvalidField> {
        Ok(Self {
            unit: line.unit().try_into()?,
            from: Timestamp::from_millis(line.from_ms),
            to: Timestamp::from_millis(line.to_ms),
            group: line.group,
            usage_type: line.usage_type,
            quantity_nano: line.quantity_nano,
            amount_nano: line.amount_nano,
        })
    }
}

impl From<CostReport> for messages::CostLines {
    fn from(report: CostReport) -> Self {
        let lines = report.lines.into_iter().map(Into::into).collect();
        Self { complete: report.complete, lines, ..Self::default() }
    }
}

impl TryFrom<messages::CostLines> for CostReport {
    type Error = InvalidField;

    fn try_from(report: messages::CostLines) -> Result<Self, InvalidField> {
        let lines = report.lines.into_iter().map(TryInto::try_into);
        Ok(Self { complete: report.complete, lines: lines.collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use trent_types::Tag;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_question_for_usage_comes_back() {
        let granularities =
            [Granularity::Hourly, Granularity::Daily, Granularity::Monthly, Granularity::Total];
        for granularity in granularities {
            let query = UsageQuery {
                from: at(1),
                to: at(2),
                granularity,
                group_by: vec![
                    UsageDimension::Key,
                    UsageDimension::Principal,
                    UsageDimension::Operation,
                    UsageDimension::Error,
                    UsageDimension::Region,
                    UsageDimension::Tag("team".into()),
                ],
                filter: UsageFilter {
                    error: Some(String::new()),
                    tag: Some(Tag { key: "team".into(), value: String::new() }),
                    ..UsageFilter::default()
                },
                skip: 3,
                limit: 1000,
            };
            assert_eq!(messages::ReadUsage::from(&query).try_into(), Ok(query));
        }
        let unspecified = messages::ReadUsage::default();
        assert_eq!(UsageQuery::try_from(unspecified), Err(InvalidField("granularity")));
        let nothing = messages::UsageDimension { dimension: None };
        assert_eq!(UsageDimension::try_from(nothing), Err(InvalidField("dimension")));
    }

    #[test]
    fn rows_come_back() {
        let row = UsageRow {
            from: at(1),
            to: at(2),
            group: vec!["a".into(), String::new()],
            requests: u64::MAX,
            errors: 3,
        };
        let rows = vec![row];
        assert_eq!(Vec::<UsageRow>::from(messages::UsageRows::from(rows.clone())), rows);
    }

    #[test]
    fn a_question_for_cost_and_its_report_come_back() {
        let query = CostQuery {
            year: 2026,
            month: 12,
            daily: true,
            group_by: vec![
                CostDimension::Tag("team".into()),
                CostDimension::Key,
                CostDimension::Region,
                CostDimension::UsageType,
            ],
        };
        assert_eq!(messages::ReadCost::from(&query).try_into(), Ok(query.clone()));
        for month in [0, 13] {
            let message = messages::ReadCost { month, ..query.clone().into() };
            assert_eq!(CostQuery::try_from(message), Err(InvalidField("month")));
        }
        for unit in [CostUnit::KeyMonths, CostUnit::Requests] {
            let line = CostLine {
                from: at(1),
                to: at(2),
                group: vec![String::new()],
                usage_type: "us-east-1-KMS-Keys".into(),
                unit,
                quantity_nano: i64::MAX,
                amount_nano: -1,
            };
            let report = CostReport { complete: true, lines: vec![line] };
            assert_eq!(messages::CostLines::from(report.clone()).try_into(), Ok(report));
        }
        assert_eq!(CostLine::try_from(messages::CostLine::default()), Err(InvalidField("unit")));
    }
}
