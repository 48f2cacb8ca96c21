CREATE TABLE "stored_sessions" (
	"app_id" uuid NOT NULL,
	"key" "bytea" NOT NULL,
	"session_id" uuid,
	"content" text NOT NULL,
	"account_named" text,
	"max_age" integer,
	"expires_at" timestamp with time zone,
	"gone_at" timestamp with time zone,
	"holder" text,
	"held_at" timestamp with time zone,
	"shared_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "stored_sessions_app_id_key_pk" PRIMARY KEY("app_id","key"),
	CONSTRAINT "stored_sessions_go" CHECK (("stored_sessions"."session_id" is null) = ("stored_sessions"."expires_at" is not null))
);
--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "idle_timeout" integer;--> statement-breakpoint
ALTER TABLE "stored_sessions" ADD CONSTRAINT "stored_sessions_app_id_apps_id_fk" FOREIGN KEY ("app_id") REFERENCES "public"."apps"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stored_sessions" ADD CONSTRAINT "stored_sessions_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "stored_sessions_session" ON "stored_sessions" USING btree ("session_id");--> statement-breakpoint
CREATE INDEX "stored_sessions_expires" ON "stored_sessions" USING btree ("expires_at");