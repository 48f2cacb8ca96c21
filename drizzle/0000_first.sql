CREATE TABLE "account_identities" (
	"app_id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"account_id" uuid NOT NULL,
	CONSTRAINT "account_identities_app_id_external_id_pk" PRIMARY KEY("app_id","external_id")
);
--> statement-breakpoint
CREATE TABLE "accounts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text,
	"email_key" text,
	"name" text NOT NULL,
	"role" text DEFAULT 'person' NOT NULL,
	"generation" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "accounts_role_known" CHECK ("accounts"."role" in ('person', 'viewer', 'responder', 'owner'))
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"app_id" uuid NOT NULL,
	"name" text NOT NULL,
	"key_hash" "bytea" NOT NULL,
	"hint" text NOT NULL,
	"scopes" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"last_used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "apps" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"generation" integer DEFAULT 0 NOT NULL,
	"idle_timeout" integer,
	"absolute_timeout" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"action" text NOT NULL,
	"result" text DEFAULT 'done' NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" text,
	"actor_name" text NOT NULL,
	"ip" "inet",
	"country" text,
	"city" text,
	"target_kind" text,
	"target_id" text,
	"target_name" text,
	"account_id" uuid,
	"session_id" uuid,
	"reason" text,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"request_id" text
);
--> statement-breakpoint
CREATE TABLE "blocks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"account_id" uuid,
	"network" "cidr",
	"reason" text NOT NULL,
	"message" text,
	"until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by_kind" text NOT NULL,
	"created_by_id" text,
	"created_by_name" text NOT NULL,
	"lifted_at" timestamp with time zone,
	"lifted_by_name" text,
	"lift_reason" text,
	"ended" integer DEFAULT 0 NOT NULL,
	"confirm_by" timestamp with time zone,
	CONSTRAINT "blocks_target" CHECK (("blocks"."kind" = 'account') = ("blocks"."account_id" is not null) and ("blocks"."kind" = 'network') = ("blocks"."network" is not null))
);
--> statement-breakpoint
CREATE TABLE "credentials" (
	"account_id" uuid PRIMARY KEY NOT NULL,
	"password_hash" text NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"key_id" uuid NOT NULL,
	"key" text NOT NULL,
	"request_hash" "bytea" NOT NULL,
	"status" integer,
	"answer" "bytea",
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_key_id_key_pk" PRIMARY KEY("key_id","key")
);
--> statement-breakpoint
CREATE TABLE "installation" (
	"key" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "invitations" (
	"token_hash" "bytea" PRIMARY KEY NOT NULL,
	"account_id" uuid NOT NULL,
	"email_key" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "known_devices" (
	"account_id" uuid NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"last_used_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "known_devices_account_id_token_hash_pk" PRIMARY KEY("account_id","token_hash")
);
--> statement-breakpoint
CREATE TABLE "revocations" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"kind" text NOT NULL,
	"target" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "session_activity" (
	"session_id" uuid PRIMARY KEY NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	"last_ip" "inet",
	"last_country" text,
	"last_city" text,
	"last_network_owner" text,
	"requests" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "session_addresses" (
	"session_id" uuid NOT NULL,
	"ip" "inet" NOT NULL,
	"country" text,
	"city" text,
	"asn" integer,
	"network_owner" text,
	"first_seen_at" timestamp with time zone NOT NULL,
	CONSTRAINT "session_addresses_session_id_ip_pk" PRIMARY KEY("session_id","ip")
);
--> statement-breakpoint
CREATE TABLE "session_counts" (
	"at" timestamp with time zone PRIMARY KEY NOT NULL,
	"live" integer NOT NULL,
	"online" integer NOT NULL,
	"sign_ins" integer NOT NULL,
	"failures" integer NOT NULL,
	"ended" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"secret_hash" "bytea" NOT NULL,
	"account_id" uuid NOT NULL,
	"app_id" uuid NOT NULL,
	"account_generation" integer NOT NULL,
	"app_generation" integer NOT NULL,
	"everyone_generation" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"method" text NOT NULL,
	"ip" "inet",
	"country" text,
	"region" text,
	"city" text,
	"latitude" double precision,
	"longitude" double precision,
	"asn" integer,
	"network_owner" text,
	"user_agent" text DEFAULT '' NOT NULL,
	"browser" text,
	"browser_version" text,
	"os" text,
	"os_version" text,
	"device_type" text DEFAULT 'unknown' NOT NULL,
	"device_model" text,
	"data" jsonb,
	"ended_at" timestamp with time zone,
	"end_reason" text,
	"end_note" text,
	"ended_by_kind" text,
	"ended_by_id" text,
	"ended_by_name" text,
	CONSTRAINT "sessions_end_has_reason" CHECK (("sessions"."ended_at" is null) = ("sessions"."end_reason" is null))
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"generation" integer DEFAULT 0 NOT NULL,
	"idle_timeout" integer DEFAULT 86400 NOT NULL,
	"absolute_timeout" integer DEFAULT 2592000 NOT NULL,
	"admin_idle_timeout" integer DEFAULT 900 NOT NULL,
	"admin_absolute_timeout" integer DEFAULT 28800 NOT NULL,
	"session_limit" integer DEFAULT 100 NOT NULL,
	"contact" text DEFAULT 'your administrator' NOT NULL,
	CONSTRAINT "settings_one_row" CHECK ("settings"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE "setup_links" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "account_identities" ADD CONSTRAINT "account_identities_app_id_apps_id_fk" FOREIGN KEY ("app_id") REFERENCES "public"."apps"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "account_identities" ADD CONSTRAINT "account_identities_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_app_id_apps_id_fk" FOREIGN KEY ("app_id") REFERENCES "public"."apps"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "blocks" ADD CONSTRAINT "blocks_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "credentials" ADD CONSTRAINT "credentials_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "known_devices" ADD CONSTRAINT "known_devices_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session_activity" ADD CONSTRAINT "session_activity_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session_addresses" ADD CONSTRAINT "session_addresses_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_app_id_apps_id_fk" FOREIGN KEY ("app_id") REFERENCES "public"."apps"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "account_identities_account" ON "account_identities" USING btree ("account_id");--> statement-breakpoint
CREATE UNIQUE INDEX "accounts_email_key" ON "accounts" USING btree ("email_key");--> statement-breakpoint
CREATE INDEX "accounts_role" ON "accounts" USING btree ("role") WHERE "accounts"."role" <> 'person';--> statement-breakpoint
CREATE INDEX "accounts_name" ON "accounts" USING btree (lower("name"));--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_hash" ON "api_keys" USING btree ("key_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "apps_name" ON "apps" USING btree (lower("name"));--> statement-breakpoint
CREATE INDEX "audit_events_action" ON "audit_events" USING btree ("action","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_events_actor" ON "audit_events" USING btree ("actor_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_events_account" ON "audit_events" USING btree ("account_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_events_session" ON "audit_events" USING btree ("session_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "blocks_one_an_account" ON "blocks" USING btree ("account_id") WHERE "blocks"."lifted_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "blocks_one_a_network" ON "blocks" USING btree ("network") WHERE "blocks"."lifted_at" is null and "blocks"."kind" = 'network';--> statement-breakpoint
CREATE INDEX "blocks_created" ON "blocks" USING btree ("created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "idempotency_keys_at" ON "idempotency_keys" USING btree ("at");--> statement-breakpoint
CREATE INDEX "invitations_account" ON "invitations" USING btree ("account_id");--> statement-breakpoint
CREATE INDEX "revocations_xid" ON "revocations" USING btree ("xid");--> statement-breakpoint
CREATE INDEX "revocations_at" ON "revocations" USING btree ("at");--> statement-breakpoint
CREATE INDEX "session_addresses_ip" ON "session_addresses" USING btree ("ip");--> statement-breakpoint
CREATE INDEX "sessions_account" ON "sessions" USING btree ("account_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "sessions_live_id" ON "sessions" USING btree ("id" DESC NULLS LAST) WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_live_app" ON "sessions" USING btree ("app_id","id" DESC NULLS LAST) WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_live_country" ON "sessions" USING btree ("country","id" DESC NULLS LAST) WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_live_browser" ON "sessions" USING btree ("browser","id" DESC NULLS LAST) WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_live_os" ON "sessions" USING btree ("os","id" DESC NULLS LAST) WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_live_method" ON "sessions" USING btree ("method","id" DESC NULLS LAST) WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_live_device_type" ON "sessions" USING btree ("device_type","id" DESC NULLS LAST) WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_live_ip" ON "sessions" USING btree ("ip","id" DESC NULLS LAST) WHERE "sessions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_ended" ON "sessions" USING btree ("ended_at" DESC NULLS LAST) WHERE "sessions"."ended_at" is not null;