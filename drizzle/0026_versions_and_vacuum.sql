CREATE INDEX "sessions_live_version" ON "sessions" USING btree ("browser",split_part("browser_version", '.', 1),"id","browser_version") WHERE "sessions"."ended_at" is null;--> statement-breakpoint
-- Lists and counts are answered from indexes alone, as far as pages are known to be seen by all. By default that is found out anew
-- once a fifth of the rows have changed: a hundred thousand sign-outs made lists of ten million many times slower, for weeks.
ALTER TABLE "sessions" SET (autovacuum_vacuum_scale_factor = 0.005, autovacuum_vacuum_insert_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.02);
