// As in `core/counting.ts`, which says why.
const SPENT_FOR_MS = 3_600_000;
const NUMBERS_PER_MS = 1000;

/** How many hits of counter `c` count against the limit. */
const COUNTED = `(c.total - c.floor - CASE WHEN isempty(c.refunded) THEN 0
      ELSE (SELECT sum(upper(span) - lower(span)) FROM unnest(c.refunded) AS span) END)`;

/** What `core/counting.ts` does to counters, in the server. A multirange joins refunded numbers that touch by itself. */
export const counterFunctions = (schema: string) => `
CREATE FUNCTION ${schema}.mfa_count_1(p_owner text, p_counters jsonb, p_now bigint) RETURNS void
LANGUAGE plpgsql VOLATILE AS $mfa$
DECLARE
  w jsonb;
  v_hit bigint;
  c ${schema}.mfa_counters%ROWTYPE;
BEGIN
  FOR w IN SELECT value FROM jsonb_array_elements(p_counters) LOOP
    IF w->>'do' = 'clear' THEN
      DELETE FROM ${schema}.mfa_counters WHERE owner = p_owner AND starts_with(key, w->>'prefix');
      CONTINUE;
    END IF;
    SELECT * INTO c FROM ${schema}.mfa_counters
    WHERE owner = p_owner AND key = w->>'key' AND (reset_at IS NULL OR reset_at > p_now);
    IF NOT FOUND THEN
      CONTINUE;
    END IF;

    IF w->>'do' = 'settle' THEN
      -- greatest and least pass over null, which is what a number that is none arrives as.
      c.floor := least(greatest(c.floor, floor((w->>'upTo')::numeric)), c.total);
    ELSE
      v_hit := least((w->>'hit')::numeric, c.total + 1);
      IF v_hit IS NULL OR v_hit <= c.floor OR v_hit > c.total OR c.refunded @> v_hit THEN
        CONTINUE;
      END IF;
      c.refunded := c.refunded + int8multirange(int8range(v_hit, v_hit + 1));
      IF v_hit = c.total THEN
        c.last_at := c.before_at;
      END IF;
    END IF;

    -- What lies below the floor is gone, and the floor rises over the refunded numbers that begin right above it.
    c.refunded := c.refunded - int8multirange(int8range(NULL, c.floor + 1));
    IF lower(c.refunded) = c.floor + 1 THEN
      c.floor := (SELECT upper(span) - 1 FROM unnest(c.refunded) AS span ORDER BY span LIMIT 1);
      c.refunded := c.refunded - int8multirange(int8range(NULL, c.floor + 1));
    END IF;
    IF c.reset_at IS NULL AND ${COUNTED} = 0 THEN
      c.reset_at := p_now + ${SPENT_FOR_MS};
    END IF;
    UPDATE ${schema}.mfa_counters SET floor = c.floor, refunded = c.refunded, last_at = c.last_at, reset_at = c.reset_at
    WHERE owner = p_owner AND key = c.key;
  END LOOP;
END $mfa$;

-- { counts } where all are admitted; { index, retryAt } of the first that is not.
CREATE FUNCTION ${schema}.mfa_hit_1(p_owner text, p_hits jsonb, p_now bigint) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $mfa$
DECLARE
  h jsonb;
  n integer;
  v_is_known boolean;
  v_counted bigint;
  v_opens_at bigint;
  v_window bigint;
  v_counts jsonb := '[]';
  c ${schema}.mfa_counters%ROWTYPE;
BEGIN
  FOR h, n IN SELECT value, ordinality - 1 FROM jsonb_array_elements(p_hits) WITH ORDINALITY LOOP
    v_window := ceil((h->>'windowMs')::numeric);
    SELECT * INTO c FROM ${schema}.mfa_counters WHERE owner = p_owner AND key = h->>'key';
    v_is_known := FOUND AND (c.reset_at IS NULL OR c.reset_at > p_now);
    IF NOT v_is_known THEN
      c.total := greatest(c.total, p_now * ${NUMBERS_PER_MS});
      c.floor := c.total;
      c.refunded := '{}';
      c.last_at := p_now;
      c.before_at := p_now;
      c.reset_at := p_now + v_window;
    END IF;

    v_counted := ${COUNTED};
    IF v_counted >= (h->>'limit')::numeric THEN
      RETURN jsonb_build_object('index', n, 'retryAt', CASE WHEN v_is_known THEN c.reset_at END);
    END IF;
    v_opens_at := CASE WHEN v_counted > 0 THEN c.last_at + ceil((h->'waits'->>v_counted::text)::numeric) END;
    IF v_opens_at > p_now THEN
      RETURN jsonb_build_object('index', n, 'retryAt', least(v_opens_at, c.reset_at));
    END IF;

    IF h->'peek' IS DISTINCT FROM 'true' THEN
      IF v_counted = 0 AND v_window IS NULL THEN
        c.reset_at := NULL;
      END IF;
      c.total := c.total + 1;
      v_counted := v_counted + 1;
      INSERT INTO ${schema}.mfa_counters (owner, key, total, floor, refunded, last_at, before_at, reset_at)
      VALUES (p_owner, h->>'key', c.total, c.floor, c.refunded, p_now, c.last_at, c.reset_at)
      ON CONFLICT (owner, key) DO UPDATE SET total = excluded.total, floor = excluded.floor, refunded = excluded.refunded,
        last_at = excluded.last_at, before_at = excluded.before_at, reset_at = excluded.reset_at;
    END IF;
    v_counts := v_counts || jsonb_build_object('total', c.total, 'count', v_counted, 'resetAt', c.reset_at);
  END LOOP;
  RETURN jsonb_build_object('counts', v_counts);
END $mfa$;
`;
