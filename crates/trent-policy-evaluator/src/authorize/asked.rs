//! A question, taken apart and checked.

use trent_bus::convert;
use trent_bus::messages::question::Resource;
use trent_bus::messages::{self, ConditionValue, ContextPair, Denied};
use trent_types::{EncryptionContext, MaterialId, Primitives};

use super::Asker;
use super::caller_conditions::CallerConditions;
use super::conditions::Conditions;
use super::grants::{self, About};
use super::resolve::not_asked;

/// What a question asks beyond its action and resource.
pub(super) struct Asked {
    pub(super) action: String,
    pub(super) primitives: Primitives,
    pub(super) material: Option<MaterialId>,
    pub(super) all_materials: bool,
    /// What conditions on the encryption context see.
    pub(super) context_pairs: Vec<ContextPair>,
    pub(super) encryption_context: EncryptionContext,
    pub(super) conditions: Vec<ConditionValue>,
    pub(super) about: About,
}

impl Asked {
    /// Takes a question apart.
    pub(super) fn read(question: messages::Question) -> Result<(Self, Resource), Denied> {
        let messages::Question {
            action,
            primitives,
            material_id,
            all_materials,
            encryption_context,
            conditions,
            ..
        } = question;
        let material = match material_id.as_ref() {
            [] => None,
            id => match convert::material_id(id, "material_id") {
                Ok(id) => Some(id),
                Err(_) => return Err(not_asked("the material id is malformed")),
            },
        };
        let Some(resource) = question.resource else {
            return Err(not_asked("the question is about nothing"));
        };
        // Sorted, as every gateway sends them, none can come twice: conditions would see one value
        // and the Permit be bound to another.
        if !encryption_context.is_sorted_by(|one, next| one.key < next.key) {
            return Err(not_asked("the encryption context is not sorted"));
        }
        let (resource, about) = About::read(resource)?;
        let context_pairs = match about.new_grant() {
            Some(_) if !encryption_context.is_empty() => {
                return Err(not_asked("a grant is not made under an encryption context"));
            }
            Some(terms) => grants::constraint_pairs(terms),
            None => encryption_context.clone(),
        };
        let encryption_context = convert::encryption_context(encryption_context);
        let primitives = Primitives::from_bits(primitives);
        let asked = Self {
            action,
            primitives,
            material,
            all_materials,
            context_pairs,
            encryption_context,
            conditions,
            about,
        };
        Ok((asked, resource))
    }

    /// The values of condition keys, the encryption context being these pairs.
    pub(super) fn conditions<'a>(
        &'a self,
        asker: &'a Asker<'_>,
        context_pairs: &'a [ContextPair],
    ) -> Conditions<'a> {
        let caller = CallerConditions {
            caller: asker.who.caller,
            tags: asker.who.tags(),
            region: asker.region,
            now: asker.now,
            network: asker.network,
        };
        let longest = asker.who.longest_policy();
        Conditions::new(caller, &self.action, longest, context_pairs, &self.conditions)
            .on_same_key(asker.same_key)
    }
}
