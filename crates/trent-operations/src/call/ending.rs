//! How a request ends: its record, what is to be committed with it, and the answer.

use std::sync::Arc;

use trent_types::{AccountId, AuditRecord, Caller, ChangeRefused, EventId, Permit};

use super::{Attempts, Begun, shown_parameters};
use crate::error::{AwsError, ErrorCode};
use crate::json::Object;
use crate::ports::{AuthorizeError, ChangeError, PortFuture, Unavailable};
use crate::record::{Additional, Story};
use crate::request::Response;
use crate::steps::{Done, Steps};

/// Records on their way into the trail.
type HandedIn<'a> = PortFuture<'a, Result<(), Unavailable>>;

impl<'a> Attempts<'a> {
    /// Hands in the record of what was done without a change; the answer waits for that.
    pub(super) fn concluded<O: Steps>(
        &self,
        decoded: &Result<O::Input<'_>, AwsError>,
        begun: &Begun<'_>,
        done: Done,
    ) -> (HandedIn<'a>, Response) {
        let made = done.new_key.as_slice();
        let story = self.told::<O>(decoded, begun);
        let story = Story {
            keys: if made.is_empty() { story.keys } else { made },
            response: done.elements.as_deref(),
            additional: done.additional,
            ..story
        };
        let handed_in = self.hand_in(&story, &|out| shown_parameters::<O>(decoded, out));
        (handed_in, self.response(done.body))
    }

    /// Nobody is known to have asked, or nobody knows.
    pub(super) async fn unauthorized<O: Steps>(
        &self,
        decoded: &Result<O::Input<'_>, AwsError>,
        error: AuthorizeError,
    ) -> Response {
        let error = AwsError::from(error);
        let story = Story { error: Some(&error), ..self.story(O::NAME, O::READ_ONLY) };
        self.refused(&story, &error, &|out| shown_parameters::<O>(decoded, out)).await
    }

    pub(super) async fn failed<O: Steps>(
        &self,
        decoded: &Result<O::Input<'_>, AwsError>,
        begun: &Begun<'_>,
        error: &AwsError,
    ) -> Response {
        let story = Story { error: Some(error), ..self.told::<O>(decoded, begun) };
        self.refused(&story, error, &|out| shown_parameters::<O>(decoded, out)).await
    }

    /// Commits what is to change, with the record of what was done, and answers; only the caller
    /// when things changed meanwhile.
    pub(super) async fn commit<O: Steps>(
        &self,
        decoded: &Result<O::Input<'_>, AwsError>,
        begun: Begun<'_>,
        done: Done,
    ) -> Result<Response, Arc<Caller>> {
        let Begun { call, .. } = &begun;
        let parameters = |out: &mut Object<'_>| shown_parameters::<O>(decoded, out);
        let (Ok(input), Some(change)) = (decoded, done.change) else {
            return Ok(self.render(&AwsError::internal(&"a change that nobody asked for")));
        };
        let made = done.new_key.as_slice();
        let story = self.told::<O>(decoded, &begun);
        let story = Story {
            keys: if made.is_empty() { story.keys } else { made },
            response: done.elements.as_deref(),
            additional: done.additional,
            ..story
        };
        let permits: Vec<&Permit> = call.granted.iter().map(|granted| &granted.permit).collect();
        let (record, mut others) = self.records(&story, &parameters);
        others.extend(done.events);
        let id = self.request.request_id;
        let error = match self.ports.registry.change(id, &permits, change, record, others).await {
            Ok(()) => return Ok(self.response(done.body)),
            // The change may have been made, and its record with it: no second record may
            // contradict it.
            Err(ChangeError::Unavailable(
                cause @ (Unavailable::Away(_) | Unavailable::PermitExpired),
            )) => {
                return Ok(self.render(&cause.into()));
            }
            Err(ChangeError::Unavailable(cause @ Unavailable::Overloaded(_))) => cause.into(),
            Err(ChangeError::Refused(ChangeRefused::Conflict | ChangeRefused::NotPermitted(_))) => {
                return Err(begun.call.caller);
            }
            Err(ChangeError::Refused(reason)) => O::refused(input, call, reason),
        };
        let story = Story {
            error: Some(&error),
            response: None,
            additional: Additional::None,
            keys: if made.is_empty() { story.keys } else { &[] },
            ..story
        };
        Ok(self.refused(&story, &error, &parameters).await)
    }

    /// Records a failure and renders it; if the trail does not accept it, the answer is the
    /// retryable error.
    pub(super) async fn refused(
        &self,
        story: &Story<'_>,
        error: &AwsError,
        parameters: &dyn Fn(&mut Object<'_>),
    ) -> Response {
        match self.hand_in(story, parameters).await {
            Ok(()) => self.render(error),
            Err(unrecorded) => self.render(&unrecorded.into()),
        }
    }

    /// Hands the record and its copies to the trail; the caller's own comes last.
    pub(super) fn hand_in(
        &self,
        story: &Story<'_>,
        parameters: &dyn Fn(&mut Object<'_>),
    ) -> HandedIn<'a> {
        let (record, copies) = self.records(story, parameters);
        let audit = self.ports.audit;
        if copies.is_empty() {
            return audit.accept(record);
        }
        Box::pin(async move {
            for record in copies.into_iter().chain([record]) {
                audit.accept(record).await?;
            }
            Ok(())
        })
    }

    /// The record, and its copies: the owner of a key or role that another account's caller used
    /// gets one of its own; denied requests are the caller's account's alone.
    fn records(
        &self,
        story: &Story<'_>,
        parameters: &dyn Fn(&mut Object<'_>),
    ) -> (AuditRecord, Vec<AuditRecord>) {
        let denied = story.error.is_some_and(|error| error.code == ErrorCode::AccessDenied);
        let foreign = |owner: &AccountId| story.caller.is_some_and(|c| c.account != *owner);
        let of_keys = story.keys.iter().map(|key| key.account);
        let of_role = story.role.map(|(_, account)| account);
        let mut owners: Vec<_> = of_keys.chain(of_role).filter(foreign).collect();
        owners.dedup();
        if denied || owners.is_empty() {
            return (story.record(parameters), Vec::new());
        }
        let id = || EventId::new(self.request.received_at, self.ports.random.sixteen_bytes());
        let shared = Some(id());
        let copy = |owner| {
            Story { event_id: id(), recipient: Some(owner), shared, ..*story }.record(parameters)
        };
        let copies = owners.into_iter().map(copy).collect();
        (Story { shared, ..*story }.record(parameters), copies)
    }

    fn response(&self, body: Vec<u8>) -> Response {
        let content_type = self.request.service.content_type();
        Response { status: 200, content_type, body, error: None }
    }

    pub(super) fn render(&self, error: &AwsError) -> Response {
        error.render(self.request.service, &self.request.request_id.to_string())
    }
}
