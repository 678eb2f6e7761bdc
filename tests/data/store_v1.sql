BEGIN TRANSACTION;
CREATE TABLE camera_log (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, state TEXT NOT NULL) STRICT;
INSERT INTO "camera_log" VALUES(1,1772388004000,'off');
CREATE TABLE hours (start INTEGER NOT NULL, session INTEGER NOT NULL, total INTEGER NOT NULL, dominant_joy INTEGER NOT NULL, dominant_calm INTEGER NOT NULL, dominant_energy INTEGER NOT NULL, dominant_melancholy INTEGER NOT NULL, saw_angry INTEGER NOT NULL, saw_disgust INTEGER NOT NULL, saw_fear INTEGER NOT NULL, saw_happy INTEGER NOT NULL, saw_sad INTEGER NOT NULL, saw_surprise INTEGER NOT NULL, saw_neutral INTEGER NOT NULL, saw_unsure INTEGER NOT NULL, joy_sum INTEGER NOT NULL, calm_sum INTEGER NOT NULL, energy_sum INTEGER NOT NULL, melancholy_sum INTEGER NOT NULL, valence_sum INTEGER NOT NULL, arousal_sum INTEGER NOT NULL, joy_squares INTEGER NOT NULL, calm_squares INTEGER NOT NULL, energy_squares INTEGER NOT NULL, melancholy_squares INTEGER NOT NULL, valence_squares INTEGER NOT NULL, arousal_squares INTEGER NOT NULL, first_id INTEGER NOT NULL, first_at INTEGER NOT NULL, joy_low INTEGER NOT NULL, calm_low INTEGER NOT NULL, energy_low INTEGER NOT NULL, melancholy_low INTEGER NOT NULL, valence_low INTEGER NOT NULL, arousal_low INTEGER NOT NULL, last_id INTEGER NOT NULL, last_at INTEGER NOT NULL, joy_high INTEGER NOT NULL, calm_high INTEGER NOT NULL, energy_high INTEGER NOT NULL, melancholy_high INTEGER NOT NULL, valence_high INTEGER NOT NULL, arousal_high INTEGER NOT NULL, PRIMARY KEY (start, session)) STRICT;
INSERT INTO "hours" VALUES(1772388000000,1,3,3,0,0,0,0,0,0,3,0,0,0,0,7500,7500,7500,7500,15000,9000,18750000,18750000,18750000,18750000,75000000,27000000,1,1772388000000,10996888665760000,10996888665760000,10996888665760000,10996888665760000,21992004943520000,13195911921312000,3,1772388002000,10997741936271103,10997741936271103,10997741936271103,10997741936271103,21992858214031103,13196765191823103);
CREATE TABLE minutes (start INTEGER NOT NULL, session INTEGER NOT NULL, total INTEGER NOT NULL, dominant_joy INTEGER NOT NULL, dominant_calm INTEGER NOT NULL, dominant_energy INTEGER NOT NULL, dominant_melancholy INTEGER NOT NULL, saw_angry INTEGER NOT NULL, saw_disgust INTEGER NOT NULL, saw_fear INTEGER NOT NULL, saw_happy INTEGER NOT NULL, saw_sad INTEGER NOT NULL, saw_surprise INTEGER NOT NULL, saw_neutral INTEGER NOT NULL, saw_unsure INTEGER NOT NULL, joy_sum INTEGER NOT NULL, calm_sum INTEGER NOT NULL, energy_sum INTEGER NOT NULL, melancholy_sum INTEGER NOT NULL, valence_sum INTEGER NOT NULL, arousal_sum INTEGER NOT NULL, joy_squares INTEGER NOT NULL, calm_squares INTEGER NOT NULL, energy_squares INTEGER NOT NULL, melancholy_squares INTEGER NOT NULL, valence_squares INTEGER NOT NULL, arousal_squares INTEGER NOT NULL, first_id INTEGER NOT NULL, first_at INTEGER NOT NULL, joy_low INTEGER NOT NULL, calm_low INTEGER NOT NULL, energy_low INTEGER NOT NULL, melancholy_low INTEGER NOT NULL, valence_low INTEGER NOT NULL, arousal_low INTEGER NOT NULL, last_id INTEGER NOT NULL, last_at INTEGER NOT NULL, joy_high INTEGER NOT NULL, calm_high INTEGER NOT NULL, energy_high INTEGER NOT NULL, melancholy_high INTEGER NOT NULL, valence_high INTEGER NOT NULL, arousal_high INTEGER NOT NULL, PRIMARY KEY (start, session)) STRICT;
INSERT INTO "minutes" VALUES(1772388000000,1,3,3,0,0,0,0,0,0,3,0,0,0,0,7500,7500,7500,7500,15000,9000,18750000,18750000,18750000,18750000,75000000,27000000,1,1772388000000,10996888665760000,10996888665760000,10996888665760000,10996888665760000,21992004943520000,13195911921312000,3,1772388002000,10997741936271103,10997741936271103,10997741936271103,10997741936271103,21992858214031103,13196765191823103);
CREATE TABLE readings (
  id INTEGER PRIMARY KEY,      -- counts up in order of arrival
  session INTEGER NOT NULL,    -- sessions.id
  at INTEGER NOT NULL,         -- milliseconds since 1970, UTC
  track INTEGER NOT NULL,
  angry INTEGER NOT NULL,      -- the seven shares, in ten-thousandths
  disgust INTEGER NOT NULL,
  fear INTEGER NOT NULL,
  happy INTEGER NOT NULL,
  sad INTEGER NOT NULL,
  surprise INTEGER NOT NULL,
  neutral INTEGER NOT NULL,
  expression INTEGER NOT NULL, -- 0 angry, 1 disgust, ... in the order above, 7 unsure
  confidence INTEGER NOT NULL, -- ten-thousandths, and so the six below
  valence INTEGER NOT NULL,
  arousal INTEGER NOT NULL,
  joy INTEGER NOT NULL,
  calm INTEGER NOT NULL,
  energy INTEGER NOT NULL,
  melancholy INTEGER NOT NULL,
  dominant INTEGER GENERATED ALWAYS AS ( -- 0 joy, 1 calm, 2 energy, 3 melancholy; takes no room
    CASE max(joy, calm, energy, melancholy)
      WHEN joy THEN 0 WHEN calm THEN 1 WHEN energy THEN 2 ELSE 3 END) VIRTUAL,
  -- the environment response; all null if there was none
  response_ms INTEGER,         -- created_at - at
  present INTEGER,
  lighting_color INTEGER,      -- 0xRRGGBB
  lighting_intensity INTEGER,  -- ten-thousandths
  background_color INTEGER,    -- 0xRRGGBB
  audio_tone INTEGER,          -- 0 uplifting, 1 peaceful, 2 energetic, 3 melancholic
  audio_frequency INTEGER,     -- tenths of a hertz
  audio_volume INTEGER,        -- ten-thousandths
  audio_major INTEGER,         -- ten-thousandths
  audio_tempo INTEGER,         -- tenths of a beat a minute
  audio_articulation INTEGER,  -- ten-thousandths
  visual_pattern INTEGER,      -- 0 particles, 1 waves, 2 ripples, 3 drift, 4 float
  particle_count INTEGER,
  animation_speed INTEGER,     -- thousandths
  temperature INTEGER,         -- hundredths of a degree Celsius
  humidity INTEGER,            -- hundredths of a per cent
  air_quality INTEGER,         -- 0 excellent, 1 good, 2 moderate, 3 needs_improvement
  transition_ms INTEGER
) STRICT
;
INSERT INTO "readings" VALUES(1,1,1772388000000,0,500,500,500,7000,500,500,500,3,9000,5000,3000,2500,2500,2500,2500,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "readings" VALUES(2,1,1772388001000,1,500,500,500,7000,500,500,500,3,9000,5000,3000,2500,2500,2500,2500,1000,1,16752656,5000,10,0,4400,1000,9000,925,3000,1,900,1250,2350,4500,1,2000);
INSERT INTO "readings" VALUES(3,1,1772388002000,2,500,500,500,7000,500,500,500,3,9000,5000,3000,2500,2500,2500,2500,1000,1,16752656,5000,10,0,4400,1000,9000,925,3000,1,900,1250,2350,4500,1,2000);
INSERT INTO "readings" VALUES(4,2,1772388090000,3,500,500,500,7000,500,500,500,3,9000,5000,3000,2500,2500,2500,2500,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id TEXT NOT NULL UNIQUE,
  started INTEGER NOT NULL,       -- milliseconds since 1970, UTC
  last_activity INTEGER NOT NULL, -- as far as starting and ending say; `totals` knows the readings
  is_active INTEGER NOT NULL,
  device_type TEXT NOT NULL
) STRICT
;
INSERT INTO "sessions" VALUES(1,'one',1772388000000,1772388003000,0,'mirror');
INSERT INTO "sessions" VALUES(2,'two',1772388090000,1772388090000,1,'mirror');
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "settings" VALUES('controls','{"camera":false}');
CREATE TABLE state (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "state" VALUES('folded_to',3);
INSERT INTO "state" VALUES('kept',3);
INSERT INTO "state" VALUES('uuid_tail','8aaa-9bbb-0123456789ab');
CREATE TABLE totals (start INTEGER NOT NULL, session INTEGER NOT NULL, total INTEGER NOT NULL, dominant_joy INTEGER NOT NULL, dominant_calm INTEGER NOT NULL, dominant_energy INTEGER NOT NULL, dominant_melancholy INTEGER NOT NULL, saw_angry INTEGER NOT NULL, saw_disgust INTEGER NOT NULL, saw_fear INTEGER NOT NULL, saw_happy INTEGER NOT NULL, saw_sad INTEGER NOT NULL, saw_surprise INTEGER NOT NULL, saw_neutral INTEGER NOT NULL, saw_unsure INTEGER NOT NULL, joy_sum INTEGER NOT NULL, calm_sum INTEGER NOT NULL, energy_sum INTEGER NOT NULL, melancholy_sum INTEGER NOT NULL, valence_sum INTEGER NOT NULL, arousal_sum INTEGER NOT NULL, joy_squares INTEGER NOT NULL, calm_squares INTEGER NOT NULL, energy_squares INTEGER NOT NULL, melancholy_squares INTEGER NOT NULL, valence_squares INTEGER NOT NULL, arousal_squares INTEGER NOT NULL, first_id INTEGER NOT NULL, first_at INTEGER NOT NULL, joy_low INTEGER NOT NULL, calm_low INTEGER NOT NULL, energy_low INTEGER NOT NULL, melancholy_low INTEGER NOT NULL, valence_low INTEGER NOT NULL, arousal_low INTEGER NOT NULL, last_id INTEGER NOT NULL, last_at INTEGER NOT NULL, joy_high INTEGER NOT NULL, calm_high INTEGER NOT NULL, energy_high INTEGER NOT NULL, melancholy_high INTEGER NOT NULL, valence_high INTEGER NOT NULL, arousal_high INTEGER NOT NULL, PRIMARY KEY (start, session)) STRICT;
INSERT INTO "totals" VALUES(0,1,3,3,0,0,0,0,0,0,3,0,0,0,0,7500,7500,7500,7500,15000,9000,18750000,18750000,18750000,18750000,75000000,27000000,1,1772388000000,10996888665760000,10996888665760000,10996888665760000,10996888665760000,21992004943520000,13195911921312000,3,1772388002000,10997741936271103,10997741936271103,10997741936271103,10997741936271103,21992858214031103,13196765191823103);
CREATE TRIGGER session_gone AFTER DELETE ON sessions BEGIN DELETE FROM totals WHERE start = 0 AND session = old.id; END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('sessions',2);
COMMIT;
