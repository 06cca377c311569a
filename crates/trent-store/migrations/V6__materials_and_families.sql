-- Both stores. What a key's life adds: rotation, imported material, related keys in other Regions, public keys.

-- How many days the waiting period of a primary key will have when its last replica is gone.
ALTER TABLE kms_key ADD COLUMN pending_window_days BIGINT;
-- Automatic rotation: the period in days and the next date by the key clock; both or neither.
ALTER TABLE kms_key ADD COLUMN rotation_period BIGINT;
ALTER TABLE kms_key ADD COLUMN next_rotation BIGINT;
-- The Region of the primary key, on every key of a multi-Region family.
ALTER TABLE kms_key ADD COLUMN primary_region TEXT;
-- A state that ends by itself (Creating, Updating), and when, by the wall clock.
ALTER TABLE kms_key ADD COLUMN passing_state TEXT;
ALTER TABLE kms_key ADD COLUMN passing_until BIGINT;
-- X.509 SubjectPublicKeyInfo of asymmetric keys. It stays when imported material is deleted.
ALTER TABLE kms_key ADD COLUMN public_key BYTEA;

CREATE INDEX kms_key_rotation_due ON kms_key (next_rotation) WHERE next_rotation IS NOT NULL;
CREATE INDEX kms_key_family ON kms_key (key_id) WHERE primary_region IS NOT NULL;

-- What is known of each material, besides its sealed bytes in key_material, which imported material may lack.
CREATE TABLE key_material_record (
    region TEXT NOT NULL,
    key_id BYTEA NOT NULL,
    multi_region BOOLEAN NOT NULL,
    material_id BYTEA NOT NULL,
    -- The order in which the materials came to the key, from 0.
    ordinal BIGINT NOT NULL,
    -- KeyMaterialState.
    state TEXT NOT NULL,
    -- When and why it became current by a rotation; both or neither.
    rotated_at BIGINT,
    rotation_type TEXT,
    description TEXT NOT NULL,
    -- Of imported material that is there: whether it expires, and when by the key clock.
    expires BOOLEAN,
    valid_to BIGINT,
    PRIMARY KEY (region, key_id, multi_region, material_id)
);
CREATE INDEX key_material_record_expiring ON key_material_record (valid_to) WHERE valid_to IS NOT NULL;
INSERT INTO key_material_record (region, key_id, multi_region, material_id, ordinal, state, description)
    SELECT region, key_id, multi_region, material_id, 0, 'CURRENT', '' FROM key_material;
