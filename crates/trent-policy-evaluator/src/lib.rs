//! Answers Authorize and keeps the registry
