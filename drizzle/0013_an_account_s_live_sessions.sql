DROP INDEX "sessions_account";--> statement-breakpoint
CREATE INDEX "sessions_account" ON "sessions" USING btree ("account_id","id","ended_at");--> statement-breakpoint
-- Every page of a list adds up what waits in it: what was taken away must not lie about in it for long.
ALTER TABLE "session_changes" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
