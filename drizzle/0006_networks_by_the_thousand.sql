ALTER TABLE "blocks" ADD COLUMN "still_ending" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "blocks_networks" ON "blocks" USING gist ("network" inet_ops) WHERE "blocks"."lifted_at" is null and "blocks"."kind" = 'network';--> statement-breakpoint
CREATE INDEX "blocks_still_ending" ON "blocks" USING btree ("id") WHERE "blocks"."still_ending";