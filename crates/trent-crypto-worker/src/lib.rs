//! Performs cryptographic orders under a Permit; no database
