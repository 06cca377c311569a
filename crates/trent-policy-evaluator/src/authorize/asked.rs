//! A question, taken apart and checked.

use trent_types::{Denied, EncryptionContext, MaterialId, Primitives, Question};

use super::Asker;
use super::caller_conditions::CallerConditions;
use super::conditions::Conditions;
use super::context_pairs::ContextPairs;
use super::grants::About;
use super::resolve::not_asked;

/// What a question asks beyond its resource.
pub(super) struct Asked<'a> {
    pub(super) action: &'a str,
    pub(super) primitives: Primitives,
    pub(super) material: Option<MaterialId>,
    pub(super) all_materials: bool,
    pub(super) encryption_context: Option<&'a EncryptionContext>,
    conditions: &'a [(String, Vec<String>)],
    pub(super) about: About<'a>,
}

impl<'a> Asked<'a> {
    /// Takes a question apart.
    pub(super) fn read(question: &'a Question<'a>) -> Result<Self, Denied> {
        let encryption_context = question.encryption_context;
        let about = About::of(&question.resource);
        if about.new_grant().is_some() && encryption_context.is_some_and(|one| !one.is_empty()) {
            return Err(not_asked("a grant is not made under an encryption context"));
        }
        Ok(Self {
            action: question.action,
            primitives: question.primitives,
            material: question.material,
            all_materials: question.all_materials,
            encryption_context,
            conditions: &question.conditions,
            about,
        })
    }

    /// What conditions on the encryption context see.
    pub(super) const fn context_pairs(&self) -> ContextPairs<'a> {
        match self.about.new_grant() {
            Some(terms) => ContextPairs::of_grant(terms),
            None => ContextPairs::of_context(self.encryption_context),
        }
    }

    /// The values of condition keys, the encryption context being these pairs.
    pub(super) fn conditions<'b>(
        &self,
        asker: &'b Asker<'_>,
        context_pairs: ContextPairs<'b>,
    ) -> Conditions<'b>
    where
        'a: 'b,
    {
        let caller = CallerConditions {
            caller: asker.who.caller,
            tags: asker.who.tags(),
            region: asker.region,
            now: asker.now,
            network: asker.network,
        };
        let longest = asker.who.longest_policy();
        Conditions::new(caller, self.action, longest, context_pairs, self.conditions)
            .on_same_key(asker.same_key)
    }
}
