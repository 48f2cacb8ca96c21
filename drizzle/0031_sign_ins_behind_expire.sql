-- A sign-in is over by its absolute timeout too, which a change of the policy may bring forward: what it was handed over to
-- is over with it at once, and not when a sweep has come by.
CREATE OR REPLACE FUNCTION "sign_in_idle_at"(handed_to uuid) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT CASE
      WHEN (s.ended_at IS NOT NULL AND NOT (s.end_reason = 'idle' AND a.role <> 'person'))
        OR s.account_generation <> a.generation OR s.app_generation <> p.generation OR s.everyone_generation <> e.generation
        OR x.at <= now()
        OR EXISTS (SELECT FROM jobs j, LATERAL (
          SELECT f.session_ids FROM frozen_sets f WHERE f.job_id = j.id AND f.first_id <= s.id ORDER BY f.first_id DESC LIMIT 1) part
          WHERE j.state <> 'done' AND s.id = ANY (part.session_ids)) THEN 'epoch'
      WHEN a.role = 'person'
        THEN least(x.at, v.last_seen_at + make_interval(secs => least(coalesce(p.idle_timeout, e.idle_timeout), s.idle_timeout)))
      ELSE x.at END
    FROM hand_overs h
      JOIN sessions s ON s.id = h.from_session
      JOIN session_activity v ON v.session_id = s.id
      JOIN accounts a ON a.id = s.account_id
      JOIN apps p ON p.id = s.app_id
      JOIN settings e ON e.id = 1
      CROSS JOIN LATERAL (SELECT least(s.expires_at, s.created_at + make_interval(secs => CASE WHEN a.role = 'person'
        THEN coalesce(p.absolute_timeout, e.absolute_timeout) ELSE e.admin_absolute_timeout END)) AS at) x
    WHERE h.to_session = handed_to);
END $$;
