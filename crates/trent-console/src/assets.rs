//! The built files; written by `web/scripts/embed.mjs`, which makes this and `assets/` anew.

use crate::console::{Asset, Body};

/// Every file, in the order of their paths.
#[rustfmt::skip]
pub(crate) const ASSETS: &[Asset] = &[
    Asset {
        path: "assets/attribute-editor-BRrbfGW7.js",
        media: "text/javascript; charset=utf-8",
        digest: "93b8cfc20c354fde",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/attribute-editor-BRrbfGW7.js.br"),
            gzip: include_bytes!("../assets/assets/attribute-editor-BRrbfGW7.js.gz"),
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
        path: "assets/audit-DJ4x_9bz.js",
        media: "text/javascript; charset=utf-8",
        digest: "c8736681adf450b1",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/audit-DJ4x_9bz.js.br"),
            gzip: include_bytes!("../assets/assets/audit-DJ4x_9bz.js.gz"),
        },
    },
    Asset {
        path: "assets/audit-Xfli7QAZ.js",
        media: "text/javascript; charset=utf-8",
        digest: "0fcdac1bf1ece6a1",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/audit-Xfli7QAZ.js.br"),
            gzip: include_bytes!("../assets/assets/audit-Xfli7QAZ.js.gz"),
        },
    },
    Asset {
        path: "assets/aws-key-list-CDjurzNP.js",
        media: "text/javascript; charset=utf-8",
        digest: "aa01832729498531",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/aws-key-list-CDjurzNP.js.br"),
            gzip: include_bytes!("../assets/assets/aws-key-list-CDjurzNP.js.gz"),
        },
    },
    Asset {
        path: "assets/checkbox-CQN56h3M.js",
        media: "text/javascript; charset=utf-8",
        digest: "463e648516959f33",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/checkbox-CQN56h3M.js.br"),
            gzip: include_bytes!("../assets/assets/checkbox-CQN56h3M.js.gz"),
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
        path: "assets/create-choices-CkHNQNB-.js",
        media: "text/javascript; charset=utf-8",
        digest: "62d070c5a0abf8b6",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/create-choices-CkHNQNB-.js.br"),
            gzip: include_bytes!("../assets/assets/create-choices-CkHNQNB-.js.gz"),
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
        path: "assets/create-key-DL27aveJ.js",
        media: "text/javascript; charset=utf-8",
        digest: "363cb24c4195c03f",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/create-key-DL27aveJ.js.br"),
            gzip: include_bytes!("../assets/assets/create-key-DL27aveJ.js.gz"),
        },
    },
    Asset {
        path: "assets/dialog-CdO9Fiqh.js",
        media: "text/javascript; charset=utf-8",
        digest: "b27fc3a95b5c699e",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/dialog-CdO9Fiqh.js.br"),
            gzip: include_bytes!("../assets/assets/dialog-CdO9Fiqh.js.gz"),
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
        path: "assets/event-table-Ca9yGKqU.js",
        media: "text/javascript; charset=utf-8",
        digest: "74b4e2d1b98e452b",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/event-table-Ca9yGKqU.js.br"),
            gzip: include_bytes!("../assets/assets/event-table-Ca9yGKqU.js.gz"),
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
        path: "assets/grants-OEH5xU5M.js",
        media: "text/javascript; charset=utf-8",
        digest: "f5b783f478b887b8",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/grants-OEH5xU5M.js.br"),
            gzip: include_bytes!("../assets/assets/grants-OEH5xU5M.js.gz"),
        },
    },
    Asset {
        path: "assets/import-material-CKE3t-YE.js",
        media: "text/javascript; charset=utf-8",
        digest: "95f873cf60550fb7",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/import-material-CKE3t-YE.js.br"),
            gzip: include_bytes!("../assets/assets/import-material-CKE3t-YE.js.gz"),
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
        path: "assets/index-CZ0d7g-q.js",
        media: "text/javascript; charset=utf-8",
        digest: "29111be6fd3a4f44",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/index-CZ0d7g-q.js.br"),
            gzip: include_bytes!("../assets/assets/index-CZ0d7g-q.js.gz"),
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
        path: "assets/internal-BGdWYSSV.js",
        media: "text/javascript; charset=utf-8",
        digest: "52e5e0a1cfb2c558",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-BGdWYSSV.js.br"),
            gzip: include_bytes!("../assets/assets/internal-BGdWYSSV.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-BepjaBGU.js",
        media: "text/javascript; charset=utf-8",
        digest: "99503af16e423a40",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-BepjaBGU.js.br"),
            gzip: include_bytes!("../assets/assets/internal-BepjaBGU.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-BouYUKA1.js",
        media: "text/javascript; charset=utf-8",
        digest: "5a231e1526294b7c",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-BouYUKA1.js.br"),
            gzip: include_bytes!("../assets/assets/internal-BouYUKA1.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-C3aoCfEz.js",
        media: "text/javascript; charset=utf-8",
        digest: "67e1a4c5fe12cf8a",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-C3aoCfEz.js.br"),
            gzip: include_bytes!("../assets/assets/internal-C3aoCfEz.js.gz"),
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
        path: "assets/internal-DNpOeV12.js",
        media: "text/javascript; charset=utf-8",
        digest: "e9025901ea274fca",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-DNpOeV12.js.br"),
            gzip: include_bytes!("../assets/assets/internal-DNpOeV12.js.gz"),
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
        path: "assets/internal-E-JK1iLE.js",
        media: "text/javascript; charset=utf-8",
        digest: "057734fef7bd70d9",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-E-JK1iLE.js.br"),
            gzip: include_bytes!("../assets/assets/internal-E-JK1iLE.js.gz"),
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
        path: "assets/key-Dnh23bjh.js",
        media: "text/javascript; charset=utf-8",
        digest: "e3b26ae6e62272f3",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-Dnh23bjh.js.br"),
            gzip: include_bytes!("../assets/assets/key-Dnh23bjh.js.gz"),
        },
    },
    Asset {
        path: "assets/key-actions-BW8ChE6X.js",
        media: "text/javascript; charset=utf-8",
        digest: "eaee327b4132e0c6",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-actions-BW8ChE6X.js.br"),
            gzip: include_bytes!("../assets/assets/key-actions-BW8ChE6X.js.gz"),
        },
    },
    Asset {
        path: "assets/key-filter-CCKVRdes.js",
        media: "text/javascript; charset=utf-8",
        digest: "e5b12704bbefff36",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-filter-CCKVRdes.js.br"),
            gzip: include_bytes!("../assets/assets/key-filter-CCKVRdes.js.gz"),
        },
    },
    Asset {
        path: "assets/key-list-DSkzkBG9.js",
        media: "text/javascript; charset=utf-8",
        digest: "d71897814a581a0b",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-list-DSkzkBG9.js.br"),
            gzip: include_bytes!("../assets/assets/key-list-DSkzkBG9.js.gz"),
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
        path: "assets/key-table-DR6olLUL.js",
        media: "text/javascript; charset=utf-8",
        digest: "332c20c5f306cd28",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-table-DR6olLUL.js.br"),
            gzip: include_bytes!("../assets/assets/key-table-DR6olLUL.js.gz"),
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
        path: "assets/link-k16sLmzB.js",
        media: "text/javascript; charset=utf-8",
        digest: "71cadcb1d27e3793",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/link-k16sLmzB.js.br"),
            gzip: include_bytes!("../assets/assets/link-k16sLmzB.js.gz"),
        },
    },
    Asset {
        path: "assets/multiselect-B37MYwnk.js",
        media: "text/javascript; charset=utf-8",
        digest: "0a585ab954da280e",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/multiselect-B37MYwnk.js.br"),
            gzip: include_bytes!("../assets/assets/multiselect-B37MYwnk.js.gz"),
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
        path: "assets/page-state-ILIIq3qH.js",
        media: "text/javascript; charset=utf-8",
        digest: "6dd69762238f1251",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/page-state-ILIIq3qH.js.br"),
            gzip: include_bytes!("../assets/assets/page-state-ILIIq3qH.js.gz"),
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
        path: "assets/pagination-CXehmOsd.js",
        media: "text/javascript; charset=utf-8",
        digest: "02bf6a62041bd637",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/pagination-CXehmOsd.js.br"),
            gzip: include_bytes!("../assets/assets/pagination-CXehmOsd.js.gz"),
        },
    },
    Asset {
        path: "assets/principal-CZlD33I8.js",
        media: "text/javascript; charset=utf-8",
        digest: "2cf55ec901b1347d",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/principal-CZlD33I8.js.br"),
            gzip: include_bytes!("../assets/assets/principal-CZlD33I8.js.gz"),
        },
    },
    Asset {
        path: "assets/principals-DnXJI-6U.js",
        media: "text/javascript; charset=utf-8",
        digest: "7ad051a977749782",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/principals-DnXJI-6U.js.br"),
            gzip: include_bytes!("../assets/assets/principals-DnXJI-6U.js.gz"),
        },
    },
    Asset {
        path: "assets/quotas-D2J9rFIq.js",
        media: "text/javascript; charset=utf-8",
        digest: "4d2c1b935e24a06d",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/quotas-D2J9rFIq.js.br"),
            gzip: include_bytes!("../assets/assets/quotas-D2J9rFIq.js.gz"),
        },
    },
    Asset {
        path: "assets/radio-group-CfvsFHcH.js",
        media: "text/javascript; charset=utf-8",
        digest: "d0f76c57bef4b103",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/radio-group-CfvsFHcH.js.br"),
            gzip: include_bytes!("../assets/assets/radio-group-CfvsFHcH.js.gz"),
        },
    },
    Asset {
        path: "assets/regions-CwCrAiZb.js",
        media: "text/javascript; charset=utf-8",
        digest: "a76ceafafb3deeb4",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/regions-CwCrAiZb.js.br"),
            gzip: include_bytes!("../assets/assets/regions-CwCrAiZb.js.gz"),
        },
    },
    Asset {
        path: "assets/rotation-CMaRSBoL.js",
        media: "text/javascript; charset=utf-8",
        digest: "98d6f42934f3192e",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/rotation-CMaRSBoL.js.br"),
            gzip: include_bytes!("../assets/assets/rotation-CMaRSBoL.js.gz"),
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
        path: "assets/segmented-control-DcH2avC4.js",
        media: "text/javascript; charset=utf-8",
        digest: "ac0931e7a34f4f4f",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/segmented-control-DcH2avC4.js.br"),
            gzip: include_bytes!("../assets/assets/segmented-control-DcH2avC4.js.gz"),
        },
    },
    Asset {
        path: "assets/tabs-BkN-4vFy.js",
        media: "text/javascript; charset=utf-8",
        digest: "2b3cf3814ec095ef",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/tabs-BkN-4vFy.js.br"),
            gzip: include_bytes!("../assets/assets/tabs-BkN-4vFy.js.gz"),
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
        path: "assets/text-filter-hBuYbTBz.js",
        media: "text/javascript; charset=utf-8",
        digest: "4766e04599abcd15",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/text-filter-hBuYbTBz.js.br"),
            gzip: include_bytes!("../assets/assets/text-filter-hBuYbTBz.js.gz"),
        },
    },
    Asset {
        path: "assets/textarea-BGSSutZp.js",
        media: "text/javascript; charset=utf-8",
        digest: "7c214d4a98dde31f",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/textarea-BGSSutZp.js.br"),
            gzip: include_bytes!("../assets/assets/textarea-BGSSutZp.js.gz"),
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
        path: "assets/usage-CeUEG82f.js",
        media: "text/javascript; charset=utf-8",
        digest: "74e4d5c4cc14c967",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-CeUEG82f.js.br"),
            gzip: include_bytes!("../assets/assets/usage-CeUEG82f.js.gz"),
        },
    },
    Asset {
        path: "assets/usage-DttfKWQs.js",
        media: "text/javascript; charset=utf-8",
        digest: "14bc99e123250bfb",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-DttfKWQs.js.br"),
            gzip: include_bytes!("../assets/assets/usage-DttfKWQs.js.gz"),
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
        path: "assets/usage-figures-y5ttExLM.js",
        media: "text/javascript; charset=utf-8",
        digest: "a624c5d2ad017cbe",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-figures-y5ttExLM.js.br"),
            gzip: include_bytes!("../assets/assets/usage-figures-y5ttExLM.js.gz"),
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
        path: "assets/use-debounce-search-result-callback-DwdJIWaj.js",
        media: "text/javascript; charset=utf-8",
        digest: "d80ee8531ba6f562",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-debounce-search-result-callback-DwdJIWaj.js.br"),
            gzip: include_bytes!("../assets/assets/use-debounce-search-result-callback-DwdJIWaj.js.gz"),
        },
    },
    Asset {
        path: "assets/use-key-CTNYWpfR.js",
        media: "text/javascript; charset=utf-8",
        digest: "db961f4b0a0660dc",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-key-CTNYWpfR.js.br"),
            gzip: include_bytes!("../assets/assets/use-key-CTNYWpfR.js.gz"),
        },
    },
    Asset {
        path: "assets/use-list-focus-controller-BRo5Jint.js",
        media: "text/javascript; charset=utf-8",
        digest: "e54c5a6fa4b8657d",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-list-focus-controller-BRo5Jint.js.br"),
            gzip: include_bytes!("../assets/assets/use-list-focus-controller-BRo5Jint.js.gz"),
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
        path: "assets/wizard-CuKNFcQf.js",
        media: "text/javascript; charset=utf-8",
        digest: "7388e7bcb460415f",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/wizard-CuKNFcQf.js.br"),
            gzip: include_bytes!("../assets/assets/wizard-CuKNFcQf.js.gz"),
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
        digest: "c0254231f5257f17",
        body: Body::Coded {
            brotli: include_bytes!("../assets/index.html.br"),
            gzip: include_bytes!("../assets/index.html.gz"),
        },
    },
];
