//! The scenarios against the distributed form.
use trent_testkit::Form;

trent_tests::scenarios!(Form::Distributed);
