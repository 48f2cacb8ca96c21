CREATE TABLE "session_changes" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"n" integer NOT NULL,
	"app_id" uuid NOT NULL,
	"country" text,
	"browser" text,
	"os" text,
	"device_type" text NOT NULL,
	"method" text NOT NULL,
	"city" text,
	"latitude" double precision,
	"longitude" double precision
);
--> statement-breakpoint
CREATE TABLE "session_tallies" (
	"kind" text NOT NULL,
	"a" text NOT NULL,
	"b" text NOT NULL,
	"n" bigint NOT NULL,
	"latitude" double precision,
	"longitude" double precision,
	"at" timestamp with time zone,
	CONSTRAINT "session_tallies_kind_a_b_pk" PRIMARY KEY("kind","a","b")
);
--> statement-breakpoint
DROP INDEX "sessions_live_id";--> statement-breakpoint
DROP INDEX "accounts_name";--> statement-breakpoint
DROP INDEX "audit_events_action";--> statement-breakpoint
DROP INDEX "audit_events_actor";--> statement-breakpoint
DROP INDEX "audit_events_account";--> statement-breakpoint
DROP INDEX "audit_events_session";--> statement-breakpoint
DROP INDEX "blocks_created";--> statement-breakpoint
DROP INDEX "sessions_account";--> statement-breakpoint
DROP INDEX "sessions_live_app";--> statement-breakpoint
DROP INDEX "sessions_live_country";--> statement-breakpoint
DROP INDEX "sessions_live_browser";--> statement-breakpoint
DROP INDEX "sessions_live_os";--> statement-breakpoint
DROP INDEX "sessions_live_method";--> statement-breakpoint
DROP INDEX "sessions_live_device_type";--> statement-breakpoint
DROP INDEX "sessions_live_ip";--> statement-breakpoint
DROP INDEX "sessions_ended";--> statement-breakpoint
CREATE INDEX "accounts_name_start" ON "accounts" USING btree (lower("name") collate "C");--> statement-breakpoint
CREATE INDEX "accounts_email_start" ON "accounts" USING btree ("email_key" collate "C");--> statement-breakpoint
CREATE INDEX "sessions_live_walk" ON "sessions" USING btree ("id","country","browser","os","app_id","method","device_type") WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_ended_walk" ON "sessions" USING btree ("id","country","browser","os","app_id","method","device_type") WHERE "sessions"."ended_at" is not null;--> statement-breakpoint
CREATE INDEX "sessions_ended_ip" ON "sessions" USING btree ("ip","id") WHERE "sessions"."ended_at" is not null;--> statement-breakpoint
CREATE INDEX "accounts_name" ON "accounts" USING btree (lower("name"),"id");--> statement-breakpoint
CREATE INDEX "audit_events_action" ON "audit_events" USING btree ("action","id");--> statement-breakpoint
CREATE INDEX "audit_events_actor" ON "audit_events" USING btree ("actor_id","id");--> statement-breakpoint
CREATE INDEX "audit_events_account" ON "audit_events" USING btree ("account_id","id");--> statement-breakpoint
CREATE INDEX "audit_events_session" ON "audit_events" USING btree ("session_id","id");--> statement-breakpoint
CREATE INDEX "blocks_created" ON "blocks" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "sessions_account" ON "sessions" USING btree ("account_id","id");--> statement-breakpoint
CREATE INDEX "sessions_live_app" ON "sessions" USING btree ("app_id","id","country","browser","os","method","device_type") WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_live_country" ON "sessions" USING btree ("country","id","browser","os","app_id","method","device_type") WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_live_browser" ON "sessions" USING btree ("browser","id","country","os","app_id","method","device_type") WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_live_os" ON "sessions" USING btree ("os","id","country","browser","app_id","method","device_type") WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_live_method" ON "sessions" USING btree ("method","id","country","browser","os","app_id","device_type") WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_live_device_type" ON "sessions" USING btree ("device_type","id","country","browser","os","app_id","method") WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_live_ip" ON "sessions" USING btree ("ip","id") WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_ended" ON "sessions" USING btree ("ended_at") WHERE "sessions"."ended_at" is not null;--> statement-breakpoint
-- Parts of names and addresses are found by trigrams, where the database has them: Debian's PostgreSQL and the embedded
-- one do, and any owner of the database may switch them on. Without them a search reads all accounts.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE INDEX IF NOT EXISTS "accounts_words" ON "accounts"
    USING gin (lower("name" || ' ' || coalesce("email", '')) gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
  RAISE NOTICE 'no pg_trgm: %', SQLERRM;
END
$$;--> statement-breakpoint
-- Every road to "started" and to "ended" is counted, in its own transaction.
CREATE FUNCTION "note_started_sessions"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO session_changes (n, app_id, country, browser, os, device_type, method, city, latitude, longitude)
  SELECT count(*), app_id, country, browser, os, device_type, method, city, max(latitude), max(longitude)
  FROM fresh WHERE ended_at IS NULL
  GROUP BY app_id, country, browser, os, device_type, method, city;
  RETURN NULL;
END
$$;--> statement-breakpoint
CREATE FUNCTION "note_ended_sessions"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO session_changes (n, app_id, country, browser, os, device_type, method, city, latitude, longitude)
  SELECT -count(*), was.app_id, was.country, was.browser, was.os, was.device_type, was.method, was.city,
    max(was.latitude), max(was.longitude)
  FROM was JOIN fresh USING (id) WHERE was.ended_at IS NULL AND fresh.ended_at IS NOT NULL
  GROUP BY was.app_id, was.country, was.browser, was.os, was.device_type, was.method, was.city;
  RETURN NULL;
END
$$;--> statement-breakpoint
CREATE FUNCTION "note_removed_sessions"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO session_changes (n, app_id, country, browser, os, device_type, method, city, latitude, longitude)
  SELECT -count(*), app_id, country, browser, os, device_type, method, city, max(latitude), max(longitude)
  FROM was WHERE ended_at IS NULL
  GROUP BY app_id, country, browser, os, device_type, method, city;
  RETURN NULL;
END
$$;--> statement-breakpoint
CREATE TRIGGER "sessions_started" AFTER INSERT ON "sessions" REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION "note_started_sessions"();--> statement-breakpoint
CREATE TRIGGER "sessions_ended" AFTER UPDATE ON "sessions" REFERENCING OLD TABLE AS was NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION "note_ended_sessions"();--> statement-breakpoint
CREATE TRIGGER "sessions_removed" AFTER DELETE ON "sessions" REFERENCING OLD TABLE AS was
FOR EACH STATEMENT EXECUTE FUNCTION "note_removed_sessions"();--> statement-breakpoint
-- Nothing is counted from the start but what is there: as the first change.
INSERT INTO session_changes (n, app_id, country, browser, os, device_type, method, city, latitude, longitude)
SELECT count(*), app_id, country, browser, os, device_type, method, city, max(latitude), max(longitude)
FROM sessions WHERE ended_at IS NULL
GROUP BY app_id, country, browser, os, device_type, method, city;
