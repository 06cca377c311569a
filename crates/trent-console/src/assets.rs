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
        path: "assets/attribute-editor-CaQXyMuz.js",
        media: "text/javascript; charset=utf-8",
        digest: "669d15c8e294d7e6",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/attribute-editor-CaQXyMuz.js.br"),
            gzip: include_bytes!("../assets/assets/attribute-editor-CaQXyMuz.js.gz"),
        },
    },
    Asset {
        path: "assets/audit-C53dnC0-.js",
        media: "text/javascript; charset=utf-8",
        digest: "dd0895de860259af",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/audit-C53dnC0-.js.br"),
            gzip: include_bytes!("../assets/assets/audit-C53dnC0-.js.gz"),
        },
    },
    Asset {
        path: "assets/audit-jWQHD5qD.js",
        media: "text/javascript; charset=utf-8",
        digest: "1ddce71dd5731b01",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/audit-jWQHD5qD.js.br"),
            gzip: include_bytes!("../assets/assets/audit-jWQHD5qD.js.gz"),
        },
    },
    Asset {
        path: "assets/aws-key-list-Bay06fMO.js",
        media: "text/javascript; charset=utf-8",
        digest: "4e2e7149508dcae1",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/aws-key-list-Bay06fMO.js.br"),
            gzip: include_bytes!("../assets/assets/aws-key-list-Bay06fMO.js.gz"),
        },
    },
    Asset {
        path: "assets/checkbox-DNy5Ps1e.js",
        media: "text/javascript; charset=utf-8",
        digest: "8c770ac480366309",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/checkbox-DNy5Ps1e.js.br"),
            gzip: include_bytes!("../assets/assets/checkbox-DNy5Ps1e.js.gz"),
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
        path: "assets/create-choices-qX0R49zl.js",
        media: "text/javascript; charset=utf-8",
        digest: "08f404beebcce266",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/create-choices-qX0R49zl.js.br"),
            gzip: include_bytes!("../assets/assets/create-choices-qX0R49zl.js.gz"),
        },
    },
    Asset {
        path: "assets/create-key-CjgqzjXq.js",
        media: "text/javascript; charset=utf-8",
        digest: "960e250bfbb6a826",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/create-key-CjgqzjXq.js.br"),
            gzip: include_bytes!("../assets/assets/create-key-CjgqzjXq.js.gz"),
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
        path: "assets/dialog-D4G9IUm5.js",
        media: "text/javascript; charset=utf-8",
        digest: "6a714bf48191b455",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/dialog-D4G9IUm5.js.br"),
            gzip: include_bytes!("../assets/assets/dialog-D4G9IUm5.js.gz"),
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
        path: "assets/event-table-DIKK0hZ5.js",
        media: "text/javascript; charset=utf-8",
        digest: "52590383fcba58e2",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/event-table-DIKK0hZ5.js.br"),
            gzip: include_bytes!("../assets/assets/event-table-DIKK0hZ5.js.gz"),
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
        path: "assets/grants-B233q10T.js",
        media: "text/javascript; charset=utf-8",
        digest: "655e123b92a998a7",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/grants-B233q10T.js.br"),
            gzip: include_bytes!("../assets/assets/grants-B233q10T.js.gz"),
        },
    },
    Asset {
        path: "assets/import-material-B3JJp7DB.js",
        media: "text/javascript; charset=utf-8",
        digest: "330d037012a9f089",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/import-material-B3JJp7DB.js.br"),
            gzip: include_bytes!("../assets/assets/import-material-B3JJp7DB.js.gz"),
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
        digest: "88569b3ef80e329e",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/index-BoGaUEQc.css.br"),
            gzip: include_bytes!("../assets/assets/index-BoGaUEQc.css.gz"),
        },
    },
    Asset {
        path: "assets/index-Ih8qET1k.js",
        media: "text/javascript; charset=utf-8",
        digest: "f5a63ad3eb604da5",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/index-Ih8qET1k.js.br"),
            gzip: include_bytes!("../assets/assets/index-Ih8qET1k.js.gz"),
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
        path: "assets/internal-BXsBDQrx.js",
        media: "text/javascript; charset=utf-8",
        digest: "f84a0542aab8bb0b",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-BXsBDQrx.js.br"),
            gzip: include_bytes!("../assets/assets/internal-BXsBDQrx.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-CK36fA8S.js",
        media: "text/javascript; charset=utf-8",
        digest: "6fcb74750deeae23",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-CK36fA8S.js.br"),
            gzip: include_bytes!("../assets/assets/internal-CK36fA8S.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-CShFp5Vl.js",
        media: "text/javascript; charset=utf-8",
        digest: "87876753b04e82c9",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-CShFp5Vl.js.br"),
            gzip: include_bytes!("../assets/assets/internal-CShFp5Vl.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-Cd1_l1mH.js",
        media: "text/javascript; charset=utf-8",
        digest: "6fd1d25dfdfc1575",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-Cd1_l1mH.js.br"),
            gzip: include_bytes!("../assets/assets/internal-Cd1_l1mH.js.gz"),
        },
    },
    Asset {
        path: "assets/internal-CgmCfFax.js",
        media: "text/javascript; charset=utf-8",
        digest: "e353c70584e0f8cb",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-CgmCfFax.js.br"),
            gzip: include_bytes!("../assets/assets/internal-CgmCfFax.js.gz"),
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
        path: "assets/internal-Sk1yb4xM.js",
        media: "text/javascript; charset=utf-8",
        digest: "67c1f093d1bd23fd",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/internal-Sk1yb4xM.js.br"),
            gzip: include_bytes!("../assets/assets/internal-Sk1yb4xM.js.gz"),
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
        path: "assets/key-actions-Cw0uQh2N.js",
        media: "text/javascript; charset=utf-8",
        digest: "f272cdba7b7a9b52",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-actions-Cw0uQh2N.js.br"),
            gzip: include_bytes!("../assets/assets/key-actions-Cw0uQh2N.js.gz"),
        },
    },
    Asset {
        path: "assets/key-filter-BnRpiG6x.js",
        media: "text/javascript; charset=utf-8",
        digest: "de08a2f9c653d543",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-filter-BnRpiG6x.js.br"),
            gzip: include_bytes!("../assets/assets/key-filter-BnRpiG6x.js.gz"),
        },
    },
    Asset {
        path: "assets/key-gkJXnW9v.js",
        media: "text/javascript; charset=utf-8",
        digest: "3471c1e41f8d12ca",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-gkJXnW9v.js.br"),
            gzip: include_bytes!("../assets/assets/key-gkJXnW9v.js.gz"),
        },
    },
    Asset {
        path: "assets/key-list-CiJ6GE2g.js",
        media: "text/javascript; charset=utf-8",
        digest: "7871105b6ef6e338",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-list-CiJ6GE2g.js.br"),
            gzip: include_bytes!("../assets/assets/key-list-CiJ6GE2g.js.gz"),
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
        path: "assets/key-table-DPgZS5A5.js",
        media: "text/javascript; charset=utf-8",
        digest: "a3269b824584de13",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/key-table-DPgZS5A5.js.br"),
            gzip: include_bytes!("../assets/assets/key-table-DPgZS5A5.js.gz"),
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
        path: "assets/link-Bbx5ksk2.js",
        media: "text/javascript; charset=utf-8",
        digest: "6783fd0cd472a8fe",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/link-Bbx5ksk2.js.br"),
            gzip: include_bytes!("../assets/assets/link-Bbx5ksk2.js.gz"),
        },
    },
    Asset {
        path: "assets/multiselect-p_ztKsJT.js",
        media: "text/javascript; charset=utf-8",
        digest: "8ed7db9661e94f77",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/multiselect-p_ztKsJT.js.br"),
            gzip: include_bytes!("../assets/assets/multiselect-p_ztKsJT.js.gz"),
        },
    },
    Asset {
        path: "assets/other-B81Cyh_X.js",
        media: "text/javascript; charset=utf-8",
        digest: "cfb05efb2e15c030",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/other-B81Cyh_X.js.br"),
            gzip: include_bytes!("../assets/assets/other-B81Cyh_X.js.gz"),
        },
    },
    Asset {
        path: "assets/pagination-BFkf3COn.js",
        media: "text/javascript; charset=utf-8",
        digest: "29422929c4ddf301",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/pagination-BFkf3COn.js.br"),
            gzip: include_bytes!("../assets/assets/pagination-BFkf3COn.js.gz"),
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
        path: "assets/principal-BxMchk1Q.js",
        media: "text/javascript; charset=utf-8",
        digest: "981ce8fb999f024c",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/principal-BxMchk1Q.js.br"),
            gzip: include_bytes!("../assets/assets/principal-BxMchk1Q.js.gz"),
        },
    },
    Asset {
        path: "assets/principals-Dqf-Pokk.js",
        media: "text/javascript; charset=utf-8",
        digest: "9952ff6573dccaa6",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/principals-Dqf-Pokk.js.br"),
            gzip: include_bytes!("../assets/assets/principals-Dqf-Pokk.js.gz"),
        },
    },
    Asset {
        path: "assets/quotas-ByzbJvgU.js",
        media: "text/javascript; charset=utf-8",
        digest: "be6d0966c290567f",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/quotas-ByzbJvgU.js.br"),
            gzip: include_bytes!("../assets/assets/quotas-ByzbJvgU.js.gz"),
        },
    },
    Asset {
        path: "assets/radio-group-DBpBlef_.js",
        media: "text/javascript; charset=utf-8",
        digest: "723b274f4e15ae32",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/radio-group-DBpBlef_.js.br"),
            gzip: include_bytes!("../assets/assets/radio-group-DBpBlef_.js.gz"),
        },
    },
    Asset {
        path: "assets/regions-Bk4TP_lT.js",
        media: "text/javascript; charset=utf-8",
        digest: "fd803987b9e8445a",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/regions-Bk4TP_lT.js.br"),
            gzip: include_bytes!("../assets/assets/regions-Bk4TP_lT.js.gz"),
        },
    },
    Asset {
        path: "assets/rotation-DXS02asD.js",
        media: "text/javascript; charset=utf-8",
        digest: "252f5d8e6c0f4293",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/rotation-DXS02asD.js.br"),
            gzip: include_bytes!("../assets/assets/rotation-DXS02asD.js.gz"),
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
        path: "assets/segmented-control-s0CB4JXz.js",
        media: "text/javascript; charset=utf-8",
        digest: "c65b4981d35522e3",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/segmented-control-s0CB4JXz.js.br"),
            gzip: include_bytes!("../assets/assets/segmented-control-s0CB4JXz.js.gz"),
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
        path: "assets/tabs-DrjfzcUr.js",
        media: "text/javascript; charset=utf-8",
        digest: "b10aa1d6e44932ca",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/tabs-DrjfzcUr.js.br"),
            gzip: include_bytes!("../assets/assets/tabs-DrjfzcUr.js.gz"),
        },
    },
    Asset {
        path: "assets/text-filter-QAk9fMyP.js",
        media: "text/javascript; charset=utf-8",
        digest: "40f39cdfe715ad5d",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/text-filter-QAk9fMyP.js.br"),
            gzip: include_bytes!("../assets/assets/text-filter-QAk9fMyP.js.gz"),
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
        path: "assets/textarea-ErZ9gilV.js",
        media: "text/javascript; charset=utf-8",
        digest: "27d364f682a94a3f",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/textarea-ErZ9gilV.js.br"),
            gzip: include_bytes!("../assets/assets/textarea-ErZ9gilV.js.gz"),
        },
    },
    Asset {
        path: "assets/usage-8Mn21DI_.js",
        media: "text/javascript; charset=utf-8",
        digest: "ef5f0bfae20fb2f9",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-8Mn21DI_.js.br"),
            gzip: include_bytes!("../assets/assets/usage-8Mn21DI_.js.gz"),
        },
    },
    Asset {
        path: "assets/usage-figures-BJO6qbMQ.js",
        media: "text/javascript; charset=utf-8",
        digest: "3b55b0036418807d",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-figures-BJO6qbMQ.js.br"),
            gzip: include_bytes!("../assets/assets/usage-figures-BJO6qbMQ.js.gz"),
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
        path: "assets/usage-zXp2Yxpv.js",
        media: "text/javascript; charset=utf-8",
        digest: "78a62272c56961f1",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/usage-zXp2Yxpv.js.br"),
            gzip: include_bytes!("../assets/assets/usage-zXp2Yxpv.js.gz"),
        },
    },
    Asset {
        path: "assets/use-debounce-search-result-callback-Dh-mrdNo.js",
        media: "text/javascript; charset=utf-8",
        digest: "3561a51f9e53a500",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-debounce-search-result-callback-Dh-mrdNo.js.br"),
            gzip: include_bytes!("../assets/assets/use-debounce-search-result-callback-Dh-mrdNo.js.gz"),
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
        path: "assets/use-key-DlDRWi6y.js",
        media: "text/javascript; charset=utf-8",
        digest: "07c0c7ae93e33d05",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-key-DlDRWi6y.js.br"),
            gzip: include_bytes!("../assets/assets/use-key-DlDRWi6y.js.gz"),
        },
    },
    Asset {
        path: "assets/use-list-focus-controller-B0f8A-iI.js",
        media: "text/javascript; charset=utf-8",
        digest: "102d4c62158076c9",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/use-list-focus-controller-B0f8A-iI.js.br"),
            gzip: include_bytes!("../assets/assets/use-list-focus-controller-B0f8A-iI.js.gz"),
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
        path: "assets/wizard-CTK6rQmA.js",
        media: "text/javascript; charset=utf-8",
        digest: "b66cbe2e29895eb0",
        body: Body::Coded {
            brotli: include_bytes!("../assets/assets/wizard-CTK6rQmA.js.br"),
            gzip: include_bytes!("../assets/assets/wizard-CTK6rQmA.js.gz"),
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
        digest: "c9e40af3a78a05ec",
        body: Body::Coded {
            brotli: include_bytes!("../assets/index.html.br"),
            gzip: include_bytes!("../assets/index.html.gz"),
        },
    },
];
