DROP INDEX "apps_name";--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "replaces" uuid;--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "icon" text DEFAULT 'app-window' NOT NULL;--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "integration" text;--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "session_limit" integer;--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "role" text DEFAULT 'person' NOT NULL;--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "deleted_at" timestamp with time zone;--> statement-breakpoint
CREATE UNIQUE INDEX "apps_name" ON "apps" USING btree (lower("name")) WHERE "apps"."deleted_at" is null;--> statement-breakpoint
ALTER TABLE "apps" ADD CONSTRAINT "apps_role_known" CHECK ("apps"."role" in ('person', 'viewer', 'responder', 'owner'));--> statement-breakpoint
ALTER TABLE "apps" ADD CONSTRAINT "apps_deleted_is_disabled" CHECK ("apps"."deleted_at" is null or "apps"."disabled_at" is not null);