//! The built files; written by `web/scripts/embed.mjs`, which makes this and `assets/` anew.

use crate::console::{Asset, Body};

/// Every file, in the order of their paths.
#[rustfmt::skip]
pub(crate) const ASSETS: &[Asset] = &[
    Asset {
        path: "assets/attribute-editor-BpzM-sLE.css",
        media: "text/css; charset=utf-8",
        digest: "0ae3e9563bc052bf",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/attribute-editor-BpzM-sLE.css.br"),
            gzip: include_bytes!("../assets/assets/attribute-editor-BpzM-sLE.css.gz"),
        },
    },
    Asset {
        path: "assets/attribute-editor-ImlnuBhe.js",
        media: "text/javascript; charset=utf-8",
        digest: "ea04ed060e5d27d3",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/attribute-editor-ImlnuBhe.js.br"),
            gzip: include_bytes!("../assets/assets/attribute-editor-ImlnuBhe.js.gz"),
        },
    },
    Asset {
        path: "assets/audit-DtpcOQHc.js",
        media: "text/javascript; charset=utf-8",
        digest: "6452a2f805527d14",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/audit-DtpcOQHc.js.br"),
            gzip: include_bytes!("../assets/assets/audit-DtpcOQHc.js.gz"),
        },
    },
    Asset {
        path: "assets/audit-MEYkfYPW.js",
        media: "text/javascript; charset=utf-8",
        digest: "38bda88217464427",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/audit-MEYkfYPW.js.br"),
            gzip: include_bytes!("../assets/assets/audit-MEYkfYPW.js.gz"),
        },
    },
    Asset {
        path: "assets/aws-key-list-BKps8zlV.js",
        media: "text/javascript; charset=utf-8",
        digest: "9ef87f9b159ddf30",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/aws-key-list-BKps8zlV.js.br"),
            gzip: include_bytes!("../assets/assets/aws-key-list-BKps8zlV.js.gz"),
        },
    },
    Asset {
        path: "assets/checkbox-Q95hxn3J.js",
        media: "text/javascript; charset=utf-8",
        digest: "fba8e59f791bbe87",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/checkbox-Q95hxn3J.js.br"),
            gzip: include_bytes!("../assets/assets/checkbox-Q95hxn3J.js.gz"),
        },
    },
    Asset {
        path: "assets/create-Dg43ofnk.js",
        media: "text/javascript; charset=utf-8",
        digest: "1ae869f12f46827e",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/create-Dg43ofnk.js.br"),
            gzip: include_bytes!("../assets/assets/create-Dg43ofnk.js.gz"),
        },
    },
    Asset {
        path: "assets/create-choices-BQvoNzPj.js",
        media: "text/javascript; charset=utf-8",
        digest: "7d84da26aa3dc84c",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/create-choices-BQvoNzPj.js.br"),
            gzip: include_bytes!("../assets/assets/create-choices-BQvoNzPj.js.gz"),
        },
    },
    Asset {
        path: "assets/create-key-CqwFBrzF.css",
        media: "text/css; charset=utf-8",
        digest: "ea05f50a4fb3f20a",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/create-key-CqwFBrzF.css.br"),
            gzip: include_bytes!("../assets/assets/create-key-CqwFBrzF.css.gz"),
        },
    },
    Asset {
        path: "assets/create-key-DXps85PR.js",
        media: "text/javascript; charset=utf-8",
        digest: "c1ab3cc71a18b02e",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/create-key-DXps85PR.js.br"),
            gzip: include_bytes!("../assets/assets/create-key-DXps85PR.js.gz"),
        },
    },
    Asset {
        path: "assets/dialog-JB-dgqCX.js",
        media: "text/javascript; charset=utf-8",
        digest: "a868c0384026faf2",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/dialog-JB-dgqCX.js.br"),
            gzip: include_bytes!("../assets/assets/dialog-JB-dgqCX.js.gz"),
        },
    },
    Asset {
        path: "assets/download-B_QBLW-3.js",
        media: "text/javascript; charset=utf-8",
        digest: "06b4267de084d136",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/download-B_QBLW-3.js.br"),
            gzip: include_bytes!("../assets/assets/download-B_QBLW-3.js.gz"),
        },
    },
    Asset {
        path: "assets/event-table-DmWi93h-.js",
        media: "text/javascript; charset=utf-8",
        digest: "286a486239ccc344",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/event-table-DmWi93h-.js.br"),
            gzip: include_bytes!("../assets/assets/event-table-DmWi93h-.js.gz"),
        },
    },
    Asset {
        path: "assets/format-BtL0Ghse.js",
        media: "text/javascript; charset=utf-8",
        digest: "f0042add6f11f3d6",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/format-BtL0Ghse.js.br"),
            gzip: include_bytes!("../assets/assets/format-BtL0Ghse.js.gz"),
        },
    },
    Asset {
        path: "assets/getTimezoneOffsetInMilliseconds-BUm4Uv-U.js",
        media: "text/javascript; charset=utf-8",
        digest: "c484695dc920942c",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/getTimezoneOffsetInMilliseconds-BUm4Uv-U.js.br"),
            gzip: include_bytes!("../assets/assets/getTimezoneOffsetInMilliseconds-BUm4Uv-U.js.gz"),
        },
    },
    Asset {
        path: "assets/grants-C1NPv8c6.js",
        media: "text/javascript; charset=utf-8",
        digest: "d75bc20985c884a7",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/grants-C1NPv8c6.js.br"),
            gzip: include_bytes!("../assets/assets/grants-C1NPv8c6.js.gz"),
        },
    },
    Asset {
        path: "assets/import-material-DcYvWCTX.js",
        media: "text/javascript; charset=utf-8",
        digest: "aa87b7fec7c32096",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/import-material-DcYvWCTX.js.br"),
            gzip: include_bytes!("../assets/assets/import-material-DcYvWCTX.js.gz"),
        },
    },
    Asset {
        path: "assets/import-material-Fk9GCmAF.css",
        media: "text/css; charset=utf-8",
        digest: "e053f570942ac8a6",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/import-material-Fk9GCmAF.css.br"),
            gzip: include_bytes!("../assets/assets/import-material-Fk9GCmAF.css.gz"),
        },
    },
    Asset {
        path: "assets/index-BoGaUEQc.css",
        media: "text/css; charset=utf-8",
        digest: "0bc28253692ffc5a",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/index-BoGaUEQc.css.br"),
            gzip: include_bytes!("../assets/assets/index-BoGaUEQc.css.gz"),
        },
    },
    Asset {
        path: "assets/index-BzRP-pOY.js",
        media: "text/javascript; charset=utf-8",
        digest: "23b0b40216bb76c0",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/index-BzRP-pOY.js.br"),
            gzip: include_bytes!("../assets/assets/index-BzRP-pOY.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-B4sS78v_.js",
        media: "text/javascript; charset=utf-8",
        digest: "31b4d127373edc4b",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-B4sS78v_.js.br"),
            gzip: include_bytes!("../assets/assets/internal-B4sS78v_.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-B78nsBHU.css",
        media: "text/css; charset=utf-8",
        digest: "e210d984e133c10b",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-B78nsBHU.css.br"),
            gzip: include_bytes!("../assets/assets/internal-B78nsBHU.css.gz"),
        },
    },
    Asset {
        path: "assets/internal-BJ12Iu3H.js",
        media: "text/javascript; charset=utf-8",
        digest: "c35e92eb2effc342",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-BJ12Iu3H.js.br"),
            gzip: include_bytes!("../assets/assets/internal-BJ12Iu3H.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-CL5EytvJ.js",
        media: "text/javascript; charset=utf-8",
        digest: "34f9a9272c953d43",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-CL5EytvJ.js.br"),
            gzip: include_bytes!("../assets/assets/internal-CL5EytvJ.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-ChaLwTr8.css",
        media: "text/css; charset=utf-8",
        digest: "97d278da4fb06941",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-ChaLwTr8.css.br"),
            gzip: include_bytes!("../assets/assets/internal-ChaLwTr8.css.gz"),
        },
    },
    Asset {
        path: "assets/internal-CpWNIcPd.js",
        media: "text/javascript; charset=utf-8",
        digest: "72f1138d7e50c796",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-CpWNIcPd.js.br"),
            gzip: include_bytes!("../assets/assets/internal-CpWNIcPd.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-DWZiHbEe.css",
        media: "text/css; charset=utf-8",
        digest: "c7e08ee8f77cc59c",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-DWZiHbEe.css.br"),
            gzip: include_bytes!("../assets/assets/internal-DWZiHbEe.css.gz"),
        },
    },
    Asset {
        path: "assets/internal-DhiH9omz.css",
        media: "text/css; charset=utf-8",
        digest: "0252fcb1722fdb82",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-DhiH9omz.css.br"),
            gzip: include_bytes!("../assets/assets/internal-DhiH9omz.css.gz"),
        },
    },
    Asset {
        path: "assets/internal-DjxYGppJ.js",
        media: "text/javascript; charset=utf-8",
        digest: "425aca4745fe655c",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-DjxYGppJ.js.br"),
            gzip: include_bytes!("../assets/assets/internal-DjxYGppJ.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-DoTuh15s.js",
        media: "text/javascript; charset=utf-8",
        digest: "5957ea4bbe00e9a0",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-DoTuh15s.js.br"),
            gzip: include_bytes!("../assets/assets/internal-DoTuh15s.js.gz"),
        },
    },
    Asset {
        path: "assets/json-place-CcXWZPhS.js",
        media: "text/javascript; charset=utf-8",
        digest: "825255cb6e0c38f1",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/json-place-CcXWZPhS.js.br"),
            gzip: include_bytes!("../assets/assets/json-place-CcXWZPhS.js.gz"),
        },
    },
    Asset {
        path: "assets/key-DZRZdq82.js",
        media: "text/javascript; charset=utf-8",
        digest: "01dfdec12e55fc5d",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-DZRZdq82.js.br"),
            gzip: include_bytes!("../assets/assets/key-DZRZdq82.js.gz"),
        },
    },
    Asset {
        path: "assets/key-actions-CTRQuyd5.js",
        media: "text/javascript; charset=utf-8",
        digest: "e24c4d2ebcf9c56b",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-actions-CTRQuyd5.js.br"),
            gzip: include_bytes!("../assets/assets/key-actions-CTRQuyd5.js.gz"),
        },
    },
    Asset {
        path: "assets/key-filter-BGfh7M0s.js",
        media: "text/javascript; charset=utf-8",
        digest: "fe09ec5663626f3e",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-filter-BGfh7M0s.js.br"),
            gzip: include_bytes!("../assets/assets/key-filter-BGfh7M0s.js.gz"),
        },
    },
    Asset {
        path: "assets/key-list-duUGtcPD.js",
        media: "text/javascript; charset=utf-8",
        digest: "ca1aec962e238c2d",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-list-duUGtcPD.js.br"),
            gzip: include_bytes!("../assets/assets/key-list-duUGtcPD.js.gz"),
        },
    },
    Asset {
        path: "assets/key-table-DA_mB6Ri.css",
        media: "text/css; charset=utf-8",
        digest: "cea7c18bf04221a2",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-table-DA_mB6Ri.css.br"),
            gzip: include_bytes!("../assets/assets/key-table-DA_mB6Ri.css.gz"),
        },
    },
    Asset {
        path: "assets/key-table-DG2juO7p.js",
        media: "text/javascript; charset=utf-8",
        digest: "1a2789e1d926c62f",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-table-DG2juO7p.js.br"),
            gzip: include_bytes!("../assets/assets/key-table-DG2juO7p.js.gz"),
        },
    },
    Asset {
        path: "assets/keys-De5Fb07g.js",
        media: "text/javascript; charset=utf-8",
        digest: "5df919f02d07d8df",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/keys-De5Fb07g.js.br"),
            gzip: include_bytes!("../assets/assets/keys-De5Fb07g.js.gz"),
        },
    },
    Asset {
        path: "assets/link-DalKFT5U.js",
        media: "text/javascript; charset=utf-8",
        digest: "96f4d4f5dfb66475",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/link-DalKFT5U.js.br"),
            gzip: include_bytes!("../assets/assets/link-DalKFT5U.js.gz"),
        },
    },
    Asset {
        path: "assets/multiselect-UdvFgor_.js",
        media: "text/javascript; charset=utf-8",
        digest: "5f59766ef8f57c42",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/multiselect-UdvFgor_.js.br"),
            gzip: include_bytes!("../assets/assets/multiselect-UdvFgor_.js.gz"),
        },
    },
    Asset {
        path: "assets/open-sans--OywRxA2.woff2",
        media: "font/woff2",
        digest: "f27408b033a0195d",
        body: Body::Plain(include_bytes!("../assets/assets/open-sans--OywRxA2.woff2")),
    },
    Asset {
        path: "assets/open-sans-BCo7LFYr.woff2",
        media: "font/woff2",
        digest: "a61d67250a5c3664",
        body: Body::Plain(include_bytes!("../assets/assets/open-sans-BCo7LFYr.woff2")),
    },
    Asset {
        path: "assets/open-sans-Bp6Iyw4y.woff2",
        media: "font/woff2",
        digest: "ccb47554127f48bd",
        body: Body::Plain(include_bytes!("../assets/assets/open-sans-Bp6Iyw4y.woff2")),
    },
    Asset {
        path: "assets/open-sans-C3ShPf9p.woff2",
        media: "font/woff2",
        digest: "ac74d7d0323d2383",
        body: Body::Plain(include_bytes!("../assets/assets/open-sans-C3ShPf9p.woff2")),
    },
    Asset {
        path: "assets/open-sans-CXM7C10U.woff2",
        media: "font/woff2",
        digest: "cce577471c2586f3",
        body: Body::Plain(include_bytes!("../assets/assets/open-sans-CXM7C10U.woff2")),
    },
    Asset {
        path: "assets/open-sans-Cb6GEM5r.woff2",
        media: "font/woff2",
        digest: "3131314786063c25",
        body: Body::Plain(include_bytes!("../assets/assets/open-sans-Cb6GEM5r.woff2")),
    },
    Asset {
        path: "assets/open-sans-Df0EaQCE.woff2",
        media: "font/woff2",
        digest: "c9955557c047d44a",
        body: Body::Plain(include_bytes!("../assets/assets/open-sans-Df0EaQCE.woff2")),
    },
    Asset {
        path: "assets/open-sans-cdvqepxH.woff2",
        media: "font/woff2",
        digest: "b9c7e941368e9ad2",
        body: Body::Plain(include_bytes!("../assets/assets/open-sans-cdvqepxH.woff2")),
    },
    Asset {
        path: "assets/pagination-BbZ5MWvt.css",
        media: "text/css; charset=utf-8",
        digest: "c7d5de0848010907",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/pagination-BbZ5MWvt.css.br"),
            gzip: include_bytes!("../assets/assets/pagination-BbZ5MWvt.css.gz"),
        },
    },
    Asset {
        path: "assets/pagination-CsDbz3br.js",
        media: "text/javascript; charset=utf-8",
        digest: "161f277cecaeae72",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/pagination-CsDbz3br.js.br"),
            gzip: include_bytes!("../assets/assets/pagination-CsDbz3br.js.gz"),
        },
    },
    Asset {
        path: "assets/principal-BZtLbk5A.js",
        media: "text/javascript; charset=utf-8",
        digest: "535de86734b52354",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/principal-BZtLbk5A.js.br"),
            gzip: include_bytes!("../assets/assets/principal-BZtLbk5A.js.gz"),
        },
    },
    Asset {
        path: "assets/principals-Dhhe6lc0.js",
        media: "text/javascript; charset=utf-8",
        digest: "56867124ad5a0bbb",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/principals-Dhhe6lc0.js.br"),
            gzip: include_bytes!("../assets/assets/principals-Dhhe6lc0.js.gz"),
        },
    },
    Asset {
        path: "assets/quotas-GZQGHm1T.js",
        media: "text/javascript; charset=utf-8",
        digest: "b6536f67f2553819",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/quotas-GZQGHm1T.js.br"),
            gzip: include_bytes!("../assets/assets/quotas-GZQGHm1T.js.gz"),
        },
    },
    Asset {
        path: "assets/radio-group-DBreposr.js",
        media: "text/javascript; charset=utf-8",
        digest: "7f44b5b1d44f1e21",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/radio-group-DBreposr.js.br"),
            gzip: include_bytes!("../assets/assets/radio-group-DBreposr.js.gz"),
        },
    },
    Asset {
        path: "assets/regions-BqOp8E1L.js",
        media: "text/javascript; charset=utf-8",
        digest: "c4904ab785f29f3d",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/regions-BqOp8E1L.js.br"),
            gzip: include_bytes!("../assets/assets/regions-BqOp8E1L.js.gz"),
        },
    },
    Asset {
        path: "assets/rotation-dIceAevy.js",
        media: "text/javascript; charset=utf-8",
        digest: "c82680d8f29451d9",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/rotation-dIceAevy.js.br"),
            gzip: include_bytes!("../assets/assets/rotation-dIceAevy.js.gz"),
        },
    },
    Asset {
        path: "assets/segmented-control-BcvP5wIF.css",
        media: "text/css; charset=utf-8",
        digest: "b99eacebfe558fdf",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/segmented-control-BcvP5wIF.css.br"),
            gzip: include_bytes!("../assets/assets/segmented-control-BcvP5wIF.css.gz"),
        },
    },
    Asset {
        path: "assets/segmented-control-FT8YkRY8.js",
        media: "text/javascript; charset=utf-8",
        digest: "207553eddd46bb34",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/segmented-control-FT8YkRY8.js.br"),
            gzip: include_bytes!("../assets/assets/segmented-control-FT8YkRY8.js.gz"),
        },
    },
    Asset {
        path: "assets/tabs-BxJrKnMX.css",
        media: "text/css; charset=utf-8",
        digest: "5446aa9eb4a4cde6",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/tabs-BxJrKnMX.css.br"),
            gzip: include_bytes!("../assets/assets/tabs-BxJrKnMX.css.gz"),
        },
    },
    Asset {
        path: "assets/tabs-Dd8ZPcoE.js",
        media: "text/javascript; charset=utf-8",
        digest: "02020049d12d9c75",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/tabs-Dd8ZPcoE.js.br"),
            gzip: include_bytes!("../assets/assets/tabs-Dd8ZPcoE.js.gz"),
        },
    },
    Asset {
        path: "assets/text-filter-lLhwHEEz.js",
        media: "text/javascript; charset=utf-8",
        digest: "3b698d7d91a1965a",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/text-filter-lLhwHEEz.js.br"),
            gzip: include_bytes!("../assets/assets/text-filter-lLhwHEEz.js.gz"),
        },
    },
    Asset {
        path: "assets/textarea-CsBg2Iu4.css",
        media: "text/css; charset=utf-8",
        digest: "15d666d18068bcc7",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/textarea-CsBg2Iu4.css.br"),
            gzip: include_bytes!("../assets/assets/textarea-CsBg2Iu4.css.gz"),
        },
    },
    Asset {
        path: "assets/textarea-DgfH_syb.js",
        media: "text/javascript; charset=utf-8",
        digest: "828b342e6fe605c6",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/textarea-DgfH_syb.js.br"),
            gzip: include_bytes!("../assets/assets/textarea-DgfH_syb.js.gz"),
        },
    },
    Asset {
        path: "assets/usage-CGijOFU2.js",
        media: "text/javascript; charset=utf-8",
        digest: "66956dcf80209d63",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-CGijOFU2.js.br"),
            gzip: include_bytes!("../assets/assets/usage-CGijOFU2.js.gz"),
        },
    },
    Asset {
        path: "assets/usage-Dmet4_La.js",
        media: "text/javascript; charset=utf-8",
        digest: "cb312842655e7811",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-Dmet4_La.js.br"),
            gzip: include_bytes!("../assets/assets/usage-Dmet4_La.js.gz"),
        },
    },
    Asset {
        path: "assets/usage-figures-BRqqACrJ.css",
        media: "text/css; charset=utf-8",
        digest: "6aefdd831a8bee68",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-figures-BRqqACrJ.css.br"),
            gzip: include_bytes!("../assets/assets/usage-figures-BRqqACrJ.css.gz"),
        },
    },
    Asset {
        path: "assets/usage-figures-DodlnCJp.js",
        media: "text/javascript; charset=utf-8",
        digest: "f0a20dee5fa11029",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-figures-DodlnCJp.js.br"),
            gzip: include_bytes!("../assets/assets/usage-figures-DodlnCJp.js.gz"),
        },
    },
    Asset {
        path: "assets/use-debounce-search-result-callback-B7PdIFLt.js",
        media: "text/javascript; charset=utf-8",
        digest: "90f2695e498d1a47",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-debounce-search-result-callback-B7PdIFLt.js.br"),
            gzip: include_bytes!("../assets/assets/use-debounce-search-result-callback-B7PdIFLt.js.gz"),
        },
    },
    Asset {
        path: "assets/use-debounce-search-result-callback-Djb_5fFd.css",
        media: "text/css; charset=utf-8",
        digest: "e65ffa51394e597b",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-debounce-search-result-callback-Djb_5fFd.css.br"),
            gzip: include_bytes!("../assets/assets/use-debounce-search-result-callback-Djb_5fFd.css.gz"),
        },
    },
    Asset {
        path: "assets/use-key-BMcpVCR6.js",
        media: "text/javascript; charset=utf-8",
        digest: "7a7c3c56c624618f",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-key-BMcpVCR6.js.br"),
            gzip: include_bytes!("../assets/assets/use-key-BMcpVCR6.js.gz"),
        },
    },
    Asset {
        path: "assets/use-list-focus-controller-BHKFMy1T.js",
        media: "text/javascript; charset=utf-8",
        digest: "6683bf64fe37b5de",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-list-focus-controller-BHKFMy1T.js.br"),
            gzip: include_bytes!("../assets/assets/use-list-focus-controller-BHKFMy1T.js.gz"),
        },
    },
    Asset {
        path: "assets/use-list-focus-controller-nF79Qx1V.css",
        media: "text/css; charset=utf-8",
        digest: "2957b61912cfa341",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-list-focus-controller-nF79Qx1V.css.br"),
            gzip: include_bytes!("../assets/assets/use-list-focus-controller-nF79Qx1V.css.gz"),
        },
    },
    Asset {
        path: "assets/wizard-CNoQdUNG.js",
        media: "text/javascript; charset=utf-8",
        digest: "daaf9e82ee257984",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/wizard-CNoQdUNG.js.br"),
            gzip: include_bytes!("../assets/assets/wizard-CNoQdUNG.js.gz"),
        },
    },
    Asset {
        path: "assets/wizard-CmuVu9zW.css",
        media: "text/css; charset=utf-8",
        digest: "0cf59bbd2b03e438",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/wizard-CmuVu9zW.css.br"),
            gzip: include_bytes!("../assets/assets/wizard-CmuVu9zW.css.gz"),
        },
    },
    Asset {
        path: "icon.svg",
        media: "image/svg+xml",
        digest: "e5f6ad6e6eeed79e",
        body: Body::Coded {
            brotli: include_bytes!("../assets/icon.svg.br"),
            gzip: include_bytes!("../assets/icon.svg.gz"),
        },
    },
    Asset {
        path: "index.html",
        media: "text/html; charset=utf-8",
        digest: "d2263ec1088735fa",
        body: Body::Coded {
            brotli: include_bytes!("../assets/index.html.br"),
            gzip: include_bytes!("../assets/index.html.gz"),
        },
    },
];
