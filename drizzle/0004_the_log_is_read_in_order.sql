DROP INDEX "revocations_xid";--> statement-breakpoint
CREATE INDEX "revocations_xid" ON "revocations" USING btree ("xid","id");