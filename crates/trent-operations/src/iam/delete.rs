//! `DeleteUser`, `DeleteGroup`, `DeleteRole` and `DeletePolicy`: the end of what nothing belongs to
//! any more.

use trent_types::IdentityChange;

use crate::error::{AwsError, Fault};
use crate::iam::answers::changed;
use crate::iam::kinds::{Kind, operation};
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::read;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct Delete<K>(pub(crate) K);

impl<K: Kind> Steps for Delete<K> {
    const NAME: &'static str = operation(K::DELETE);
    const READ_ONLY: bool = false;
    type Input<'a> = Subject;

    fn decode<'a>(request: &Request<'a>) -> Result<Subject, AwsError> {
        read(request, Subject::read::<K>)
    }

    fn questions<'q>(subject: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![subject.question(K::DELETE)]
    }

    fn parameters(subject: &Self::Input<'_>, out: &mut Object<'_>) {
        subject.show(out);
    }

    async fn perform(subject: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let entity = subject.to_change(call).await?;
        Ok(changed(call, Self::NAME, IdentityChange::Delete(entity)))
    }
}
