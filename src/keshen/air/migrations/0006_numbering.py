"""The database refuses a log whose numbering does not go on, and one that is laid before a checkpoint."""

from django.db import migrations

from keshen.house.immutable import append_only

# As `timeline.count`: whole segments of 12 ticks, and a tail of its own when it is longer than two or stands alone.
SEGMENTS = """
CREATE FUNCTION air_segments(ticks bigint, cuts smallint[]) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN cuts IS NULL
        THEN ticks / 12 + (ticks % 12 > 2 OR ticks < 12)::int
        ELSE (SELECT count(*) FROM (
            SELECT sum(c) OVER (ORDER BY n) - c AS begins FROM unnest(cuts) WITH ORDINALITY AS one(c, n)
        ) held WHERE begins < ticks)
    END
$$;
CREATE FUNCTION air_entry_numbering() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own air_entry;
    before air_entry;
    after air_entry;
BEGIN
    SELECT * INTO own FROM air_entry WHERE id = NEW.id AND state = 'laid';
    IF NOT FOUND THEN RETURN NULL; END IF;
    SELECT * INTO before FROM air_entry WHERE service_id = own.service_id AND state = 'laid'
        AND start_tick < own.start_tick ORDER BY start_tick DESC LIMIT 1;
    IF FOUND AND (own.sequence <> before.sequence + air_segments(before.end_tick - before.start_tick, before.cuts)
            OR own.discontinuity <> before.discontinuity + own.breaks::int) THEN
        RAISE EXCEPTION 'entry % counts from segment % and break %, not on from entry %',
            own.id, own.sequence, own.discontinuity, before.id USING ERRCODE = 'check_violation';
    END IF;
    SELECT * INTO after FROM air_entry WHERE service_id = own.service_id AND state = 'laid'
        AND start_tick > own.start_tick ORDER BY start_tick LIMIT 1;
    IF FOUND AND after.sequence <> own.sequence + air_segments(own.end_tick - own.start_tick, own.cuts) THEN
        RAISE EXCEPTION 'entry % counts from segment %, not on from entry %', after.id, after.sequence, own.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER air_entry_numbering AFTER INSERT OR UPDATE ON air_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION air_entry_numbering();
"""
NO_SEGMENTS = """
DROP TRIGGER air_entry_numbering ON air_entry;
DROP FUNCTION air_entry_numbering();
DROP FUNCTION air_segments(bigint, smallint[]);
"""

CHECKPOINTS = """
CREATE FUNCTION air_checkpoint_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last air_checkpoint;
BEGIN
    SELECT * INTO last FROM air_checkpoint WHERE service_id = NEW.service_id ORDER BY tick DESC LIMIT 1;
    IF FOUND AND (NEW.tick <= last.tick OR NEW.sequence <= last.sequence OR NEW.discontinuity < last.discontinuity) THEN
        RAISE EXCEPTION 'a checkpoint never goes back: segment % at tick % follows segment % at tick %',
            NEW.sequence, NEW.tick, last.sequence, last.tick USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER air_checkpoint_guard BEFORE INSERT ON air_checkpoint
    FOR EACH ROW EXECUTE FUNCTION air_checkpoint_guard();

CREATE FUNCTION air_entry_after_checkpoint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM air_checkpoint WHERE service_id = NEW.service_id
            AND (tick > NEW.start_tick OR sequence > NEW.sequence)) THEN
        RAISE EXCEPTION 'nothing is laid before a checkpoint: tick %, segment %', NEW.start_tick, NEW.sequence
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER air_entry_after_checkpoint BEFORE INSERT ON air_entry
    FOR EACH ROW EXECUTE FUNCTION air_entry_after_checkpoint();
"""
NO_CHECKPOINTS = """
DROP TRIGGER air_entry_after_checkpoint ON air_entry;
DROP FUNCTION air_entry_after_checkpoint();
DROP TRIGGER air_checkpoint_guard ON air_checkpoint;
DROP FUNCTION air_checkpoint_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("air", "0005_checkpoints")]

    operations = [
        append_only("air_checkpoint"),
        migrations.RunSQL(SEGMENTS, NO_SEGMENTS),
        migrations.RunSQL(CHECKPOINTS, NO_CHECKPOINTS),
    ]
