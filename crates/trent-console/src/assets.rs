//! The built files; written by `web/scripts/embed.mjs`, which makes this and `assets/` anew.

use crate::console::{Asset, Body};

/// Every file, in the order of their paths.
#[rustfmt::skip]
pub(crate) const ASSETS: &[Asset] = &[
    Asset {
        path: "assets/attribute-editor-B9zohc37.js",
        media: "text/javascript; charset=utf-8",
        digest: "26f49ad67b8508f1",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/attribute-editor-B9zohc37.js.br"),
            gzip: include_bytes!("../assets/assets/attribute-editor-B9zohc37.js.gz"),
        },
    },
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
        path: "assets/audit-C-BmN84g.js",
        media: "text/javascript; charset=utf-8",
        digest: "9ba4c86b1da0af3c",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/audit-C-BmN84g.js.br"),
            gzip: include_bytes!("../assets/assets/audit-C-BmN84g.js.gz"),
        },
    },
    Asset {
        path: "assets/audit-DTRg-1C_.js",
        media: "text/javascript; charset=utf-8",
        digest: "63707796d6ca43cc",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/audit-DTRg-1C_.js.br"),
            gzip: include_bytes!("../assets/assets/audit-DTRg-1C_.js.gz"),
        },
    },
    Asset {
        path: "assets/aws-key-list-BIBJXZsn.js",
        media: "text/javascript; charset=utf-8",
        digest: "57ee0b9c1c300fea",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/aws-key-list-BIBJXZsn.js.br"),
            gzip: include_bytes!("../assets/assets/aws-key-list-BIBJXZsn.js.gz"),
        },
    },
    Asset {
        path: "assets/checkbox-Z4MAfrKI.js",
        media: "text/javascript; charset=utf-8",
        digest: "41520050e003ea4e",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/checkbox-Z4MAfrKI.js.br"),
            gzip: include_bytes!("../assets/assets/checkbox-Z4MAfrKI.js.gz"),
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
        path: "assets/create-choices-jnWG4nbL.js",
        media: "text/javascript; charset=utf-8",
        digest: "a09872255edcaf9c",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/create-choices-jnWG4nbL.js.br"),
            gzip: include_bytes!("../assets/assets/create-choices-jnWG4nbL.js.gz"),
        },
    },
    Asset {
        path: "assets/create-key-CU2dFCSY.js",
        media: "text/javascript; charset=utf-8",
        digest: "36376c28f31148a8",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/create-key-CU2dFCSY.js.br"),
            gzip: include_bytes!("../assets/assets/create-key-CU2dFCSY.js.gz"),
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
        path: "assets/dialog-MvGY-iL-.js",
        media: "text/javascript; charset=utf-8",
        digest: "98143749d05d1d6d",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/dialog-MvGY-iL-.js.br"),
            gzip: include_bytes!("../assets/assets/dialog-MvGY-iL-.js.gz"),
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
        path: "assets/event-table-D5TtD8p6.js",
        media: "text/javascript; charset=utf-8",
        digest: "0e22105fd6ca818c",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/event-table-D5TtD8p6.js.br"),
            gzip: include_bytes!("../assets/assets/event-table-D5TtD8p6.js.gz"),
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
        path: "assets/grants-CFdqNINA.js",
        media: "text/javascript; charset=utf-8",
        digest: "ba4534d6912558f5",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/grants-CFdqNINA.js.br"),
            gzip: include_bytes!("../assets/assets/grants-CFdqNINA.js.gz"),
        },
    },
    Asset {
        path: "assets/import-material-CrkOAu3x.js",
        media: "text/javascript; charset=utf-8",
        digest: "11812f069426f7f8",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/import-material-CrkOAu3x.js.br"),
            gzip: include_bytes!("../assets/assets/import-material-CrkOAu3x.js.gz"),
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
        path: "assets/index-CB4xf5K2.css",
        media: "text/css; charset=utf-8",
        digest: "ba4b0f5f70c85778",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/index-CB4xf5K2.css.br"),
            gzip: include_bytes!("../assets/assets/index-CB4xf5K2.css.gz"),
        },
    },
    Asset {
        path: "assets/index-DIGDapfD.js",
        media: "text/javascript; charset=utf-8",
        digest: "5aa4caacb5c3afa5",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/index-DIGDapfD.js.br"),
            gzip: include_bytes!("../assets/assets/index-DIGDapfD.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-5TSpUeK9.js",
        media: "text/javascript; charset=utf-8",
        digest: "5bb149c6714e1c84",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-5TSpUeK9.js.br"),
            gzip: include_bytes!("../assets/assets/internal-5TSpUeK9.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-B6AZ52e0.js",
        media: "text/javascript; charset=utf-8",
        digest: "1daf0accbcedbe07",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-B6AZ52e0.js.br"),
            gzip: include_bytes!("../assets/assets/internal-B6AZ52e0.js.gz"),
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
        path: "assets/internal-Bz4i36vF.js",
        media: "text/javascript; charset=utf-8",
        digest: "551df222f2d334f8",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-Bz4i36vF.js.br"),
            gzip: include_bytes!("../assets/assets/internal-Bz4i36vF.js.gz"),
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
        path: "assets/internal-ClVi9qSQ.js",
        media: "text/javascript; charset=utf-8",
        digest: "561349bd4bc6761a",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-ClVi9qSQ.js.br"),
            gzip: include_bytes!("../assets/assets/internal-ClVi9qSQ.js.gz"),
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
        path: "assets/internal-DXGkHB0t.js",
        media: "text/javascript; charset=utf-8",
        digest: "2b21416ff136f8c0",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-DXGkHB0t.js.br"),
            gzip: include_bytes!("../assets/assets/internal-DXGkHB0t.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-Dgsg7ZxJ.js",
        media: "text/javascript; charset=utf-8",
        digest: "f0f7eba8b30d2cc2",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-Dgsg7ZxJ.js.br"),
            gzip: include_bytes!("../assets/assets/internal-Dgsg7ZxJ.js.gz"),
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
        path: "assets/json-place-CcXWZPhS.js",
        media: "text/javascript; charset=utf-8",
        digest: "825255cb6e0c38f1",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/json-place-CcXWZPhS.js.br"),
            gzip: include_bytes!("../assets/assets/json-place-CcXWZPhS.js.gz"),
        },
    },
    Asset {
        path: "assets/key-CrhgRNGm.js",
        media: "text/javascript; charset=utf-8",
        digest: "bc047ddac46eafe4",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-CrhgRNGm.js.br"),
            gzip: include_bytes!("../assets/assets/key-CrhgRNGm.js.gz"),
        },
    },
    Asset {
        path: "assets/key-actions-DsAVm3PH.js",
        media: "text/javascript; charset=utf-8",
        digest: "9326f78ebbbf4a61",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-actions-DsAVm3PH.js.br"),
            gzip: include_bytes!("../assets/assets/key-actions-DsAVm3PH.js.gz"),
        },
    },
    Asset {
        path: "assets/key-filter-Ce5tfsHi.js",
        media: "text/javascript; charset=utf-8",
        digest: "0c8f838bca2cab10",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-filter-Ce5tfsHi.js.br"),
            gzip: include_bytes!("../assets/assets/key-filter-Ce5tfsHi.js.gz"),
        },
    },
    Asset {
        path: "assets/key-list-BIAsjwQ4.js",
        media: "text/javascript; charset=utf-8",
        digest: "b4825feaa1a06c93",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-list-BIAsjwQ4.js.br"),
            gzip: include_bytes!("../assets/assets/key-list-BIAsjwQ4.js.gz"),
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
        path: "assets/key-table-evABPOGT.js",
        media: "text/javascript; charset=utf-8",
        digest: "5485d1a4852e5de8",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-table-evABPOGT.js.br"),
            gzip: include_bytes!("../assets/assets/key-table-evABPOGT.js.gz"),
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
        path: "assets/link-Dd7SYNI4.js",
        media: "text/javascript; charset=utf-8",
        digest: "292d342d2c015d81",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/link-Dd7SYNI4.js.br"),
            gzip: include_bytes!("../assets/assets/link-Dd7SYNI4.js.gz"),
        },
    },
    Asset {
        path: "assets/multiselect-CJ0pvaa2.js",
        media: "text/javascript; charset=utf-8",
        digest: "973866c436489337",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/multiselect-CJ0pvaa2.js.br"),
            gzip: include_bytes!("../assets/assets/multiselect-CJ0pvaa2.js.gz"),
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
        path: "assets/page-state-vgilUvIB.js",
        media: "text/javascript; charset=utf-8",
        digest: "b6107250dd360535",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/page-state-vgilUvIB.js.br"),
            gzip: include_bytes!("../assets/assets/page-state-vgilUvIB.js.gz"),
        },
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
        path: "assets/pagination-CC4W1RaF.js",
        media: "text/javascript; charset=utf-8",
        digest: "a14721472a525e45",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/pagination-CC4W1RaF.js.br"),
            gzip: include_bytes!("../assets/assets/pagination-CC4W1RaF.js.gz"),
        },
    },
    Asset {
        path: "assets/principal-CZm8vqA1.js",
        media: "text/javascript; charset=utf-8",
        digest: "af8cad981fdfeee4",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/principal-CZm8vqA1.js.br"),
            gzip: include_bytes!("../assets/assets/principal-CZm8vqA1.js.gz"),
        },
    },
    Asset {
        path: "assets/principals-iBS0wdvC.js",
        media: "text/javascript; charset=utf-8",
        digest: "ab6bd976e8e980cd",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/principals-iBS0wdvC.js.br"),
            gzip: include_bytes!("../assets/assets/principals-iBS0wdvC.js.gz"),
        },
    },
    Asset {
        path: "assets/quotas-CBRMRFri.js",
        media: "text/javascript; charset=utf-8",
        digest: "1e7aa17b161057fb",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/quotas-CBRMRFri.js.br"),
            gzip: include_bytes!("../assets/assets/quotas-CBRMRFri.js.gz"),
        },
    },
    Asset {
        path: "assets/radio-group-DBZUzonk.js",
        media: "text/javascript; charset=utf-8",
        digest: "34f38b4e4a586da4",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/radio-group-DBZUzonk.js.br"),
            gzip: include_bytes!("../assets/assets/radio-group-DBZUzonk.js.gz"),
        },
    },
    Asset {
        path: "assets/regions-CLH9oBRz.js",
        media: "text/javascript; charset=utf-8",
        digest: "3086be5083205819",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/regions-CLH9oBRz.js.br"),
            gzip: include_bytes!("../assets/assets/regions-CLH9oBRz.js.gz"),
        },
    },
    Asset {
        path: "assets/rotation-DZdsxKDZ.js",
        media: "text/javascript; charset=utf-8",
        digest: "16cb0fde624c2ffd",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/rotation-DZdsxKDZ.js.br"),
            gzip: include_bytes!("../assets/assets/rotation-DZdsxKDZ.js.gz"),
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
        path: "assets/segmented-control-BpCyI5S4.js",
        media: "text/javascript; charset=utf-8",
        digest: "c7d626fcedae7045",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/segmented-control-BpCyI5S4.js.br"),
            gzip: include_bytes!("../assets/assets/segmented-control-BpCyI5S4.js.gz"),
        },
    },
    Asset {
        path: "assets/tabs--NcF7Xqg.js",
        media: "text/javascript; charset=utf-8",
        digest: "4cb2ecd95eda3c4f",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/tabs--NcF7Xqg.js.br"),
            gzip: include_bytes!("../assets/assets/tabs--NcF7Xqg.js.gz"),
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
        path: "assets/text-filter-D93LmgDe.js",
        media: "text/javascript; charset=utf-8",
        digest: "2202a96e3f9f9e11",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/text-filter-D93LmgDe.js.br"),
            gzip: include_bytes!("../assets/assets/text-filter-D93LmgDe.js.gz"),
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
        path: "assets/textarea-mhiR0eZc.js",
        media: "text/javascript; charset=utf-8",
        digest: "fb396fccc441aa6d",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/textarea-mhiR0eZc.js.br"),
            gzip: include_bytes!("../assets/assets/textarea-mhiR0eZc.js.gz"),
        },
    },
    Asset {
        path: "assets/usage-BFgXVF3o.js",
        media: "text/javascript; charset=utf-8",
        digest: "b741a48b87457f52",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-BFgXVF3o.js.br"),
            gzip: include_bytes!("../assets/assets/usage-BFgXVF3o.js.gz"),
        },
    },
    Asset {
        path: "assets/usage-C8jUfwTq.js",
        media: "text/javascript; charset=utf-8",
        digest: "ddf7d5f752d9745e",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-C8jUfwTq.js.br"),
            gzip: include_bytes!("../assets/assets/usage-C8jUfwTq.js.gz"),
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
        path: "assets/usage-figures-D5wWPRiR.js",
        media: "text/javascript; charset=utf-8",
        digest: "a4d9ae59a12ad649",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-figures-D5wWPRiR.js.br"),
            gzip: include_bytes!("../assets/assets/usage-figures-D5wWPRiR.js.gz"),
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
        path: "assets/use-debounce-search-result-callback-X836SS1q.js",
        media: "text/javascript; charset=utf-8",
        digest: "66349be9fcb4775c",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-debounce-search-result-callback-X836SS1q.js.br"),
            gzip: include_bytes!("../assets/assets/use-debounce-search-result-callback-X836SS1q.js.gz"),
        },
    },
    Asset {
        path: "assets/use-key-CELaa1HT.js",
        media: "text/javascript; charset=utf-8",
        digest: "32d97ab3c6735443",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-key-CELaa1HT.js.br"),
            gzip: include_bytes!("../assets/assets/use-key-CELaa1HT.js.gz"),
        },
    },
    Asset {
        path: "assets/use-list-focus-controller-DjQ2QR0c.js",
        media: "text/javascript; charset=utf-8",
        digest: "3ff58db51f6d3bf7",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-list-focus-controller-DjQ2QR0c.js.br"),
            gzip: include_bytes!("../assets/assets/use-list-focus-controller-DjQ2QR0c.js.gz"),
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
        path: "assets/wizard-Cf-Y14-2.js",
        media: "text/javascript; charset=utf-8",
        digest: "407b01f05920410c",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/wizard-Cf-Y14-2.js.br"),
            gzip: include_bytes!("../assets/assets/wizard-Cf-Y14-2.js.gz"),
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
        digest: "e82abada180f721d",
        body: Body::Coded {
            brotli: include_bytes!("../assets/index.html.br"),
            gzip: include_bytes!("../assets/index.html.gz"),
        },
    },
];
