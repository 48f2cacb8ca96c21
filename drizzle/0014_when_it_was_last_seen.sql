ALTER TABLE "session_activity" ADD COLUMN "open" boolean DEFAULT true NOT NULL;--> statement-breakpoint
-- Before the next column: adding that writes the table anew, without what this leaves behind.
UPDATE session_activity SET open = false FROM sessions WHERE sessions.id = session_id AND sessions.ended_at IS NOT NULL;--> statement-breakpoint
ALTER TABLE "session_activity" ADD COLUMN "seen_on" date GENERATED ALWAYS AS (case when open then (last_seen_at at time zone 'UTC')::date end) STORED;--> statement-breakpoint
CREATE INDEX "session_activity_day" ON "session_activity" USING btree ("seen_on","session_id") WHERE "session_activity"."seen_on" is not null;--> statement-breakpoint
CREATE OR REPLACE FUNCTION "note_ended_sessions"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO session_changes (n, ended, app_id, country, browser, os, device_type, method, city, latitude, longitude)
  SELECT -count(*), count(*), was.app_id, was.country, was.browser, was.os, was.device_type, was.method, was.city,
    max(was.latitude), max(was.longitude)
  FROM was JOIN fresh USING (id) WHERE was.ended_at IS NULL AND fresh.ended_at IS NOT NULL
  GROUP BY was.app_id, was.country, was.browser, was.os, was.device_type, was.method, was.city;
  UPDATE session_activity SET open = false
  WHERE open AND session_id = ANY(ARRAY(SELECT id FROM fresh WHERE ended_at IS NOT NULL));
  RETURN NULL;
END
$$;
