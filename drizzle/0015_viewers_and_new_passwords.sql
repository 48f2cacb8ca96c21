CREATE TABLE "password_renewals" (
	"account_id" uuid PRIMARY KEY NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "credentials" ADD COLUMN "new_required_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "settings" ADD COLUMN "mask_for_viewers" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "password_renewals" ADD CONSTRAINT "password_renewals_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;