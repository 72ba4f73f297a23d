/** What `core/apply-commit.ts` does to records, in the server. */
export const recordFunctions = (schema: string) => `
-- One list per ref, in order. STABLE: all of it from one moment, that of the query it is called in.
CREATE FUNCTION ${schema}.mfa_records_1(p_owner text, p_refs jsonb, p_now bigint) RETURNS json
LANGUAGE plpgsql STABLE AS $mfa$
BEGIN
  RETURN (
    SELECT coalesce(json_agg(found.list ORDER BY refs.n), '[]')
    FROM jsonb_array_elements(p_refs) WITH ORDINALITY AS refs (ref, n)
    CROSS JOIN LATERAL (
      SELECT coalesce(json_agg(json_build_object('kind', r.kind, 'id', r.id, 'data', r.data, 'version', r.version,
        'mark', r.mark, 'expiresAt', r.expires_at, 'createdAt', r.created_at)), '[]') AS list
      FROM ${schema}.mfa_records r
      WHERE r.owner = p_owner AND r.kind = ref->>'kind' AND (NOT ref ? 'id' OR r.id = ref->>'id')
        AND (r.expires_at IS NULL OR r.expires_at > p_now)
    ) AS found
  );
END $mfa$;

-- Does the writes in order, each seeing those before it. The place of the first that does not hold; null where all do.
CREATE FUNCTION ${schema}.mfa_write_1(p_owner text, p_writes jsonb, p_now bigint) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $mfa$
DECLARE
  w jsonb;
  n integer;
  v_kind text;
  v_id text;
  v_holds boolean;
  r ${schema}.mfa_records%ROWTYPE;
BEGIN
  FOR w, n IN SELECT value, ordinality - 1 FROM jsonb_array_elements(p_writes) WITH ORDINALITY LOOP
    v_kind := w->>'kind';
    v_id := w->>'id';
    IF v_id IS NULL THEN
      SELECT * INTO r FROM ${schema}.mfa_records
      WHERE owner = p_owner AND kind = v_kind AND (expires_at IS NULL OR expires_at > p_now) LIMIT 1;
    ELSE
      SELECT * INTO r FROM ${schema}.mfa_records
      WHERE owner = p_owner AND kind = v_kind AND id = v_id AND (expires_at IS NULL OR expires_at > p_now);
    END IF;

    v_holds := CASE
      WHEN NOT w ? 'if' THEN true
      WHEN w->>'if' = 'absent' THEN r.id IS NULL
      WHEN w->>'if' = 'present' THEN r.id IS NOT NULL
      WHEN w->'if' ? 'version' THEN r.version = (w->'if'->>'version')::numeric
      ELSE coalesce(r.mark, 0) = (w->'if'->>'mark')::numeric
    END;
    IF w ? 'atMost' AND (
      SELECT count(*) FROM ${schema}.mfa_records
      WHERE owner = p_owner AND kind = v_kind AND id <> v_id AND (expires_at IS NULL OR expires_at > p_now)
    ) >= (w->>'atMost')::numeric THEN
      v_holds := false;
    END IF;
    IF w->>'do' = 'raise' THEN
      v_holds := (w->>'to')::numeric > r.mark;
    END IF;
    -- Null is no yes: a version of what is not there, a mark that is no number.
    IF v_holds IS NOT TRUE THEN
      RETURN n;
    END IF;

    IF w->>'do' = 'check' THEN
      CONTINUE;
    ELSIF w->>'do' = 'delete' AND v_id IS NULL THEN
      DELETE FROM ${schema}.mfa_records WHERE owner = p_owner AND kind = v_kind;
      CONTINUE;
    ELSIF w->>'do' = 'delete' THEN
      DELETE FROM ${schema}.mfa_records WHERE owner = p_owner AND kind = v_kind AND id = v_id;
      CONTINUE;
    ELSIF w->>'do' = 'put' THEN
      r.data := w->>'data';
      r.version := coalesce(r.version, 0) + 1;
      r.expires_at := p_now + ceil((w->>'ttlMs')::numeric);
    ELSIF w->>'do' = 'raise' THEN
      r.mark := (w->>'to')::numeric;
    ELSIF w->>'do' = 'bump' THEN
      r.mark := coalesce(r.mark, 0) + 1;
    ELSE
      RAISE EXCEPTION 'no such write' USING ERRCODE = '22023';
    END IF;
    INSERT INTO ${schema}.mfa_records (owner, kind, id, data, version, mark, expires_at, created_at)
    VALUES (p_owner, v_kind, v_id, coalesce(r.data, 'null'), coalesce(r.version, 1), coalesce(r.mark, 0), r.expires_at,
      coalesce(r.created_at, p_now))
    ON CONFLICT (owner, kind, id) DO UPDATE SET data = excluded.data, version = excluded.version, mark = excluded.mark,
      expires_at = excluded.expires_at, created_at = excluded.created_at;
  END LOOP;
  RETURN NULL;
END $mfa$;
`;
