DROP INDEX "job_sessions_job";--> statement-breakpoint
ALTER TABLE "revocations" ALTER COLUMN "target" SET STORAGE EXTERNAL;
