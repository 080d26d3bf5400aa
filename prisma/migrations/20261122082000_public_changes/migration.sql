-- Tells whoever listens what of the public data was changed, at the commit of whatever changed it: the program, an
-- import, a statement by hand. Kept answers of public reads end with it; see docs/decisions, "public reads are kept".
-- One notification a transaction and a source, since PostgreSQL folds equal ones. Orders and fills touch none of this.
CREATE FUNCTION tell_public_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_notify('tradegraph_public', TG_ARGV[0]);
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION tell_public_change() FROM PUBLIC;

CREATE TRIGGER public_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON bars
  FOR EACH STATEMENT EXECUTE FUNCTION tell_public_change('bars');
CREATE TRIGGER public_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON instruments
  FOR EACH STATEMENT EXECUTE FUNCTION tell_public_change('instruments');
CREATE TRIGGER public_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON equity_points
  FOR EACH STATEMENT EXECUTE FUNCTION tell_public_change('equity');
CREATE TRIGGER public_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON models
  FOR EACH STATEMENT EXECUTE FUNCTION tell_public_change('models');
-- Of accounts only what a board shows: their cash changes with every fill.
CREATE TRIGGER public_change
  AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF model_id, currency, zone, starting_cash, created_at ON accounts
  FOR EACH STATEMENT EXECUTE FUNCTION tell_public_change('models');
