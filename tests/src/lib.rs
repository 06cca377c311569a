//! Trent through real AWS clients, in both forms.
