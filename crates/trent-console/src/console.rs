//! Which file answers a request, and with which headers.

use bytes::Bytes;
use hyper::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, LOCATION, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};

use crate::assets::ASSETS;
use crate::coding::Coding;

/// Where the pages are.
const ROOT: &str = "/console";
const FACTS: &str = "deployment.json";
const PAGE: &str = "index.html";

/// Nothing comes from elsewhere, nothing inline runs, nobody frames it. Styles that scripts set
/// need no exception. `data:` images are icons of the design system's.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
    trusted-types 'none'";

/// One built file, in the forms in which it is sent.
pub(crate) struct Asset {
    /// Below the root, as in `assets/index-4f2c.js`.
    pub(crate) path: &'static str,
    pub(crate) media: &'static str,
    /// A part of the SHA-256 digest of its content, in hex.
    pub(crate) digest: &'static str,
    pub(crate) body: Body,
}

/// What is kept of a file.
pub(crate) enum Body {
    /// Compressed already, as fonts are.
    Plain(&'static [u8]),
    Coded {
        brotli: &'static [u8],
        gzip: &'static [u8],
    },
}

/// A file that is kept as it was built.
macro_rules! plain {
    ($path:literal, $media:literal, $digest:literal) => {
        Asset {
            path: $path,
            media: $media,
            digest: $digest,
            body: Body::Plain(include_bytes!(concat!("../assets/", $path))),
        }
    };
}

/// A file that is kept in both codings.
macro_rules! coded {
    ($path:literal, $media:literal, $digest:literal) => {
        Asset {
            path: $path,
            media: $media,
            digest: $digest,
            body: Body::Coded {
                brotli: include_bytes!(concat!("../assets/", $path, ".br")),
                gzip: include_bytes!(concat!("../assets/", $path, ".gz")),
            },
        }
    };
}

pub(crate) use {coded, plain};

/// The console of one deployment.
#[derive(Debug, Clone)]
pub struct Console {
    facts: Bytes,
}

impl Console {
    /// The console of a deployment that serves these Regions. The pages read them from
    /// `/console/deployment.json`, which anybody can: everybody who signs a request can try them.
    #[must_use]
    pub fn new<'a>(regions: impl IntoIterator<Item = &'a str>) -> Self {
        let regions: Vec<String> =
            regions.into_iter().map(|region| format!("\"{region}\"")).collect();
        let facts = format!("{{\"regions\":[{}]}}", regions.join(","));
        Self { facts: facts.into() }
    }

    /// The answer to a request for the console; `None` when the path is not the console's.
    #[must_use]
    pub fn answer(&self, request: &Parts) -> Option<Response<Bytes>> {
        let path = request.uri.path().strip_prefix(ROOT)?;
        let Some(path) = path.strip_prefix('/') else {
            return path.is_empty().then(|| redirect(request.uri.query()));
        };
        if request.method != Method::GET && request.method != Method::HEAD {
            let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return Some(response);
        }
        let mut response = self.find(path, &request.headers);
        if request.method == Method::HEAD {
            *response.body_mut() = Bytes::new();
        }
        Some(response)
    }

    fn find(&self, path: &str, headers: &HeaderMap) -> Response<Bytes> {
        if path == FACTS {
            let mut response = sent("application/json", "no-cache");
            *response.body_mut() = self.facts.clone();
            return response;
        }
        if let Some(asset) = ASSETS.iter().find(|asset| asset.path == path && path != PAGE) {
            return send(asset, headers);
        }
        // Built files have hashes in their names. A page of an older build asks for one that is not
        // there any more, and must not get a page instead.
        let page = ASSETS.iter().find(|asset| asset.path == PAGE && !path.starts_with("assets/"));
        page.map_or_else(|| empty(StatusCode::NOT_FOUND), |page| send(page, headers))
    }
}

fn send(asset: &Asset, headers: &HeaderMap) -> Response<Bytes> {
    let lasting = asset.path.starts_with("assets/");
    let caching = if lasting { "public, max-age=31536000, immutable" } else { "no-cache" };
    let (body, coding) = match asset.body {
        Body::Plain(body) => (body, None),
        Body::Coded { brotli, gzip } => {
            let accept = headers.get(ACCEPT_ENCODING).map(|value| value.to_str().unwrap_or(""));
            match Coding::choose(accept) {
                Some(Coding::Brotli) => (brotli, Some(Coding::Brotli)),
                Some(Coding::Gzip) => (gzip, Some(Coding::Gzip)),
                None => return empty(StatusCode::NOT_ACCEPTABLE),
            }
        }
    };
    let mut response = sent(asset.media, caching);
    let tag = match coding {
        Some(coding) => format!("\"{}-{}\"", asset.digest, coding.name()),
        None => format!("\"{}\"", asset.digest),
    };
    let known = headers.get_all(IF_NONE_MATCH).iter().any(|value| {
        let listed = value.to_str().unwrap_or_default().split(',').map(str::trim);
        listed.into_iter().any(|one| one == "*" || one.trim_start_matches("W/") == tag)
    });
    let set = response.headers_mut();
    set.insert(VARY, HeaderValue::from_static("accept-encoding"));
    // Cannot fail: hex digits, a hyphen and quotes are header text.
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        set.insert(ETAG, tag);
    }
    if known {
        set.remove(CONTENT_TYPE);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    if let Some(coding) = coding {
        set.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    *response.body_mut() = Bytes::from_static(body);
    response
}

fn sent(media: &'static str, caching: &'static str) -> Response<Bytes> {
    let mut response = empty(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    response
}

fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// To the root with its slash, below which relative names are looked for.
fn redirect(query: Option<&str>) -> Response<Bytes> {
    let mut response = empty(StatusCode::PERMANENT_REDIRECT);
    let target = match query {
        Some(query) => format!("{ROOT}/?{query}"),
        None => format!("{ROOT}/"),
    };
    // Cannot fail: a URI's query is header text.
    if let Ok(target) = HeaderValue::from_str(&target) {
        response.headers_mut().insert(LOCATION, target);
    }
    response
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn ask(method: &str, path: &str, headers: &[(&str, &str)]) -> Option<Response<Bytes>> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        Console::new(["us-east-1", "eu-west-1"]).answer(&parts)
    }

    fn header<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[test]
    fn paths_that_are_not_the_consoles_are_left_to_the_api() {
        for path in ["/", "/consoles", "/console.json", "/other/console/"] {
            assert!(ask("GET", path, &[]).is_none(), "{path}");
        }
    }

    #[test]
    fn every_path_of_the_pages_own_gets_the_page_under_a_strict_policy() {
        for path in ["/console/", "/console/123456789012/us-east-1/keys", "/console/index.html"] {
            let page = ask("GET", path, &[("accept-encoding", "br")]).unwrap();
            assert_eq!(page.status(), StatusCode::OK);
            assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
            assert_eq!(header(&page, "content-encoding"), "br");
            assert_eq!(header(&page, "cache-control"), "no-cache");
            assert!(!header(&page, "content-security-policy").contains("unsafe"));
            assert!(!page.body().is_empty());
        }
    }

    #[test]
    fn a_built_file_is_kept_for_ever_and_not_sent_twice() {
        let built = ASSETS.iter().find(|asset| asset.path.starts_with("assets/")).unwrap();
        let path = format!("/console/{}", built.path);
        let first = ask("GET", &path, &[]).unwrap();
        assert!(header(&first, "cache-control").contains("immutable"));
        let tag = header(&first, "etag");
        let again = ask("GET", &path, &[("if-none-match", tag)]).unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert!(again.body().is_empty());
    }

    #[test]
    fn a_file_of_another_build_is_not_found() {
        let gone = ask("GET", "/console/assets/index-gone.js", &[]).unwrap();
        assert_eq!(gone.status(), StatusCode::NOT_FOUND);
        assert!(gone.body().is_empty());
    }

    #[test]
    fn a_client_that_takes_no_coding_of_ours_is_told_so() {
        let refused = ask("GET", "/console/", &[("accept-encoding", "identity")]).unwrap();
        assert_eq!(refused.status(), StatusCode::NOT_ACCEPTABLE);
    }

    #[test]
    fn the_root_without_its_slash_is_moved_and_other_methods_are_refused() {
        let moved = ask("GET", "/console?a=1", &[]).unwrap();
        assert_eq!(header(&moved, "location"), "/console/?a=1");
        let refused = ask("POST", "/console/", &[]).unwrap();
        assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
        let head = ask("HEAD", "/console/", &[]).unwrap();
        assert_eq!((head.status(), head.body().len()), (StatusCode::OK, 0));
    }

    #[test]
    fn the_regions_of_the_deployment_can_be_read() {
        let facts = ask("GET", "/console/deployment.json", &[]).unwrap();
        assert_eq!(facts.body().as_ref(), br#"{"regions":["us-east-1","eu-west-1"]}"#);
    }
}
