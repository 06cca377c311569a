-- Run once by the image, as the administrator, in the new database: `trent migrate` does the rest as its owner.
CREATE ROLE trent_owner LOGIN CREATEROLE;
ALTER DATABASE trent OWNER TO trent_owner;
