//! `UpdateUser` and `UpdateGroup`: another name or path. Everything that belongs to it comes along.

use trent_types::IdentityChange;

use crate::error::{AwsError, Fault};
use crate::iam::answers::changed;
use crate::iam::kinds::{Renamed, operation};
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::{Question, Resource};
use crate::query::fields::read;
use crate::query::rule::{PATH, Rule};
use crate::request::Request;
use crate::rules::about;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct Rename<K>(pub(crate) K);

/// A validated request.
pub(crate) struct Input {
    subject: Subject,
    path: Option<String>,
    name: Option<String>,
}

impl<K: Renamed> Steps for Rename<K> {
    const NAME: &'static str = operation(K::UPDATE);
    const READ_ONLY: bool = false;
    type Input<'a> = Input;

    fn decode<'a>(request: &Request<'a>) -> Result<Input, AwsError> {
        read(request, |fields| Input {
            subject: Subject::read::<K>(fields),
            path: fields.text("NewPath", &PATH),
            name: fields.text(K::NEW_NAME, &Rule::name(K::NEW_NAME_MAX)),
        })
    }

    /// Whoever renames something must be allowed to do it to what it is and to what it will be
    /// (IAM User Guide, "Rename an IAM user").
    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let mut questions = vec![input.subject.question(K::UPDATE)];
        if input.path.is_some() || input.name.is_some() {
            let name = Some(input.name.as_deref().unwrap_or_else(|| input.subject.given()));
            let new_path = input.path.as_deref();
            let resource = Resource::Entity { kind: K::KIND, name, new_path };
            questions.push(about(K::UPDATE, resource));
        }
        questions
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        input.subject.show(out);
        out.text_if("newPath", input.path.as_deref());
        out.text_if(K::NEW_NAME_SHOWN, input.name.as_deref());
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let entity = input.subject.entity(call)?;
        let (name, path) = (input.name.clone(), input.path.clone());
        Ok(changed(call, Self::NAME, IdentityChange::Rename { entity, name, path }))
    }
}
