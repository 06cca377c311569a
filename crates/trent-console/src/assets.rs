//! The built files; written by `web/scripts/embed.mjs`, which makes this and `assets/` anew.

use crate::console::{Asset, Body};

/// Every file, in the order of their paths.
#[rustfmt::skip]
pub(crate) const ASSETS: &[Asset] = &[
    Asset {
        path: "assets/attribute-editor-BQpElhtv.js",
        media: "text/javascript; charset=utf-8",
        digest: "8bd14dbdf8f03307",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/attribute-editor-BQpElhtv.js.br"),
            gzip: include_bytes!("../assets/assets/attribute-editor-BQpElhtv.js.gz"),
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
        path: "assets/audit-CXBmw2b3.js",
        media: "text/javascript; charset=utf-8",
        digest: "f5d23c13adc71a94",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/audit-CXBmw2b3.js.br"),
            gzip: include_bytes!("../assets/assets/audit-CXBmw2b3.js.gz"),
        },
    },
    Asset {
        path: "assets/audit-CimO7iT3.js",
        media: "text/javascript; charset=utf-8",
        digest: "4ebf9d310380642a",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/audit-CimO7iT3.js.br"),
            gzip: include_bytes!("../assets/assets/audit-CimO7iT3.js.gz"),
        },
    },
    Asset {
        path: "assets/aws-key-list-D_utm2lT.js",
        media: "text/javascript; charset=utf-8",
        digest: "faadf9078480a697",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/aws-key-list-D_utm2lT.js.br"),
            gzip: include_bytes!("../assets/assets/aws-key-list-D_utm2lT.js.gz"),
        },
    },
    Asset {
        path: "assets/checkbox-BGSKke2v.js",
        media: "text/javascript; charset=utf-8",
        digest: "58cd2bfdbdf4064c",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/checkbox-BGSKke2v.js.br"),
            gzip: include_bytes!("../assets/assets/checkbox-BGSKke2v.js.gz"),
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
        path: "assets/create-choices-uMwvzFSW.js",
        media: "text/javascript; charset=utf-8",
        digest: "ba6aca0652878b4f",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/create-choices-uMwvzFSW.js.br"),
            gzip: include_bytes!("../assets/assets/create-choices-uMwvzFSW.js.gz"),
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
        path: "assets/create-key-DRypbI2Q.js",
        media: "text/javascript; charset=utf-8",
        digest: "4c19e56a71291108",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/create-key-DRypbI2Q.js.br"),
            gzip: include_bytes!("../assets/assets/create-key-DRypbI2Q.js.gz"),
        },
    },
    Asset {
        path: "assets/dialog-PlNYgsOK.js",
        media: "text/javascript; charset=utf-8",
        digest: "3acaf9a626d7f469",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/dialog-PlNYgsOK.js.br"),
            gzip: include_bytes!("../assets/assets/dialog-PlNYgsOK.js.gz"),
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
        path: "assets/event-table-3utYoQL9.js",
        media: "text/javascript; charset=utf-8",
        digest: "83c70a22a6af6378",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/event-table-3utYoQL9.js.br"),
            gzip: include_bytes!("../assets/assets/event-table-3utYoQL9.js.gz"),
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
        path: "assets/grants-BW0RW_N5.js",
        media: "text/javascript; charset=utf-8",
        digest: "75f649062b8e3e94",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/grants-BW0RW_N5.js.br"),
            gzip: include_bytes!("../assets/assets/grants-BW0RW_N5.js.gz"),
        },
    },
    Asset {
        path: "assets/import-material-D05CnVA0.js",
        media: "text/javascript; charset=utf-8",
        digest: "8b00d2f498753c6c",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/import-material-D05CnVA0.js.br"),
            gzip: include_bytes!("../assets/assets/import-material-D05CnVA0.js.gz"),
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
        path: "assets/index-BLCeDJBr.js",
        media: "text/javascript; charset=utf-8",
        digest: "2198c14ebebde8ea",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/index-BLCeDJBr.js.br"),
            gzip: include_bytes!("../assets/assets/index-BLCeDJBr.js.gz"),
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
        path: "assets/internal-B78nsBHU.css",
        media: "text/css; charset=utf-8",
        digest: "e210d984e133c10b",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-B78nsBHU.css.br"),
            gzip: include_bytes!("../assets/assets/internal-B78nsBHU.css.gz"),
        },
    },
    Asset {
        path: "assets/internal-BgxYEDIR.js",
        media: "text/javascript; charset=utf-8",
        digest: "5d8813473c0ce1e2",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-BgxYEDIR.js.br"),
            gzip: include_bytes!("../assets/assets/internal-BgxYEDIR.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-Buprh5cV.js",
        media: "text/javascript; charset=utf-8",
        digest: "40a9213f0b26c62a",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-Buprh5cV.js.br"),
            gzip: include_bytes!("../assets/assets/internal-Buprh5cV.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-CRdtdrdS.js",
        media: "text/javascript; charset=utf-8",
        digest: "002ee52e8f8147e0",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-CRdtdrdS.js.br"),
            gzip: include_bytes!("../assets/assets/internal-CRdtdrdS.js.gz"),
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
        path: "assets/internal-CsOBZ8If.js",
        media: "text/javascript; charset=utf-8",
        digest: "a53c4150a51dc4cc",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-CsOBZ8If.js.br"),
            gzip: include_bytes!("../assets/assets/internal-CsOBZ8If.js.gz"),
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
        path: "assets/internal-Du0I6QUi.js",
        media: "text/javascript; charset=utf-8",
        digest: "6cd813d6fcb4880b",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-Du0I6QUi.js.br"),
            gzip: include_bytes!("../assets/assets/internal-Du0I6QUi.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-ppT3fDjb.js",
        media: "text/javascript; charset=utf-8",
        digest: "a0e957066a52c1e2",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-ppT3fDjb.js.br"),
            gzip: include_bytes!("../assets/assets/internal-ppT3fDjb.js.gz"),
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
        path: "assets/key-Bk8GR0mj.js",
        media: "text/javascript; charset=utf-8",
        digest: "3082f196bbb6e0c0",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-Bk8GR0mj.js.br"),
            gzip: include_bytes!("../assets/assets/key-Bk8GR0mj.js.gz"),
        },
    },
    Asset {
        path: "assets/key-actions-Dyse2f55.js",
        media: "text/javascript; charset=utf-8",
        digest: "0369ef45974ea05d",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-actions-Dyse2f55.js.br"),
            gzip: include_bytes!("../assets/assets/key-actions-Dyse2f55.js.gz"),
        },
    },
    Asset {
        path: "assets/key-filter-BGgPBnJ_.js",
        media: "text/javascript; charset=utf-8",
        digest: "d18e909c057d980c",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-filter-BGgPBnJ_.js.br"),
            gzip: include_bytes!("../assets/assets/key-filter-BGgPBnJ_.js.gz"),
        },
    },
    Asset {
        path: "assets/key-list-Dns-jp1c.js",
        media: "text/javascript; charset=utf-8",
        digest: "1b9b1437561cd649",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-list-Dns-jp1c.js.br"),
            gzip: include_bytes!("../assets/assets/key-list-Dns-jp1c.js.gz"),
        },
    },
    Asset {
        path: "assets/key-table-BRCDV7Pr.js",
        media: "text/javascript; charset=utf-8",
        digest: "40b6aded7d491f3c",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-table-BRCDV7Pr.js.br"),
            gzip: include_bytes!("../assets/assets/key-table-BRCDV7Pr.js.gz"),
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
        path: "assets/keys-De5Fb07g.js",
        media: "text/javascript; charset=utf-8",
        digest: "5df919f02d07d8df",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/keys-De5Fb07g.js.br"),
            gzip: include_bytes!("../assets/assets/keys-De5Fb07g.js.gz"),
        },
    },
    Asset {
        path: "assets/link-DQTqgZup.js",
        media: "text/javascript; charset=utf-8",
        digest: "f1f99179bd7536fa",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/link-DQTqgZup.js.br"),
            gzip: include_bytes!("../assets/assets/link-DQTqgZup.js.gz"),
        },
    },
    Asset {
        path: "assets/multiselect-3S1WnXKd.js",
        media: "text/javascript; charset=utf-8",
        digest: "ec6f77ccf9f8065f",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/multiselect-3S1WnXKd.js.br"),
            gzip: include_bytes!("../assets/assets/multiselect-3S1WnXKd.js.gz"),
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
        path: "assets/pagination-Ddg4S3pZ.js",
        media: "text/javascript; charset=utf-8",
        digest: "6d428da80bfaff9a",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/pagination-Ddg4S3pZ.js.br"),
            gzip: include_bytes!("../assets/assets/pagination-Ddg4S3pZ.js.gz"),
        },
    },
    Asset {
        path: "assets/principal-BL_iLxxI.js",
        media: "text/javascript; charset=utf-8",
        digest: "c8c925b98f4add9e",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/principal-BL_iLxxI.js.br"),
            gzip: include_bytes!("../assets/assets/principal-BL_iLxxI.js.gz"),
        },
    },
    Asset {
        path: "assets/principals-CH9WnckK.js",
        media: "text/javascript; charset=utf-8",
        digest: "9b57d13d9cc41b0c",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/principals-CH9WnckK.js.br"),
            gzip: include_bytes!("../assets/assets/principals-CH9WnckK.js.gz"),
        },
    },
    Asset {
        path: "assets/quotas-BxcLjR4M.js",
        media: "text/javascript; charset=utf-8",
        digest: "bfb2dca8f98c800d",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/quotas-BxcLjR4M.js.br"),
            gzip: include_bytes!("../assets/assets/quotas-BxcLjR4M.js.gz"),
        },
    },
    Asset {
        path: "assets/radio-group-DAemlSvj.js",
        media: "text/javascript; charset=utf-8",
        digest: "ece6769341578ac9",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/radio-group-DAemlSvj.js.br"),
            gzip: include_bytes!("../assets/assets/radio-group-DAemlSvj.js.gz"),
        },
    },
    Asset {
        path: "assets/regions-o278_7lo.js",
        media: "text/javascript; charset=utf-8",
        digest: "28c23ebfa28d98ea",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/regions-o278_7lo.js.br"),
            gzip: include_bytes!("../assets/assets/regions-o278_7lo.js.gz"),
        },
    },
    Asset {
        path: "assets/rotation-xuDixyzi.js",
        media: "text/javascript; charset=utf-8",
        digest: "99ff24bd39c48833",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/rotation-xuDixyzi.js.br"),
            gzip: include_bytes!("../assets/assets/rotation-xuDixyzi.js.gz"),
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
        path: "assets/segmented-control-D20JYZhQ.js",
        media: "text/javascript; charset=utf-8",
        digest: "7c8670a310a53828",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/segmented-control-D20JYZhQ.js.br"),
            gzip: include_bytes!("../assets/assets/segmented-control-D20JYZhQ.js.gz"),
        },
    },
    Asset {
        path: "assets/tabs-9ax8MABS.js",
        media: "text/javascript; charset=utf-8",
        digest: "25eb54a4f2ff184e",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/tabs-9ax8MABS.js.br"),
            gzip: include_bytes!("../assets/assets/tabs-9ax8MABS.js.gz"),
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
        path: "assets/text-filter-DBzwCsbJ.js",
        media: "text/javascript; charset=utf-8",
        digest: "98fe84b9ff1971a9",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/text-filter-DBzwCsbJ.js.br"),
            gzip: include_bytes!("../assets/assets/text-filter-DBzwCsbJ.js.gz"),
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
        path: "assets/textarea-cvur64U7.js",
        media: "text/javascript; charset=utf-8",
        digest: "7eebcec444825887",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/textarea-cvur64U7.js.br"),
            gzip: include_bytes!("../assets/assets/textarea-cvur64U7.js.gz"),
        },
    },
    Asset {
        path: "assets/usage-CaPZCIPA.js",
        media: "text/javascript; charset=utf-8",
        digest: "3bfb7b3b7fc1a9b4",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-CaPZCIPA.js.br"),
            gzip: include_bytes!("../assets/assets/usage-CaPZCIPA.js.gz"),
        },
    },
    Asset {
        path: "assets/usage-Cf3tygod.js",
        media: "text/javascript; charset=utf-8",
        digest: "faecb9ac5247cbe7",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-Cf3tygod.js.br"),
            gzip: include_bytes!("../assets/assets/usage-Cf3tygod.js.gz"),
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
        path: "assets/usage-figures-DVOfTKRD.js",
        media: "text/javascript; charset=utf-8",
        digest: "57dd0e490b9b9ac7",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-figures-DVOfTKRD.js.br"),
            gzip: include_bytes!("../assets/assets/usage-figures-DVOfTKRD.js.gz"),
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
        path: "assets/use-debounce-search-result-callback-DoD2hOJt.js",
        media: "text/javascript; charset=utf-8",
        digest: "bcb0588f775e5884",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-debounce-search-result-callback-DoD2hOJt.js.br"),
            gzip: include_bytes!("../assets/assets/use-debounce-search-result-callback-DoD2hOJt.js.gz"),
        },
    },
    Asset {
        path: "assets/use-key-CgSad41a.js",
        media: "text/javascript; charset=utf-8",
        digest: "72bcd69b2d3fd877",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-key-CgSad41a.js.br"),
            gzip: include_bytes!("../assets/assets/use-key-CgSad41a.js.gz"),
        },
    },
    Asset {
        path: "assets/use-list-focus-controller-C6L8sy8g.js",
        media: "text/javascript; charset=utf-8",
        digest: "0686dac1252b4bf1",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-list-focus-controller-C6L8sy8g.js.br"),
            gzip: include_bytes!("../assets/assets/use-list-focus-controller-C6L8sy8g.js.gz"),
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
        path: "assets/wizard-DDLUqnVM.js",
        media: "text/javascript; charset=utf-8",
        digest: "c0a3df83aabdc925",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/wizard-DDLUqnVM.js.br"),
            gzip: include_bytes!("../assets/assets/wizard-DDLUqnVM.js.gz"),
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
        digest: "c3928c3282066d31",
        body: Body::Coded {
            brotli: include_bytes!("../assets/index.html.br"),
            gzip: include_bytes!("../assets/index.html.gz"),
        },
    },
];
