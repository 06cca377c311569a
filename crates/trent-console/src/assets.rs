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
        path: "assets/attribute-editor-VK9CT-Y5.js",
        media: "text/javascript; charset=utf-8",
        digest: "4766e68015ddc7ee",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/attribute-editor-VK9CT-Y5.js.br"),
            gzip: include_bytes!("../assets/assets/attribute-editor-VK9CT-Y5.js.gz"),
        },
    },
    Asset {
        path: "assets/audit-Dh3MCaLM.js",
        media: "text/javascript; charset=utf-8",
        digest: "ddebe7e730e7e3fb",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/audit-Dh3MCaLM.js.br"),
            gzip: include_bytes!("../assets/assets/audit-Dh3MCaLM.js.gz"),
        },
    },
    Asset {
        path: "assets/audit-Dpc_5dzO.js",
        media: "text/javascript; charset=utf-8",
        digest: "63cf138c415af8b0",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/audit-Dpc_5dzO.js.br"),
            gzip: include_bytes!("../assets/assets/audit-Dpc_5dzO.js.gz"),
        },
    },
    Asset {
        path: "assets/aws-key-list-DUd2GVNM.js",
        media: "text/javascript; charset=utf-8",
        digest: "67a5593b30636979",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/aws-key-list-DUd2GVNM.js.br"),
            gzip: include_bytes!("../assets/assets/aws-key-list-DUd2GVNM.js.gz"),
        },
    },
    Asset {
        path: "assets/checkbox-6qgdME7r.js",
        media: "text/javascript; charset=utf-8",
        digest: "77e28d07b27b4419",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/checkbox-6qgdME7r.js.br"),
            gzip: include_bytes!("../assets/assets/checkbox-6qgdME7r.js.gz"),
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
        path: "assets/create-choices-DSKw0_DQ.js",
        media: "text/javascript; charset=utf-8",
        digest: "34c551b954d9e9e7",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/create-choices-DSKw0_DQ.js.br"),
            gzip: include_bytes!("../assets/assets/create-choices-DSKw0_DQ.js.gz"),
        },
    },
    Asset {
        path: "assets/create-key-1BsGSjmG.js",
        media: "text/javascript; charset=utf-8",
        digest: "4ee744cb44286a4a",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/create-key-1BsGSjmG.js.br"),
            gzip: include_bytes!("../assets/assets/create-key-1BsGSjmG.js.gz"),
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
        path: "assets/dialog-MHRu3zCd.js",
        media: "text/javascript; charset=utf-8",
        digest: "78e74ca23952a37e",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/dialog-MHRu3zCd.js.br"),
            gzip: include_bytes!("../assets/assets/dialog-MHRu3zCd.js.gz"),
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
        path: "assets/event-table-CCL5ZQ1h.js",
        media: "text/javascript; charset=utf-8",
        digest: "2558f74fa88b1412",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/event-table-CCL5ZQ1h.js.br"),
            gzip: include_bytes!("../assets/assets/event-table-CCL5ZQ1h.js.gz"),
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
        path: "assets/grants-BuqpZije.js",
        media: "text/javascript; charset=utf-8",
        digest: "2cd8d8acda0dfe2e",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/grants-BuqpZije.js.br"),
            gzip: include_bytes!("../assets/assets/grants-BuqpZije.js.gz"),
        },
    },
    Asset {
        path: "assets/import-material-CYOtqo--.js",
        media: "text/javascript; charset=utf-8",
        digest: "11e96a89c1a6cb9f",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/import-material-CYOtqo--.js.br"),
            gzip: include_bytes!("../assets/assets/import-material-CYOtqo--.js.gz"),
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
        path: "assets/index-D4g4CjZM.js",
        media: "text/javascript; charset=utf-8",
        digest: "87af067e1ad6cb21",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/index-D4g4CjZM.js.br"),
            gzip: include_bytes!("../assets/assets/index-D4g4CjZM.js.gz"),
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
        path: "assets/internal-BIQyp7iB.js",
        media: "text/javascript; charset=utf-8",
        digest: "80365fdfad7e3213",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-BIQyp7iB.js.br"),
            gzip: include_bytes!("../assets/assets/internal-BIQyp7iB.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-BNLXMzeu.js",
        media: "text/javascript; charset=utf-8",
        digest: "df64ac023a6c287f",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-BNLXMzeu.js.br"),
            gzip: include_bytes!("../assets/assets/internal-BNLXMzeu.js.gz"),
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
        path: "assets/internal-Cv9gCPDh.js",
        media: "text/javascript; charset=utf-8",
        digest: "a2f37885c695f4a4",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-Cv9gCPDh.js.br"),
            gzip: include_bytes!("../assets/assets/internal-Cv9gCPDh.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-DCv-7I1P.js",
        media: "text/javascript; charset=utf-8",
        digest: "c2d80fdd7dfb1293",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-DCv-7I1P.js.br"),
            gzip: include_bytes!("../assets/assets/internal-DCv-7I1P.js.gz"),
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
        path: "assets/internal-luUZMmkk.js",
        media: "text/javascript; charset=utf-8",
        digest: "dfade6d865c2a253",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-luUZMmkk.js.br"),
            gzip: include_bytes!("../assets/assets/internal-luUZMmkk.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-viYtkrbj.js",
        media: "text/javascript; charset=utf-8",
        digest: "efae12d0bb8a3c56",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-viYtkrbj.js.br"),
            gzip: include_bytes!("../assets/assets/internal-viYtkrbj.js.gz"),
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
        path: "assets/key-DWCTJgMz.js",
        media: "text/javascript; charset=utf-8",
        digest: "aaec25809c667be6",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-DWCTJgMz.js.br"),
            gzip: include_bytes!("../assets/assets/key-DWCTJgMz.js.gz"),
        },
    },
    Asset {
        path: "assets/key-actions-DAzMIRRw.js",
        media: "text/javascript; charset=utf-8",
        digest: "dd4e6e949ed9bd87",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-actions-DAzMIRRw.js.br"),
            gzip: include_bytes!("../assets/assets/key-actions-DAzMIRRw.js.gz"),
        },
    },
    Asset {
        path: "assets/key-filter-BhE3EmlZ.js",
        media: "text/javascript; charset=utf-8",
        digest: "252988e3f9b12146",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-filter-BhE3EmlZ.js.br"),
            gzip: include_bytes!("../assets/assets/key-filter-BhE3EmlZ.js.gz"),
        },
    },
    Asset {
        path: "assets/key-list-Cfis2YPR.js",
        media: "text/javascript; charset=utf-8",
        digest: "3d36e0b7521a559e",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-list-Cfis2YPR.js.br"),
            gzip: include_bytes!("../assets/assets/key-list-Cfis2YPR.js.gz"),
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
        path: "assets/key-table-SIPASjCm.js",
        media: "text/javascript; charset=utf-8",
        digest: "655ede2e765b54bd",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-table-SIPASjCm.js.br"),
            gzip: include_bytes!("../assets/assets/key-table-SIPASjCm.js.gz"),
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
        path: "assets/link-BGSAVSC8.js",
        media: "text/javascript; charset=utf-8",
        digest: "1471a61c903781c3",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/link-BGSAVSC8.js.br"),
            gzip: include_bytes!("../assets/assets/link-BGSAVSC8.js.gz"),
        },
    },
    Asset {
        path: "assets/multiselect-D4Wnxt3c.js",
        media: "text/javascript; charset=utf-8",
        digest: "a1a43ff7bac29d54",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/multiselect-D4Wnxt3c.js.br"),
            gzip: include_bytes!("../assets/assets/multiselect-D4Wnxt3c.js.gz"),
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
        path: "assets/page-state-CnrQQk5q.js",
        media: "text/javascript; charset=utf-8",
        digest: "25461417c4a8af9b",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/page-state-CnrQQk5q.js.br"),
            gzip: include_bytes!("../assets/assets/page-state-CnrQQk5q.js.gz"),
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
        path: "assets/pagination-hTlhIHoT.js",
        media: "text/javascript; charset=utf-8",
        digest: "d06135c803045f62",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/pagination-hTlhIHoT.js.br"),
            gzip: include_bytes!("../assets/assets/pagination-hTlhIHoT.js.gz"),
        },
    },
    Asset {
        path: "assets/principal-BplwZa3i.js",
        media: "text/javascript; charset=utf-8",
        digest: "dca4c79735f499db",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/principal-BplwZa3i.js.br"),
            gzip: include_bytes!("../assets/assets/principal-BplwZa3i.js.gz"),
        },
    },
    Asset {
        path: "assets/principals-CWN9mLlH.js",
        media: "text/javascript; charset=utf-8",
        digest: "ce244d32a85734bb",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/principals-CWN9mLlH.js.br"),
            gzip: include_bytes!("../assets/assets/principals-CWN9mLlH.js.gz"),
        },
    },
    Asset {
        path: "assets/quotas-C1VbzhDU.js",
        media: "text/javascript; charset=utf-8",
        digest: "fea186891f3a176d",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/quotas-C1VbzhDU.js.br"),
            gzip: include_bytes!("../assets/assets/quotas-C1VbzhDU.js.gz"),
        },
    },
    Asset {
        path: "assets/radio-group-bjcz4z-a.js",
        media: "text/javascript; charset=utf-8",
        digest: "cd2a50ea3f492ff1",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/radio-group-bjcz4z-a.js.br"),
            gzip: include_bytes!("../assets/assets/radio-group-bjcz4z-a.js.gz"),
        },
    },
    Asset {
        path: "assets/regions-BvFgHEUB.js",
        media: "text/javascript; charset=utf-8",
        digest: "09dfe227c1836190",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/regions-BvFgHEUB.js.br"),
            gzip: include_bytes!("../assets/assets/regions-BvFgHEUB.js.gz"),
        },
    },
    Asset {
        path: "assets/rotation-Bb0LIbUz.js",
        media: "text/javascript; charset=utf-8",
        digest: "3559f2ec5e412185",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/rotation-Bb0LIbUz.js.br"),
            gzip: include_bytes!("../assets/assets/rotation-Bb0LIbUz.js.gz"),
        },
    },
    Asset {
        path: "assets/segmented-control-BcMKVxyn.js",
        media: "text/javascript; charset=utf-8",
        digest: "9cc2e1f98059ee24",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/segmented-control-BcMKVxyn.js.br"),
            gzip: include_bytes!("../assets/assets/segmented-control-BcMKVxyn.js.gz"),
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
        path: "assets/tabs-A3M3NVuQ.js",
        media: "text/javascript; charset=utf-8",
        digest: "0ddcca5914a7972c",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/tabs-A3M3NVuQ.js.br"),
            gzip: include_bytes!("../assets/assets/tabs-A3M3NVuQ.js.gz"),
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
        path: "assets/text-filter-DJ89U5P8.js",
        media: "text/javascript; charset=utf-8",
        digest: "407b1d83abbd9625",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/text-filter-DJ89U5P8.js.br"),
            gzip: include_bytes!("../assets/assets/text-filter-DJ89U5P8.js.gz"),
        },
    },
    Asset {
        path: "assets/textarea-BmraMTT1.js",
        media: "text/javascript; charset=utf-8",
        digest: "280ada78620e3c78",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/textarea-BmraMTT1.js.br"),
            gzip: include_bytes!("../assets/assets/textarea-BmraMTT1.js.gz"),
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
        path: "assets/usage-BbBFmNs6.js",
        media: "text/javascript; charset=utf-8",
        digest: "914f6a95eb7cabb8",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-BbBFmNs6.js.br"),
            gzip: include_bytes!("../assets/assets/usage-BbBFmNs6.js.gz"),
        },
    },
    Asset {
        path: "assets/usage-D2e9N78u.js",
        media: "text/javascript; charset=utf-8",
        digest: "e423a07173e4f87b",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-D2e9N78u.js.br"),
            gzip: include_bytes!("../assets/assets/usage-D2e9N78u.js.gz"),
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
        path: "assets/usage-figures-DvyjI4nv.js",
        media: "text/javascript; charset=utf-8",
        digest: "291e25677e49bce1",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-figures-DvyjI4nv.js.br"),
            gzip: include_bytes!("../assets/assets/usage-figures-DvyjI4nv.js.gz"),
        },
    },
    Asset {
        path: "assets/use-debounce-search-result-callback-CD4k7Mys.js",
        media: "text/javascript; charset=utf-8",
        digest: "ea230ceea22fcc66",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-debounce-search-result-callback-CD4k7Mys.js.br"),
            gzip: include_bytes!("../assets/assets/use-debounce-search-result-callback-CD4k7Mys.js.gz"),
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
        path: "assets/use-key-DQcK9Y_j.js",
        media: "text/javascript; charset=utf-8",
        digest: "ec366202b551bc3f",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-key-DQcK9Y_j.js.br"),
            gzip: include_bytes!("../assets/assets/use-key-DQcK9Y_j.js.gz"),
        },
    },
    Asset {
        path: "assets/use-list-focus-controller-B8t35s_P.js",
        media: "text/javascript; charset=utf-8",
        digest: "7259462e95e2e01b",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-list-focus-controller-B8t35s_P.js.br"),
            gzip: include_bytes!("../assets/assets/use-list-focus-controller-B8t35s_P.js.gz"),
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
        path: "assets/wizard-CmuVu9zW.css",
        media: "text/css; charset=utf-8",
        digest: "0cf59bbd2b03e438",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/wizard-CmuVu9zW.css.br"),
            gzip: include_bytes!("../assets/assets/wizard-CmuVu9zW.css.gz"),
        },
    },
    Asset {
        path: "assets/wizard-D0RyPi5v.js",
        media: "text/javascript; charset=utf-8",
        digest: "ea1fffddd3748570",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/wizard-D0RyPi5v.js.br"),
            gzip: include_bytes!("../assets/assets/wizard-D0RyPi5v.js.gz"),
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
        digest: "fa2f9718f5f4299b",
        body: Body::Coded {
            brotli: include_bytes!("../assets/index.html.br"),
            gzip: include_bytes!("../assets/index.html.gz"),
        },
    },
];
