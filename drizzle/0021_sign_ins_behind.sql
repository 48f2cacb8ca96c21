-- Of a session of a protected host: when the sign-in at Rollcall that it came from goes idle, if nobody uses it; the epoch
-- where that is over already, marked or not; null where it came from none, or where only idleness ends it, of an admin: the
-- panel closes after some minutes, and what they work with goes on by its own timeouts. A function, because its plan is
-- kept: every look-up of a session holds it, and hardly any needs it.
CREATE FUNCTION "sign_in_idle_at"(handed_to uuid) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT CASE
      WHEN (s.ended_at IS NOT NULL AND NOT (s.end_reason = 'idle' AND a.role <> 'person'))
        OR s.account_generation <> a.generation OR s.app_generation <> p.generation OR s.everyone_generation <> e.generation
        OR EXISTS (SELECT FROM job_sessions j WHERE j.session_id = s.id) THEN 'epoch'
      WHEN a.role = 'person'
        THEN v.last_seen_at + make_interval(secs => least(coalesce(p.idle_timeout, e.idle_timeout), s.idle_timeout)) END
    FROM hand_overs h
      JOIN sessions s ON s.id = h.from_session
      JOIN session_activity v ON v.session_id = s.id
      JOIN accounts a ON a.id = s.account_id
      JOIN apps p ON p.id = s.app_id
      JOIN settings e ON e.id = 1
    WHERE h.to_session = handed_to);
END $$;
