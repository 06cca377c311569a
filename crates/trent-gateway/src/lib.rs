//! HTTP, the AWS protocols and the bus clients behind the operations' ports
