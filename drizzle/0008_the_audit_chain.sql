CREATE TABLE "audit_sealed" (
	"event_id" uuid PRIMARY KEY NOT NULL,
	"seal" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_seals" (
	"position" integer PRIMARY KEY NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"previous" "bytea" NOT NULL,
	"members" "bytea" NOT NULL,
	"hash" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_unsealed" (
	"event_id" uuid PRIMARY KEY NOT NULL
);
--> statement-breakpoint
ALTER TABLE "settings" ADD COLUMN "audit_days" integer;
--> statement-breakpoint
-- Hashes do not compress, and a verification reads them piece by piece.
ALTER TABLE "audit_seals" ALTER COLUMN "members" SET STORAGE EXTERNAL;--> statement-breakpoint
-- S-63: whoever writes an event, and with whichever version of Rollcall, hands it in to be sealed.
CREATE FUNCTION "audit_events_to_seal"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "audit_unsealed" ("event_id") SELECT "id" FROM written;
  RETURN NULL;
END
$$;--> statement-breakpoint
CREATE TRIGGER "audit_events_to_seal" AFTER INSERT ON "audit_events"
REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION "audit_events_to_seal"();--> statement-breakpoint
INSERT INTO "audit_unsealed" ("event_id") SELECT "id" FROM "audit_events";--> statement-breakpoint
CREATE TRIGGER "audit_seals_append_only" BEFORE UPDATE OR DELETE ON "audit_seals"
FOR EACH STATEMENT EXECUTE FUNCTION "audit_events_append_only"();--> statement-breakpoint
CREATE TRIGGER "audit_seals_no_truncate" BEFORE TRUNCATE ON "audit_seals"
FOR EACH STATEMENT EXECUTE FUNCTION "audit_events_append_only"();--> statement-breakpoint
CREATE TRIGGER "audit_sealed_append_only" BEFORE UPDATE OR DELETE ON "audit_sealed"
FOR EACH STATEMENT EXECUTE FUNCTION "audit_events_append_only"();--> statement-breakpoint
CREATE TRIGGER "audit_sealed_no_truncate" BEFORE TRUNCATE ON "audit_sealed"
FOR EACH STATEMENT EXECUTE FUNCTION "audit_events_append_only"();--> statement-breakpoint
REVOKE UPDATE, DELETE, TRUNCATE ON "audit_seals", "audit_sealed" FROM CURRENT_USER;
--> statement-breakpoint
-- What is older than the settings keep is removed from the front, in transactions that say so: src/audit/remove.ts.
CREATE OR REPLACE FUNCTION "audit_events_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('rollcall.removing', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
