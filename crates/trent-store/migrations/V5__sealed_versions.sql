-- Both stores. The version of the domain key is the second of the sealed bytes, in the clear: what an older version has
-- sealed is found by it when the domain key rotates.

CREATE INDEX key_material_by_domain_key
    ON key_material (substr(sealed, 2, 1), region, key_id, multi_region, material_id);
CREATE INDEX access_key_by_domain_key ON access_key (substr(sealed_secret, 2, 1), access_key_id);
