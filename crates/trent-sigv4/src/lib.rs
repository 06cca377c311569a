//! Verifies AWS Signature Version 4; pure, without I/O
