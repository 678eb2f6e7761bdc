BEGIN TRANSACTION;
CREATE TABLE code (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      digest BLOB NOT NULL,
      expires REAL NOT NULL,         -- on the clock that counts since the machine was started
      wrong INTEGER NOT NULL
    ) STRICT;
CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "facts" VALUES('cookie','mirror_c0348194');
CREATE TABLE keys (
      id TEXT PRIMARY KEY,
      user INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
      kind TEXT NOT NULL CHECK (kind IN ('cookie', 'login', 'api')),
      digest BLOB NOT NULL UNIQUE,   -- SHA-256 of the key
      name TEXT NOT NULL,
      scopes TEXT NOT NULL,
      created REAL NOT NULL,
      seen REAL NOT NULL,
      expires REAL NOT NULL,
      idle_s REAL NOT NULL,
      address TEXT NOT NULL,
      agent TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
INSERT INTO "keys" VALUES('75afadfe01bb80f8',1,'api',X'61A3296A2990D6C472269EB7D60E2E27AA17A82D118C040E8AF23337E0864197','grafana','look read',1.79571840541854310041e+09,1.79571840541854310041e+09,2.11107840541854310041e+09,315360000.0,'','');
CREATE TABLE users (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      username TEXT NOT NULL,
      folded TEXT NOT NULL UNIQUE,   -- the name without regard to capitals
      email TEXT NOT NULL,
      first_name TEXT NOT NULL,
      last_name TEXT NOT NULL,
      role TEXT NOT NULL CHECK (role IN ('owner', 'guest')),
      password TEXT NOT NULL,        -- Argon2id, as a PHC string
      joined REAL NOT NULL           -- seconds since 1970, as all times
    ) STRICT;
INSERT INTO "users" VALUES(1,'anna','anna','','','','owner','$argon2id$v=19$m=19456,t=3,p=1$QafbYiMPeMGZXypnmgWmZw$bnXQKC4f2rWajNXm4lFG0EbGngy6fKdlpMFGleTFWh0',1.79571840511009359359e+09);
INSERT INTO "users" VALUES(2,'ben','ben','','','','guest','$argon2id$v=19$m=19456,t=3,p=1$fq4zOuImR6T6WlADnzQ4ZA$M6rlVoKvjMQiALDCae3sDwk2E4ObglOsNG5D52PVu3s',1.7957184054014172554e+09);
CREATE INDEX keys_of_user ON keys (user);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('users',2);
COMMIT;
