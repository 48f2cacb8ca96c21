CREATE INDEX "audit_events_ip" ON "audit_events" USING btree ("ip");--> statement-breakpoint
CREATE INDEX "audit_events_session_ip" ON "audit_events" USING btree (((details->>'ip')::inet)) WHERE ((details->>'ip')::inet) is not null;--> statement-breakpoint
CREATE INDEX "audit_events_network" ON "audit_events" USING btree ("target_id") WHERE "audit_events"."target_kind" = 'network';