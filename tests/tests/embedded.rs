//! The scenarios against the embedded form.
use trent_testkit::Form;

trent_tests::scenarios!(Form::Embedded);
