//! The tags of users, roles and policies: `TagUser`, `UntagRole`, `ListPolicyTags` and so on.

use trent_types::{IdentityChange, Tag};

use crate::error::{AwsError, Fault};
use crate::iam::answers::{answered, changed};
use crate::iam::kinds::{Tagged, operation};
use crate::iam::managed_policy::ManagedView;
use crate::iam::subject::Subject;
use crate::json::{Object, quote};
use crate::ports::Question;
use crate::query::fields::read;
use crate::query::page::{self, Page};
use crate::query::tags;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// `TagUser`, `TagRole` and `TagPolicy`: adds tags or overwrites their values.
pub(crate) struct AddTags<K>(pub(crate) K);

impl<K: Tagged> Steps for AddTags<K> {
    const NAME: &'static str = operation(K::TAG);
    const READ_ONLY: bool = false;
    type Input<'a> = (Subject, Vec<Tag>);

    fn decode<'a>(request: &Request<'a>) -> Result<(Subject, Vec<Tag>), AwsError> {
        read(request, |fields| {
            let subject = Subject::read::<K>(fields);
            let tags = tags::read(fields);
            fields.must_have("Tags", tags.as_ref());
            (subject, tags.unwrap_or_default())
        })
    }

    fn questions<'q>((subject, tags): &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![Question { conditions: tags::conditions(tags), ..subject.question(K::TAG) }]
    }

    fn parameters((subject, tags): &Self::Input<'_>, out: &mut Object<'_>) {
        subject.show(out);
        tags::show(out, tags);
    }

    async fn perform((subject, tags): &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let (entity, tags) = (subject.to_change(call).await?, tags.clone());
        Ok(changed(call, Self::NAME, IdentityChange::Tag { entity, tags }))
    }
}

/// `UntagUser`, `UntagRole` and `UntagPolicy`: removes tags.
pub(crate) struct RemoveTags<K>(pub(crate) K);

impl<K: Tagged> Steps for RemoveTags<K> {
    const NAME: &'static str = operation(K::UNTAG);
    const READ_ONLY: bool = false;
    type Input<'a> = (Subject, Vec<String>);

    fn decode<'a>(request: &Request<'a>) -> Result<(Subject, Vec<String>), AwsError> {
        read(request, |fields| {
            let subject = Subject::read::<K>(fields);
            let keys = tags::read_keys(fields);
            (subject, keys)
        })
    }

    fn questions<'q>((subject, keys): &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![Question { conditions: tags::key_condition(keys), ..subject.question(K::UNTAG) }]
    }

    fn parameters((subject, keys): &Self::Input<'_>, out: &mut Object<'_>) {
        subject.show(out);
        out.list("tagKeys", keys, |out, key| quote(out, key));
    }

    async fn perform((subject, keys): &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let (entity, tag_keys) = (subject.to_change(call).await?, keys.clone());
        Ok(changed(call, Self::NAME, IdentityChange::Untag { entity, tag_keys }))
    }
}

/// `ListUserTags`, `ListRoleTags` and `ListPolicyTags`: the tags in the order of their keys.
pub(crate) struct ListTags<K>(pub(crate) K);

impl<K: Tagged> Steps for ListTags<K> {
    const NAME: &'static str = operation(K::LIST_TAGS);
    const READ_ONLY: bool = true;
    type Input<'a> = (Subject, Page);

    fn decode<'a>(request: &Request<'a>) -> Result<(Subject, Page), AwsError> {
        read(request, |fields| {
            let subject = Subject::read::<K>(fields);
            let page = Page::read(fields);
            (subject, page)
        })
    }

    fn questions<'q>((subject, _): &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![subject.question(K::LIST_TAGS)]
    }

    fn parameters((subject, page): &Self::Input<'_>, out: &mut Object<'_>) {
        subject.show(out);
        page.parameters(out);
    }

    async fn perform((subject, page): &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let filter = &[subject.given()];
        let after = page.after(call, Self::NAME, filter)?;
        let all = match subject.of_aws() {
            // AWS's own policies have no tags.
            Some(_) => ManagedView::read(subject, call).await.map(|_| Vec::new())?,
            None => subject.view(call).await?.tags,
        };
        // By their place: a key can be longer than a marker.
        let all: Vec<_> = all.into_iter().enumerate().collect();
        let (tags, last) = page::cut(all, page, after.as_deref(), |(at, _)| format!("{at:03}"));
        let tags: Vec<Tag> = tags.into_iter().map(|(_, tag)| tag).collect();
        Ok(answered(call, Self::NAME, |out| {
            tags::elements(out, &tags);
            page::finish(out, call, Self::NAME, filter, last.as_deref());
        }))
    }
}
