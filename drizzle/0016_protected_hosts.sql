CREATE TABLE "hand_overs" (
	"code_hash" "bytea" PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"app_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"account_generation" integer NOT NULL,
	"challenge" text NOT NULL,
	"from_session" uuid NOT NULL,
	"to_session" uuid,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "protected_hosts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"app_id" uuid NOT NULL,
	"role" text NOT NULL,
	"rules" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "hand_overs" ADD CONSTRAINT "hand_overs_app_id_apps_id_fk" FOREIGN KEY ("app_id") REFERENCES "public"."apps"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hand_overs" ADD CONSTRAINT "hand_overs_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hand_overs" ADD CONSTRAINT "hand_overs_from_session_sessions_id_fk" FOREIGN KEY ("from_session") REFERENCES "public"."sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hand_overs" ADD CONSTRAINT "hand_overs_to_session_sessions_id_fk" FOREIGN KEY ("to_session") REFERENCES "public"."sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "protected_hosts" ADD CONSTRAINT "protected_hosts_app_id_apps_id_fk" FOREIGN KEY ("app_id") REFERENCES "public"."apps"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "hand_overs_from" ON "hand_overs" USING btree ("from_session","app_id");--> statement-breakpoint
CREATE INDEX "hand_overs_to" ON "hand_overs" USING btree ("to_session");--> statement-breakpoint
CREATE INDEX "hand_overs_unused" ON "hand_overs" USING btree ("expires_at") WHERE "hand_overs"."to_session" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "protected_hosts_host" ON "protected_hosts" USING btree ("host");