//! Hash chain, batches, journal and their verification
