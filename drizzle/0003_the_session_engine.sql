CREATE TABLE "endings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"target" text,
	"generation" integer NOT NULL,
	"reason" text NOT NULL,
	"note" text,
	"by_kind" text NOT NULL,
	"by_id" text,
	"by_name" text NOT NULL,
	"except_session" uuid,
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"done_at" timestamp with time zone,
	"marked" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "endings_target" CHECK (("endings"."kind" = 'everything') = ("endings"."target" is null))
);
--> statement-breakpoint
CREATE TABLE "followers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"version" text NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"snapshot" text,
	"seen_at" timestamp with time zone NOT NULL,
	"reported_at" timestamp with time zone,
	"lease_ms" integer NOT NULL,
	"stats" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"apps" jsonb DEFAULT '[]'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "receipts" (
	"xid" "xid8" PRIMARY KEY NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"nodes" integer NOT NULL,
	"nodes_total" integer NOT NULL,
	"apps" integer NOT NULL,
	"apps_total" integer NOT NULL,
	"after_ms" integer,
	"late" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"complete" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "on_unavailable" text DEFAULT 'deny' NOT NULL;--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "disabled_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "xid" "xid8";--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "ended_xid" "xid8";--> statement-breakpoint
CREATE INDEX "endings_open" ON "endings" USING btree ("at") WHERE "endings"."done_at" is null;--> statement-breakpoint
ALTER TABLE "apps" ADD CONSTRAINT "apps_on_unavailable_known" CHECK ("apps"."on_unavailable" in ('deny', 'allow-cached'));