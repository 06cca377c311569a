//! The URL of the bus: to whom, with which credentials, and whether TLS may be missing.

use std::net::IpAddr;

use async_nats::{ConnectOptions, ServerAddr};

use super::{NatsError, NatsOptions};

/// The servers without their credentials, which then cannot end up in a log, and options that have
/// them.
pub(super) fn servers(
    url: &str,
    configured: &NatsOptions,
) -> Result<(Vec<ServerAddr>, ConnectOptions), NatsError> {
    let unusable = |_| NatsError::Configuration("the URL is malformed".into());
    let mut options = ConnectOptions::new();
    let mut servers = Vec::new();
    for part in url.split(',') {
        let server: ServerAddr = part.trim().parse().map_err(unusable)?;
        let plain = configured.tls.is_none() && !server.tls_required();
        if plain && !configured.insecure_transport {
            if !is_loopback(server.host()) {
                return Err(NatsError::Insecure(server.host().to_owned()));
            }
            // A server may name others, to connect to when it goes: those would not be checked.
            options = options.ignore_discovered_servers();
        }
        if servers.is_empty()
            && let Some(user) = server.username()
        {
            let password = percent_decoded(server.password().unwrap_or_default());
            options = options.user_and_password(percent_decoded(user), password);
        }
        let mut bare = server.into_inner();
        // Cannot fail: these URLs have a host.
        let _ = bare.set_username("");
        let _ = bare.set_password(None);
        servers.push(ServerAddr::from_url(bare).map_err(unusable)?);
    }
    Ok((servers, options))
}

/// Whether what is sent to this host stays on this one.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse().is_ok_and(|address: IpAddr| address.to_canonical().is_loopback())
}

/// The text behind a URL's user or password (RFC 3986, section 2.1).
fn percent_decoded(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        let digits = tail.first_chunk::<2>().and_then(|two| std::str::from_utf8(two).ok());
        let code = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        match code {
            Some(code) if first == b'%' => {
                decoded.push(code);
                rest = tail.get(2..).unwrap_or_default();
            }
            Some(_) | None => decoded.push(first),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nats::NatsTls;

    #[test]
    fn credentials_are_read_and_percent_decoded() {
        assert_eq!(percent_decoded("a%2Fb%40c"), "a/b@c");
        assert_eq!(percent_decoded("100%"), "100%");
        assert_eq!(percent_decoded("%zz"), "%zz");
    }

    #[test]
    fn server_addresses_lose_their_credentials() {
        let url = "nats://gateway:s3cret@localhost:4222,nats://127.0.0.2:4222";
        let (servers, _) = servers(url, &NatsOptions::default()).unwrap();
        assert_eq!(servers.len(), 2);
        assert!(servers.iter().all(|server| !format!("{server:?}").contains("s3cret")));
        assert!(super::servers("http://[", &NatsOptions::default()).is_err());
    }

    #[test]
    fn without_tls_only_this_host_is_spoken_to_unless_that_is_allowed() {
        let plain = NatsOptions::default();
        for here in [
            "nats://127.0.0.1:4222",
            "nats://127.8.9.1",
            "nats://localhost",
            "nats://LOCALHOST:1",
            "nats://[::1]:4222",
            "nats://[::ffff:127.0.0.1]:4222",
            "tls://nats:4222",
        ] {
            assert!(plain.check(here).is_ok(), "{here}");
        }
        let elsewhere = [
            "nats://nats:4222",
            "nats://u:s3cret@192.0.2.1:4222",
            "nats://0.0.0.0",
            "nats://localhost.example.com",
            "nats://127.0.0.1.example.com",
            "nats://[2001:db8::1]:4222",
            "nats://127.0.0.1,nats://nats",
            "nats",
        ];
        for url in elsewhere {
            let refused = plain.check(url).unwrap_err();
            assert!(!refused.may_pass());
            let text = refused.to_string();
            assert!(text.contains("without TLS is refused") && !text.contains("s3cret"), "{text}");
        }
        let tls = NatsTls { authority: "ca.pem".into(), identity: None };
        let secure = NatsOptions { tls: Some(tls), ..NatsOptions::default() };
        let allowed = NatsOptions { insecure_transport: true, ..NatsOptions::default() };
        for url in elsewhere {
            assert!(secure.check(url).is_ok() && allowed.check(url).is_ok(), "{url}");
        }
    }
}
