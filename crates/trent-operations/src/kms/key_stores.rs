//! The operations on custom key stores, which are not served: authenticated, refused and recorded.

use crate::call::Attempts;
use crate::decode::{Integer, Text, body, shape};
use crate::error::{AwsError, ErrorCode};
use crate::json::Object;
use crate::operation::Operation;
use crate::ports::{PortFuture, Ports};
use crate::request::{Request, Response};

/// One of the operations, by its name.
pub(crate) struct OnKeyStore(pub(crate) &'static str);

shape! {
    /// What a record shows of the requests. Passwords, certificates and the credentials of external
    /// key stores are not read at all.
    KeyStoreShape<'a> {
        id: "CustomKeyStoreId" => Text<'a>,
        name: "CustomKeyStoreName" => Text<'a>,
        new_name: "NewCustomKeyStoreName" => Text<'a>,
        cluster: "CloudHsmClusterId" => Text<'a>,
        kind: "CustomKeyStoreType" => Text<'a>,
        endpoint: "XksProxyUriEndpoint" => Text<'a>,
        path: "XksProxyUriPath" => Text<'a>,
        vpc_service: "XksProxyVpcEndpointServiceName" => Text<'a>,
        connectivity: "XksProxyConnectivity" => Text<'a>,
        limit: "Limit" => Integer,
        marker: "Marker" => Text<'a>,
    }
}

impl Operation for OnKeyStore {
    fn name(&self) -> &'static str {
        self.0
    }

    fn read_only(&self) -> bool {
        self.0.starts_with("Describe")
    }

    fn served(&self) -> bool {
        false
    }

    fn run<'a>(
        &'a self,
        request: &'a Request<'a>,
        ports: &'a Ports<'a>,
    ) -> PortFuture<'a, Response> {
        let error = AwsError::bare(ErrorCode::UnsupportedOperation);
        Box::pin(async move {
            let shape: KeyStoreShape<'a> = body(request.body).unwrap_or_default();
            let show = |out: &mut Object<'_>| show(&shape, out);
            Attempts::of(request, ports).refuse_authenticated(self, error, &show).await
        })
    }
}

fn show(shape: &KeyStoreShape<'_>, out: &mut Object<'_>) {
    for (name, value) in [
        ("customKeyStoreId", &shape.id),
        ("customKeyStoreName", &shape.name),
        ("newCustomKeyStoreName", &shape.new_name),
        ("clusterId", &shape.cluster),
        ("customKeyStoreType", &shape.kind),
        ("xksProxyUriEndpoint", &shape.endpoint),
        ("xksProxyUriPath", &shape.path),
        ("xksProxyVpcEndpointServiceName", &shape.vpc_service),
        ("xksProxyConnectivity", &shape.connectivity),
    ] {
        out.text_if(name, value.as_deref());
    }
    if let Some(limit) = shape.limit {
        out.number("limit", limit.0);
    }
    out.text_if("marker", shape.marker.as_deref());
}
