-- Who, whom and why of the audit log are found by trigrams, where the database has them (0005): for a word that is in few of
-- millions of lines all of them were read.
DO $$
BEGIN
  CREATE INDEX IF NOT EXISTS "audit_events_words" ON "audit_events" USING gin (
    lower("actor_name" || ' ' || coalesce("target_name", '') || ' ' || coalesce("reason", '') || ' ' || coalesce("details" ->> 'account', ''))
    gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
  RAISE NOTICE 'no pg_trgm: %', SQLERRM;
END
$$;
