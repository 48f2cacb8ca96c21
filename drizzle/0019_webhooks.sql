CREATE TABLE "deliveries" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"webhook_id" uuid NOT NULL,
	"outbox_id" bigint NOT NULL,
	"lane" text,
	"state" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"claimed_until" timestamp with time zone,
	"tried_at" timestamp with time zone,
	"status" integer,
	"duration_ms" integer,
	"answer" text,
	"problem" text,
	CONSTRAINT "deliveries_state_known" CHECK ("deliveries"."state" in ('pending', 'delivered', 'given-up'))
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"message_id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"source" text NOT NULL,
	"facts" jsonb NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "webhooks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"url" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"events" text[] NOT NULL,
	"actions" text[] NOT NULL,
	"secret" text NOT NULL,
	"previous_secret" text,
	"previous_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by_name" text NOT NULL,
	"disabled_at" timestamp with time zone,
	"disabled_why" text,
	"failing_since" timestamp with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"last_failed_at" timestamp with time zone,
	"retry_at" timestamp with time zone
);
--> statement-breakpoint
CREATE INDEX "deliveries_pending" ON "deliveries" USING btree ("webhook_id","id") WHERE "deliveries"."state" = 'pending';--> statement-breakpoint
CREATE INDEX "deliveries_lane" ON "deliveries" USING btree ("webhook_id","lane","id") WHERE "deliveries"."state" = 'pending';--> statement-breakpoint
CREATE INDEX "deliveries_webhook" ON "deliveries" USING btree ("webhook_id","id");--> statement-breakpoint
CREATE INDEX "deliveries_outbox" ON "deliveries" USING btree ("outbox_id");--> statement-breakpoint
CREATE INDEX "outbox_at" ON "outbox" USING btree ("at");--> statement-breakpoint
-- What happened goes into the outbox in the transaction of the act, on every road, and only while an endpoint wants it.
-- Deliveries are made with it: who wants an event is decided at its moment.
CREATE FUNCTION "tell_webhooks_of_acts"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM webhooks WHERE disabled_at IS NULL) THEN RETURN NULL; END IF;
  WITH wanted AS (
    SELECT w.*, nextval('outbox_id_seq') AS outbox_id FROM (
      SELECT w.* FROM written w
      WHERE w.result = 'done' AND EXISTS (SELECT FROM webhooks h WHERE h.disabled_at IS NULL AND w.action = ANY (h.actions))
      ORDER BY w.id) w),
  told AS (
    INSERT INTO outbox (id, source, facts, at)
    SELECT w.outbox_id, 'audit', jsonb_build_object(
        'action', w.action, 'reason', w.reason, 'details', w.details,
        'by', jsonb_build_object('kind', w.actor_kind, 'id', w.actor_id, 'name', w.actor_name),
        'target', jsonb_build_object('kind', w.target_kind, 'id', w.target_id, 'name', w.target_name),
        'account', (SELECT jsonb_build_object('id', a.id, 'email', a.email, 'name', a.name)
          FROM accounts a WHERE a.id = w.account_id),
        'session', (SELECT jsonb_build_object('id', s.id, 'app', jsonb_build_object('id', p.id, 'name', p.name),
            'method', s.method, 'ip', host(s.ip), 'country', s.country, 'city', s.city, 'browser', s.browser,
            'os', s.os, 'device', s.device_type)
          FROM sessions s JOIN apps p ON p.id = s.app_id WHERE s.id = w.session_id)),
      w.at
    FROM wanted w)
  INSERT INTO deliveries (webhook_id, outbox_id, lane, next_at, expires_at)
  SELECT h.id, w.outbox_id, coalesce(w.account_id::text, CASE WHEN w.target_kind IN ('account', 'network') THEN w.target_id END),
    clock_timestamp(), clock_timestamp() + interval '3 days'
  FROM wanted w JOIN webhooks h ON h.disabled_at IS NULL AND w.action = ANY (h.actions)
  ORDER BY w.outbox_id;
  IF FOUND THEN PERFORM pg_notify('rollcall_outbox', ''); END IF;
  RETURN NULL;
END
$$;--> statement-breakpoint
CREATE TRIGGER "audit_events_to_webhooks" AFTER INSERT ON "audit_events" REFERENCING NEW TABLE AS written
FOR EACH STATEMENT EXECUTE FUNCTION "tell_webhooks_of_acts"();--> statement-breakpoint
-- More than twenty that end in one statement are told 250 to an event: what marks a million writes four thousand.
CREATE FUNCTION "tell_webhooks_of_endings"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  many boolean;
BEGIN
  IF NOT EXISTS (SELECT FROM webhooks WHERE disabled_at IS NULL AND 'session.ended' = ANY (events)) THEN RETURN NULL; END IF;
  SELECT count(*) > 20 INTO many FROM was JOIN fresh USING (id) WHERE was.ended_at IS NULL AND fresh.ended_at IS NOT NULL;
  WITH over AS (
    SELECT fresh.*, row_number() OVER (ORDER BY fresh.id) - 1 AS nth
    FROM was JOIN fresh USING (id) WHERE was.ended_at IS NULL AND fresh.ended_at IS NOT NULL),
  wanted AS (
    SELECT nextval('outbox_id_seq') AS outbox_id, grouped.* FROM (
      SELECT CASE WHEN many THEN nth / 250 ELSE nth END AS part,
        CASE WHEN many THEN NULL ELSE min(account_id::text) END AS lane, min(ended_at) AS at,
        jsonb_agg(jsonb_build_object('id', o.id, 'account', o.account_id) ORDER BY o.id) AS sessions,
        (array_agg(jsonb_build_object(
          'id', o.id, 'reason', o.end_reason, 'note', o.end_note, 'ip', host(o.ip), 'method', o.method,
          'country', o.country, 'city', o.city, 'browser', o.browser, 'os', o.os, 'device', o.device_type,
          'by', jsonb_build_object('kind', o.ended_by_kind, 'id', o.ended_by_id, 'name', o.ended_by_name),
          'app', (SELECT jsonb_build_object('id', p.id, 'name', p.name) FROM apps p WHERE p.id = o.app_id),
          'account', (SELECT jsonb_build_object('id', a.id, 'email', a.email, 'name', a.name)
            FROM accounts a WHERE a.id = o.account_id)) ORDER BY o.id))[1] AS first
      FROM over o GROUP BY 1 ORDER BY 1) grouped),
  told AS (
    INSERT INTO outbox (id, source, facts, at)
    SELECT outbox_id, CASE WHEN many THEN 'ended-many' ELSE 'ended' END,
      CASE WHEN many THEN jsonb_build_object('reason', first->'reason', 'by', first->'by', 'note', first->'note', 'sessions', sessions)
        ELSE first END, at
    FROM wanted)
  INSERT INTO deliveries (webhook_id, outbox_id, lane, next_at, expires_at)
  SELECT h.id, w.outbox_id, w.lane, clock_timestamp(), clock_timestamp() + interval '3 days'
  FROM wanted w JOIN webhooks h ON h.disabled_at IS NULL AND 'session.ended' = ANY (h.events)
  ORDER BY w.outbox_id;
  IF FOUND THEN PERFORM pg_notify('rollcall_outbox', ''); END IF;
  RETURN NULL;
END
$$;--> statement-breakpoint
CREATE TRIGGER "sessions_to_webhooks" AFTER UPDATE ON "sessions" REFERENCING OLD TABLE AS was NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION "tell_webhooks_of_endings"();
