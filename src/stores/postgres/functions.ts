import { counterFunctions } from './counter-functions.js';
import { recordFunctions } from './record-functions.js';

// A server's clock that is set back a little (NTP, a fail-over) does not bring back to life what had expired: the caller says what
// time it has seen. A correction of more than an hour is believed, or one wrong date would keep every lock until that date.
const LARGEST_STEP_BACK_MS = 3_600_000;

/**
 * One commit is one call: one round trip, one transaction. Doing it in the server, rather than with BEGIN and COMMIT from here,
 * holds the owner's lock for no longer than the work takes, and a client that dies leaves nothing open.
 *
 * READ COMMITTED with a lock per owner, not SERIALIZABLE: commits of one owner have to wait for each other anyway, since each
 * decides from what the one before left, and a lock makes them wait where serializable would make them fail and repeat. The lock is
 * taken before anything is read, and under READ COMMITTED each later statement sees what was committed until then; at another
 * level the picture would be older than the lock, so the function refuses to run. It is an advisory lock, because an owner who has
 * no rows yet needs one too. Two owners whose hashes are equal only wait for each other.
 *
 * Names end in the number of the migration that made them: one that changes a function makes a new name, so that the version
 * before goes on calling its own.
 */
export const functions = (schema: string) => `${recordFunctions(schema)}${counterFunctions(schema)}
CREATE FUNCTION ${schema}.mfa_now_1(p_seen bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $mfa$
DECLARE
  v_now bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
BEGIN
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION 'a read replica' USING ERRCODE = 'MFA03';
  END IF;
  RETURN CASE WHEN p_seen - v_now BETWEEN 0 AND ${LARGEST_STEP_BACK_MS} THEN p_seen ELSE v_now END;
END $mfa$;

CREATE FUNCTION ${schema}.mfa_lock_1(p_owner text, p_wait_ms integer) RETURNS void
LANGUAGE plpgsql VOLATILE AS $mfa$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'needs READ COMMITTED' USING ERRCODE = 'MFA02';
  END IF;
  PERFORM set_config('lock_timeout', p_wait_ms::text, true);
  PERFORM pg_advisory_xact_lock(hashtextextended(p_owner, hashtextextended('express-mfa ${schema}', 0)));
END $mfa$;

CREATE FUNCTION ${schema}.mfa_append_1(p_rows jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $mfa$
BEGIN
  -- In one order always: two that append the same rows then wait for each other, and never both ways.
  INSERT INTO ${schema}.mfa_log (id, at, type, owner, epoch, data)
  SELECT r->>'id', (r->>'at')::numeric, r->>'type', r->>'owner', (r->>'epoch')::numeric, r->>'data'
  FROM jsonb_array_elements(p_rows) WITH ORDINALITY AS given (r, n)
  ORDER BY r->>'id' COLLATE "C", n
  ON CONFLICT (id) DO NOTHING;
END $mfa$;

CREATE FUNCTION ${schema}.mfa_read_1(p_owner text, p_refs jsonb, p_seen bigint) RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $mfa$
DECLARE
  v_now bigint := ${schema}.mfa_now_1(p_seen);
BEGIN
  RETURN json_build_object('now', v_now, 'records', ${schema}.mfa_records_1(p_owner, p_refs, v_now));
END $mfa$;

CREATE FUNCTION ${schema}.mfa_commit_1(p_owner text, p_step jsonb, p_seen bigint, p_wait_ms integer) RETURNS json
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $mfa$
DECLARE
  v_now bigint;
  v_failed integer;
  v_hits jsonb;
BEGIN
  PERFORM ${schema}.mfa_lock_1(p_owner, p_wait_ms);
  v_now := ${schema}.mfa_now_1(p_seen);
  BEGIN
    v_failed := ${schema}.mfa_write_1(p_owner, p_step->'writes', v_now);
    IF v_failed IS NOT NULL THEN
      RAISE SQLSTATE 'MFA01';
    END IF;
    PERFORM ${schema}.mfa_count_1(p_owner, p_step->'counters', v_now);
    v_hits := ${schema}.mfa_hit_1(p_owner, p_step->'hits', v_now);
    IF v_hits ? 'index' THEN
      RAISE SQLSTATE 'MFA01';
    END IF;
    IF p_step ? 'log' THEN
      PERFORM ${schema}.mfa_append_1(p_step->'log');
    END IF;
  EXCEPTION WHEN SQLSTATE 'MFA01' THEN
    -- Everything since the inner BEGIN is taken back; the variables stay.
    IF v_failed IS NOT NULL THEN
      RETURN json_build_object('ok', false, 'reason', 'condition', 'index', v_failed, 'now', v_now);
    END IF;
    RETURN jsonb_build_object('ok', false, 'reason', 'limit', 'now', v_now) || v_hits;
  END;
  RETURN json_build_object('ok', true, 'now', v_now, 'counts', v_hits->'counts',
    'records', ${schema}.mfa_records_1(p_owner, p_step->'reads', v_now));
END $mfa$;

CREATE FUNCTION ${schema}.mfa_forget_1(p_owner text, p_wait_ms integer) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $mfa$
BEGIN
  PERFORM ${schema}.mfa_lock_1(p_owner, p_wait_ms);
  DELETE FROM ${schema}.mfa_records WHERE owner = p_owner;
  DELETE FROM ${schema}.mfa_counters WHERE owner = p_owner;
  DELETE FROM ${schema}.mfa_log WHERE owner = p_owner;
END $mfa$;`;

export const dropFunctions = (schema: string) => `
DROP FUNCTION ${schema}.mfa_forget_1(text, integer);
DROP FUNCTION ${schema}.mfa_commit_1(text, jsonb, bigint, integer);
DROP FUNCTION ${schema}.mfa_read_1(text, jsonb, bigint);
DROP FUNCTION ${schema}.mfa_append_1(jsonb);
DROP FUNCTION ${schema}.mfa_lock_1(text, integer);
DROP FUNCTION ${schema}.mfa_now_1(bigint);
DROP FUNCTION ${schema}.mfa_hit_1(text, jsonb, bigint);
DROP FUNCTION ${schema}.mfa_count_1(text, jsonb, bigint);
DROP FUNCTION ${schema}.mfa_write_1(text, jsonb, bigint);
DROP FUNCTION ${schema}.mfa_records_1(text, jsonb, bigint);`;
