DROP INDEX "sessions_ended_walk";--> statement-breakpoint
DROP INDEX "sessions_live_browser";--> statement-breakpoint
ALTER TABLE "session_changes" ADD COLUMN "ended" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "session_tallies" ADD COLUMN "ended" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "sessions_ended_facts" ON "sessions" USING gin ((array[
  'app:' || app_id::text, 'country:' || coalesce(country, 'unknown'), 'browser:' || coalesce(browser, 'unknown'),
  'os:' || coalesce(os, 'unknown'), 'device:' || device_type, 'method:' || method])) WHERE "sessions"."ended_at" is not null;--> statement-breakpoint
CREATE INDEX "sessions_ended_walk" ON "sessions" USING btree ("id","country","browser","os","app_id","method","device_type","browser_version") WHERE "sessions"."ended_at" is not null;--> statement-breakpoint
CREATE INDEX "sessions_live_browser" ON "sessions" USING btree ("browser","id","country","os","app_id","method","device_type","browser_version") WHERE "sessions"."ended_at" is null;--> statement-breakpoint
-- What has ended is counted too, on every road to it and away from it.
CREATE OR REPLACE FUNCTION "note_started_sessions"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO session_changes (n, ended, app_id, country, browser, os, device_type, method, city, latitude, longitude)
  SELECT count(*) FILTER (WHERE ended_at IS NULL), count(*) FILTER (WHERE ended_at IS NOT NULL),
    app_id, country, browser, os, device_type, method, city, max(latitude), max(longitude)
  FROM fresh GROUP BY app_id, country, browser, os, device_type, method, city;
  RETURN NULL;
END
$$;--> statement-breakpoint
CREATE OR REPLACE FUNCTION "note_ended_sessions"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO session_changes (n, ended, app_id, country, browser, os, device_type, method, city, latitude, longitude)
  SELECT -count(*), count(*), was.app_id, was.country, was.browser, was.os, was.device_type, was.method, was.city,
    max(was.latitude), max(was.longitude)
  FROM was JOIN fresh USING (id) WHERE was.ended_at IS NULL AND fresh.ended_at IS NOT NULL
  GROUP BY was.app_id, was.country, was.browser, was.os, was.device_type, was.method, was.city;
  RETURN NULL;
END
$$;--> statement-breakpoint
CREATE OR REPLACE FUNCTION "note_removed_sessions"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO session_changes (n, ended, app_id, country, browser, os, device_type, method, city, latitude, longitude)
  SELECT -count(*) FILTER (WHERE ended_at IS NULL), -count(*) FILTER (WHERE ended_at IS NOT NULL),
    app_id, country, browser, os, device_type, method, city, max(latitude), max(longitude)
  FROM was GROUP BY app_id, country, browser, os, device_type, method, city;
  RETURN NULL;
END
$$;--> statement-breakpoint
INSERT INTO session_changes (n, ended, app_id, country, browser, os, device_type, method)
SELECT 0, count(*), app_id, country, browser, os, device_type, method
FROM sessions WHERE ended_at IS NOT NULL GROUP BY app_id, country, browser, os, device_type, method;
