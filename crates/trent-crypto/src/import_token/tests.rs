//! Tests of `import_token`.
