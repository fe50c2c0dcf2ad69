//! Writing to the API server: server-side apply under one field manager, and statuses.
//!
//! In: whole objects. Out: the server's answer. Never here: reading an object to write it back, but for
//! the list of finalizers.

use std::fmt::Debug;

use kube::api::{Api, Patch, PatchParams, PostParams};
use kube::{Resource, ResourceExt};
use operator_plan::names;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::Error;

/// The field manager's parameters. What others changed in our fields is put back.
fn parameters() -> PatchParams {
    PatchParams::apply(names::FIELD_MANAGER).force()
}

/// Applies a whole object.
pub(crate) async fn apply<K>(
    context: &Context,
    api: &Api<K>,
    kind: &'static str,
    object: &K,
) -> Result<(), Error>
where
    K: Resource<DynamicType = ()> + Clone + Debug + Serialize + DeserializeOwned,
{
    let name = object.name_any();
    let patch = with_type::<K>(object);
    context.metrics.count_write(kind);
    let patched = api.patch(&name, &parameters(), &Patch::Apply(patch)).await;
    patched.map(drop).map_err(|it| Error::Write {
        kind,
        name,
        source: Box::new(it),
    })
}

/// Creates an object that must not exist.
pub(crate) async fn create<K>(
    context: &Context,
    api: &Api<K>,
    kind: &'static str,
    object: &K,
) -> Result<(), Error>
where
    K: Resource + Clone + Debug + Serialize + DeserializeOwned,
{
    context.metrics.count_write(kind);
    let parameters = PostParams {
        field_manager: Some(names::FIELD_MANAGER.to_owned()),
        ..PostParams::default()
    };
    let created = api.create(&parameters, object).await;
    let name = object.name_any();
    created.map(drop).map_err(|it| Error::Write {
        kind,
        name,
        source: Box::new(it),
    })
}

/// Writes a status, if it says anything new.
pub(crate) async fn status<K, S>(
    context: &Context,
    api: &Api<K>,
    kind: &'static str,
    object: &K,
    old: Option<&S>,
    new: &S,
) -> Result<(), Error>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned,
    S: Serialize + PartialEq,
{
    if old == Some(new) {
        return Ok(());
    }
    match certain_status(context, api, kind, object, new).await {
        // It is gone, and so is whoever wanted to know.
        Err(Error::Write { source, .. }) if is_not_found(&source) => Ok(()),
        result => result,
    }
}

/// Writes a status. Fails if the object is gone, too: something depends on it.
pub(crate) async fn certain_status<K, S>(
    context: &Context,
    api: &Api<K>,
    kind: &'static str,
    object: &K,
    new: &S,
) -> Result<(), Error>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned,
    S: Serialize,
{
    context.assert_leading()?;
    let name = object.name_any();
    let patch = json!({
        "apiVersion": K::api_version(&()),
        "kind": K::kind(&()),
        // Another object under the name gets no status of this one.
        "metadata": {"name": name, "uid": object.uid()},
        "status": new,
    });
    context.metrics.count_write(kind);
    let patched = api
        .patch_status(&name, &parameters(), &Patch::Apply(patch))
        .await;
    patched.map(drop).map_err(|it| Error::Write {
        kind,
        name,
        source: Box::new(it),
    })
}

fn is_not_found(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(it) if it.is_not_found())
}

/// Adds or releases the finalizer. It is all that the operator writes of a resource itself.
///
/// It is released whoever has written it: server-side apply takes away only what is this manager's, and
/// somebody may have created the object from a copy.
pub(crate) async fn finalizer<K>(
    context: &Context,
    api: &Api<K>,
    kind: &'static str,
    object: &K,
    is_wanted: bool,
) -> Result<(), Error>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned,
{
    context.assert_leading()?;
    let name = object.name_any();
    context.metrics.count_write(kind);
    let patched = if is_wanted {
        let patch = json!({
            "apiVersion": K::api_version(&()),
            "kind": K::kind(&()),
            "metadata": {"name": name, "uid": object.uid(), "finalizers": [names::FINALIZER]},
        });
        api.patch(&name, &parameters(), &Patch::Apply(patch)).await
    } else {
        let others = object.finalizers().iter();
        let others: Vec<&String> = others.filter(|it| *it != names::FINALIZER).collect();
        // The list is replaced as a whole: only if it is still what was read.
        let patch = json!({"metadata": {
            "uid": object.uid(),
            "resourceVersion": object.resource_version(),
            "finalizers": others,
        }});
        let parameters = PatchParams {
            field_manager: Some(names::FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        api.patch(&name, &parameters, &Patch::Merge(patch)).await
    };
    match patched {
        Ok(_) => Ok(()),
        Err(it) if is_not_found(&it) && !is_wanted => Ok(()),
        Err(it) => Err(Error::Write {
            kind,
            name,
            source: Box::new(it),
        }),
    }
}

/// Server-side apply wants the type in the body.
fn with_type<K: Resource<DynamicType = ()> + Serialize>(object: &K) -> Value {
    let mut body = serde_json::to_value(object).expect("an object is plain data");
    if let Some(fields) = body.as_object_mut() {
        fields.insert("apiVersion".to_owned(), K::api_version(&()).into());
        fields.insert("kind".to_owned(), K::kind(&()).into());
    }
    body
}
