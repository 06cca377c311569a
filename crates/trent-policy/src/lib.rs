//! Policy documents, conditions and the decision with its reason; pure, without I/O
