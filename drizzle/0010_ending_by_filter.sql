CREATE TABLE "job_sessions" (
	"session_id" uuid PRIMARY KEY NOT NULL,
	"job_id" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"filter" jsonb NOT NULL,
	"what" text NOT NULL,
	"reason" text NOT NULL,
	"by_kind" text NOT NULL,
	"by_id" text,
	"by_name" text NOT NULL,
	"app_id" uuid,
	"previewed" integer,
	"total" integer NOT NULL,
	"ended" integer DEFAULT 0 NOT NULL,
	"gone" integer DEFAULT 0 NOT NULL,
	"refused" integer NOT NULL,
	"spared" integer NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"done_at" timestamp with time zone,
	CONSTRAINT "jobs_state_known" CHECK ("jobs"."state" in ('running', 'paused', 'done'))
);
--> statement-breakpoint
CREATE INDEX "job_sessions_job" ON "job_sessions" USING btree ("job_id","session_id");--> statement-breakpoint
CREATE INDEX "jobs_at" ON "jobs" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "jobs_open" ON "jobs" USING btree ("at") WHERE "jobs"."state" <> 'done';