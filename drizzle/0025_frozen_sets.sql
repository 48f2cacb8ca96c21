CREATE TABLE "frozen_sets" (
	"job_id" uuid NOT NULL,
	"first_id" uuid NOT NULL,
	"session_ids" uuid[] NOT NULL,
	CONSTRAINT "frozen_sets_job_id_first_id_pk" PRIMARY KEY("job_id","first_id")
);
--> statement-breakpoint
INSERT INTO "frozen_sets" ("job_id", "first_id", "session_ids")
SELECT "job_id", (array_agg("session_id") FILTER (WHERE "n" % 100 = 0))[1], array_agg("session_id")
FROM (SELECT "job_id", "session_id", row_number() OVER (PARTITION BY "job_id" ORDER BY "session_id") - 1 AS "n" FROM "job_sessions") "numbered"
GROUP BY "job_id", "n" / 100;
--> statement-breakpoint
-- What open jobs have frozen, for statements over many sessions: they hash it once. A function, because the number of its rows
-- is never guessed to be too large for that.
CREATE FUNCTION "frozen_ids"() RETURNS SETOF uuid LANGUAGE plpgsql STABLE ROWS 1000 AS $$
BEGIN
  RETURN QUERY SELECT unnest(f.session_ids) FROM frozen_sets f JOIN jobs j ON j.id = f.job_id WHERE j.state <> 'done';
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "sign_in_idle_at"(handed_to uuid) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT CASE
      WHEN (s.ended_at IS NOT NULL AND NOT (s.end_reason = 'idle' AND a.role <> 'person'))
        OR s.account_generation <> a.generation OR s.app_generation <> p.generation OR s.everyone_generation <> e.generation
        OR EXISTS (SELECT FROM jobs j, LATERAL (
          SELECT f.session_ids FROM frozen_sets f WHERE f.job_id = j.id AND f.first_id <= s.id ORDER BY f.first_id DESC LIMIT 1) part
          WHERE j.state <> 'done' AND s.id = ANY (part.session_ids)) THEN 'epoch'
      WHEN a.role = 'person'
        THEN v.last_seen_at + make_interval(secs => least(coalesce(p.idle_timeout, e.idle_timeout), s.idle_timeout)) END
    FROM hand_overs h
      JOIN sessions s ON s.id = h.from_session
      JOIN session_activity v ON v.session_id = s.id
      JOIN accounts a ON a.id = s.account_id
      JOIN apps p ON p.id = s.app_id
      JOIN settings e ON e.id = 1
    WHERE h.to_session = handed_to);
END $$;
--> statement-breakpoint
DROP TABLE "job_sessions" CASCADE;