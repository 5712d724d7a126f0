"""The laid log's own laws, kept by the database: what is frozen stays, no gap, and every node is told."""

from django.db import migrations

from keshen.house.immutable import append_only

# A transaction says at which tick it took the service's lock (`keshen.tick`), and ends within two seconds of it.
GUARD = """
CREATE FUNCTION air_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    frozen bigint := coalesce(
        nullif(current_setting('keshen.tick', true), '')::bigint,
        floor(extract(epoch FROM clock_timestamp()) * 1000 / 320)::bigint
    ) + 36;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'the laid log is append-only: DELETE refused' USING ERRCODE = 'restrict_violation';
    END IF;
    IF to_jsonb(NEW) - ARRAY['state', 'end_tick'] <> to_jsonb(OLD) - ARRAY['state', 'end_tick'] OR OLD.state = 'void' THEN
        RAISE EXCEPTION 'entry % is laid: it may only be voided or shortened', OLD.id
            USING ERRCODE = 'restrict_violation', HINT = 'Void it and lay another.';
    END IF;
    IF NEW.state = 'void' AND OLD.start_tick < frozen THEN
        RAISE EXCEPTION 'entry % begins at %, before the freeze horizon %', OLD.id, OLD.start_tick, frozen
            USING ERRCODE = 'restrict_violation', HINT = 'Shorten it at the first segment boundary beyond the horizon.';
    END IF;
    IF NEW.end_tick <> OLD.end_tick AND (NEW.end_tick > OLD.end_tick OR NEW.end_tick < frozen) THEN
        RAISE EXCEPTION 'entry % cannot end at %: it may only become shorter, beyond the freeze horizon %',
            OLD.id, NEW.end_tick, frozen USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER air_entry_guard BEFORE UPDATE OR DELETE ON air_entry FOR EACH ROW EXECUTE FUNCTION air_entry_guard();
CREATE TRIGGER air_entry_no_truncate BEFORE TRUNCATE ON air_entry
    FOR EACH STATEMENT EXECUTE FUNCTION keshen_refuse_change();
"""
UNGUARD = """
DROP TRIGGER air_entry_guard ON air_entry;
DROP TRIGGER air_entry_no_truncate ON air_entry;
DROP FUNCTION air_entry_guard();
"""

NO_GAP = """
CREATE FUNCTION air_entry_no_gap() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    low bigint := NEW.start_tick;
    high bigint := NEW.end_tick;
    hole record;
BEGIN
    IF TG_OP = 'UPDATE' THEN high := greatest(high, OLD.end_tick); END IF;
    SELECT found.until_tick, found.from_tick INTO hole FROM (
        SELECT lag(end_tick) OVER (ORDER BY start_tick) AS until_tick, start_tick AS from_tick
        FROM air_entry WHERE service_id = NEW.service_id AND state = 'laid' AND end_tick >= (
            SELECT coalesce(max(start_tick), low) FROM air_entry
            WHERE service_id = NEW.service_id AND state = 'laid' AND start_tick < low
        ) AND start_tick <= (
            SELECT coalesce(min(start_tick), high) FROM air_entry
            WHERE service_id = NEW.service_id AND state = 'laid' AND start_tick >= high
        )
    ) found WHERE found.until_tick IS NOT NULL AND found.until_tick <> found.from_tick LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'service % would be silent from tick % to tick %', NEW.service_id, hole.until_tick, hole.from_tick
            USING ERRCODE = 'check_violation', HINT = 'Fill what is taken out in the same transaction.';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER air_entry_no_gap AFTER INSERT OR UPDATE ON air_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION air_entry_no_gap();
"""
GAP = "DROP TRIGGER air_entry_no_gap ON air_entry; DROP FUNCTION air_entry_no_gap();"

NOTIFY = """
CREATE FUNCTION air_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('keshen_air', coalesce(NEW.service_id::text, 'all'));
    RETURN NULL;
END $$;
CREATE TRIGGER air_entry_notify AFTER INSERT OR UPDATE ON air_entry FOR EACH ROW EXECUTE FUNCTION air_notify();
CREATE TRIGGER air_incident_notify AFTER INSERT ON air_incident FOR EACH ROW EXECUTE FUNCTION air_notify();
CREATE TRIGGER air_stock_notify AFTER INSERT ON air_stock FOR EACH ROW EXECUTE FUNCTION air_notify();
"""
SILENCE = """
DROP TRIGGER air_stock_notify ON air_stock;
DROP TRIGGER air_incident_notify ON air_incident;
DROP TRIGGER air_entry_notify ON air_entry;
DROP FUNCTION air_notify();
"""


class Migration(migrations.Migration):
    dependencies = [("air", "0001_initial")]

    operations = [
        append_only("air_incident"),
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.RunSQL(NO_GAP, GAP),
        migrations.RunSQL(NOTIFY, SILENCE),
    ]
