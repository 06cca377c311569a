//! Content codings: what a client takes, and which of ours it gets (RFC 9110, section 12.5.3).

/// A coding that assets are kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Brotli,
    Gzip,
}

impl Coding {
    /// Its name in `Content-Encoding`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// The best coding for an `Accept-Encoding`; `None` when the client takes none of ours.
    /// Browsers offer Brotli over TLS only. Who says nothing takes anything, and gzip is what
    /// everybody has.
    pub(crate) fn choose(accept: Option<&str>) -> Option<Self> {
        let Some(accept) = accept else { return Some(Self::Gzip) };
        let quality = |wanted: Self| {
            let named = accept.split(',').map(item);
            let anything = accept.split(',').map(item).find(|(name, _)| *name == "*");
            named
                .into_iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted.name()))
                .or(anything)
                .map_or(0, |(_, quality)| quality)
        };
        let (brotli, gzip) = (quality(Self::Brotli), quality(Self::Gzip));
        match (brotli, gzip) {
            (0, 0) => None,
            (brotli, gzip) if brotli >= gzip => Some(Self::Brotli),
            _ => Some(Self::Gzip),
        }
    }
}

/// One item of the header: its name, and its weight in thousandths.
fn item(text: &str) -> (&str, u16) {
    let mut parts = text.split(';');
    let name = parts.next().unwrap_or_default().trim();
    let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map(str::trim);
    (name, weight.map_or(1000, thousandths))
}

/// A weight as in `0.5`; what is none counts as refused.
fn thousandths(weight: &str) -> u16 {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return 0;
    }
    let fraction = format!("{fraction:0<3}").parse().unwrap_or(0);
    match whole {
        "1" => 1000,
        "0" => fraction,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_coding_that_the_client_takes_is_chosen() {
        let cases = [
            (None, Some(Coding::Gzip)),
            (Some("gzip, deflate, br, zstd"), Some(Coding::Brotli)),
            (Some("gzip, deflate"), Some(Coding::Gzip)),
            (Some("br;q=0.2, gzip;q=0.8"), Some(Coding::Gzip)),
            (Some("br; q=0, *;q=0.1"), Some(Coding::Gzip)),
            (Some("*"), Some(Coding::Brotli)),
            (Some("GZIP"), Some(Coding::Gzip)),
            (Some("identity"), None),
            (Some("gzip;q=0, br;q=0.000"), None),
            (Some("gzip;q=nonsense"), None),
            (Some(""), None),
        ];
        for (accept, wanted) in cases {
            assert_eq!(Coding::choose(accept), wanted, "{accept:?}");
        }
    }
}
