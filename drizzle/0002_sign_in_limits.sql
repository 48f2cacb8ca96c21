CREATE TABLE "sign_in_limits" (
	"key" text PRIMARY KEY NOT NULL,
	"level" double precision NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"free" double precision NOT NULL,
	"forget_after" double precision NOT NULL,
	"longest_wait" double precision NOT NULL,
	"noted_at" timestamp with time zone
);
--> statement-breakpoint
CREATE INDEX "sign_in_limits_at" ON "sign_in_limits" USING btree ("at");