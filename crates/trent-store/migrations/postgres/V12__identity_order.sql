-- Pages of identities are in the order of bytes, whatever the database's own order is. Columns that are compared have the
-- same order.
ALTER TABLE iam_user ALTER COLUMN folded_name TYPE TEXT COLLATE "C", ALTER COLUMN boundary_policy TYPE TEXT COLLATE "C";
ALTER TABLE iam_group ALTER COLUMN folded_name TYPE TEXT COLLATE "C";
ALTER TABLE iam_role ALTER COLUMN folded_name TYPE TEXT COLLATE "C", ALTER COLUMN boundary_policy TYPE TEXT COLLATE "C";
ALTER TABLE iam_policy ALTER COLUMN folded_name TYPE TEXT COLLATE "C";
ALTER TABLE iam_policy_version ALTER COLUMN policy TYPE TEXT COLLATE "C";
ALTER TABLE iam_inline_policy ALTER COLUMN owner TYPE TEXT COLLATE "C", ALTER COLUMN folded_name TYPE TEXT COLLATE "C";
ALTER TABLE iam_attachment ALTER COLUMN owner TYPE TEXT COLLATE "C", ALTER COLUMN policy TYPE TEXT COLLATE "C";
ALTER TABLE iam_membership ALTER COLUMN user_name TYPE TEXT COLLATE "C",
    ALTER COLUMN group_name TYPE TEXT COLLATE "C";
ALTER TABLE iam_tag ALTER COLUMN owner TYPE TEXT COLLATE "C", ALTER COLUMN folded_key TYPE TEXT COLLATE "C";
ALTER TABLE service_principal ALTER COLUMN name TYPE TEXT COLLATE "C";
ALTER TABLE access_key ALTER COLUMN owner TYPE TEXT COLLATE "C", ALTER COLUMN access_key_id TYPE TEXT COLLATE "C";
