/**
 * Texts sort and compare byte by byte (`COLLATE "C"`): the same on every machine and after every update of the operating system,
 * and an index of them serves prefixes and pages. JSON is kept as text, because `jsonb` loses the order of keys and refuses NUL.
 */
export const tables = (schema: string) => `
CREATE TABLE ${schema}.mfa_records (
  owner text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  data text NOT NULL,
  version bigint NOT NULL,
  mark bigint NOT NULL,
  expires_at bigint,
  created_at bigint NOT NULL,
  PRIMARY KEY (owner, kind, id)
) WITH (fillfactor = 80);
CREATE INDEX mfa_records_expiry ON ${schema}.mfa_records (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE ${schema}.mfa_counters (
  owner text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  total bigint NOT NULL,
  floor bigint NOT NULL,
  refunded int8multirange NOT NULL,
  last_at bigint NOT NULL,
  before_at bigint NOT NULL,
  reset_at bigint,
  PRIMARY KEY (owner, key)
) WITH (fillfactor = 70);
CREATE INDEX mfa_counters_reset ON ${schema}.mfa_counters (reset_at) WHERE reset_at IS NOT NULL;

CREATE TABLE ${schema}.mfa_log (
  id text COLLATE "C" PRIMARY KEY,
  at bigint NOT NULL,
  type text COLLATE "C" NOT NULL,
  owner text COLLATE "C",
  epoch bigint,
  data text NOT NULL
);
CREATE INDEX mfa_log_at ON ${schema}.mfa_log (at, id);
CREATE INDEX mfa_log_owner ON ${schema}.mfa_log (owner, at, id) WHERE owner IS NOT NULL;
CREATE INDEX mfa_log_type ON ${schema}.mfa_log (type, at, id);
CREATE INDEX mfa_log_bumps ON ${schema}.mfa_log (at, id) WHERE epoch IS NOT NULL;`;

export const dropTables = (schema: string) =>
  `DROP TABLE ${schema}.mfa_records, ${schema}.mfa_counters, ${schema}.mfa_log;`;
