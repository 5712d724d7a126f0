"""The log's guards look at an entry's neighbours alone: what they cost does not grow with the log."""

from django.db import migrations

NO_GAP = """
CREATE OR REPLACE FUNCTION air_entry_no_gap() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    low bigint := NEW.start_tick;
    high bigint := NEW.end_tick;
    hole record;
BEGIN
    IF TG_OP = 'UPDATE' THEN high := greatest(high, OLD.end_tick); END IF;
    SELECT found.until_tick, found.from_tick INTO hole FROM (
        SELECT lag(end_tick) OVER (ORDER BY start_tick) AS until_tick, start_tick AS from_tick
        FROM air_entry WHERE service_id = NEW.service_id AND state = 'laid' AND start_tick >= (
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
"""

# Checkpoints never go back, so the last one is the furthest.
AFTER_CHECKPOINT = """
CREATE OR REPLACE FUNCTION air_entry_after_checkpoint() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last air_checkpoint;
BEGIN
    SELECT * INTO last FROM air_checkpoint WHERE service_id = NEW.service_id ORDER BY tick DESC LIMIT 1;
    IF FOUND AND (last.tick > NEW.start_tick OR last.sequence > NEW.sequence) THEN
        RAISE EXCEPTION 'nothing is laid before a checkpoint: tick %, segment %', NEW.start_tick, NEW.sequence
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("air", "0008_alarms")]

    operations = [
        # the functions before these decide the same, only slower: nothing to take back
        migrations.RunSQL(NO_GAP, migrations.RunSQL.noop),
        migrations.RunSQL(AFTER_CHECKPOINT, migrations.RunSQL.noop),
    ]
