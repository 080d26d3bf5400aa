-- What the owner set and what an administrator set are two rows, each changed by its own kind. Of limits the
-- strictest of all decides, and a switch halts while either is on.

ALTER TABLE risk_limits NO FORCE ROW LEVEL SECURITY;
ALTER TABLE kill_switches NO FORCE ROW LEVEL SECURITY;
ALTER TABLE risk_limits ADD COLUMN is_by_administrator BOOLEAN NOT NULL DEFAULT false;
-- What an administrator changed last is taken for theirs: it can be given back, and a limit cannot be taken back
-- that was lost.
UPDATE risk_limits SET is_by_administrator = true WHERE owner_id IS NULL OR updated_by <> owner_id;
ALTER TABLE risk_limits ALTER COLUMN is_by_administrator DROP DEFAULT;
-- One that is off says nothing of who may turn it: those of the deployment are administrators' in any case.
UPDATE kill_switches SET is_by_administrator = true WHERE owner_id IS NULL;
ALTER TABLE risk_limits FORCE ROW LEVEL SECURITY;
ALTER TABLE kill_switches FORCE ROW LEVEL SECURITY;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['risk_limits', 'kill_switches'] LOOP
    EXECUTE format('DROP INDEX %I', name || '_one');
    EXECUTE format('CREATE UNIQUE INDEX %I ON %I (scope, owner_id, account_id, is_by_administrator)
      NULLS NOT DISTINCT', name || '_one', name);
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I
      CHECK (owner_id IS NOT NULL OR is_by_administrator)', name, name || '_of_deployment');
    EXECUTE format('DROP POLICY owner_or_admin_inserts ON %I', name);
    EXECUTE format('DROP POLICY owner_or_admin_updates ON %I', name);
    -- The owner's rows are the owner's alone; an administrator's are of administrators, but for whom they hold.
    EXECUTE format('CREATE POLICY its_kind_inserts ON %I FOR INSERT TO tradegraph_server
      WITH CHECK (CASE WHEN is_by_administrator
        THEN (SELECT viewer_is_admin()) AND owner_id IS DISTINCT FROM (SELECT viewer_id())
        ELSE owner_id = (SELECT viewer_id()) END)', name);
    EXECUTE format('CREATE POLICY its_kind_updates ON %I FOR UPDATE TO tradegraph_server
      USING (CASE WHEN is_by_administrator
        THEN (SELECT viewer_is_admin()) AND owner_id IS DISTINCT FROM (SELECT viewer_id())
        ELSE owner_id = (SELECT viewer_id()) END)
      WITH CHECK (CASE WHEN is_by_administrator
        THEN (SELECT viewer_is_admin()) AND owner_id IS DISTINCT FROM (SELECT viewer_id())
        ELSE owner_id = (SELECT viewer_id()) END)', name);
  END LOOP;
END $$;
DROP POLICY administrators_stop ON kill_switches;
DROP POLICY owner_or_admin_deletes ON risk_limits;
CREATE POLICY its_kind_deletes ON risk_limits FOR DELETE TO tradegraph_server
  USING (CASE WHEN is_by_administrator
    THEN (SELECT viewer_is_admin()) AND owner_id IS DISTINCT FROM (SELECT viewer_id())
    ELSE owner_id = (SELECT viewer_id()) END);
