//! What answers on the API's port beside the API: pages that are no operation, need no signature
//! and change nothing. They are counted, and not recorded.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::http::request::Parts;

/// Answers a request that is for a page; `None` when it is the API's. It must not wait.
pub type Pages = Arc<dyn Fn(&Parts) -> Option<Response<Bytes>> + Send + Sync>;

/// What pages are counted as.
pub(crate) const CONSOLE: &str = "Console";

/// The page that a request is for. Nearly every request is a POST to the root, and the API's.
pub(crate) fn answer(pages: Option<&Pages>, head: &Parts) -> Option<Response<Full<Bytes>>> {
    if head.uri.path() == "/" {
        return None;
    }
    pages.and_then(|pages| pages(head)).map(|page| page.map(Full::new))
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    #[test]
    fn pages_are_asked_for_every_path_but_the_apis() {
        let pages: Pages = Arc::new(|_| Some(Response::new(Bytes::from_static(b"page"))));
        let asked = |path: &str, pages: Option<&Pages>| {
            let (head, ()) = Request::builder().uri(path).body(()).unwrap().into_parts();
            answer(pages, &head).is_some()
        };
        assert!(asked("/console/", Some(&pages)));
        assert!(!asked("/", Some(&pages)));
        assert!(!asked("/?x=1", Some(&pages)));
        assert!(!asked("/console/", None));
    }
}
