//! The query protocol of IAM and STS: form bodies, validation, pages and XML.

pub(crate) mod fields;
pub(crate) mod form;
pub(crate) mod page;
pub(crate) mod rule;
pub(crate) mod tags;
pub(crate) mod xml;
