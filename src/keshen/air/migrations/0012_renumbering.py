"""What follows an edit counts on by one row; the database checks numbers as they are with it."""

import django.db.models.deletion
from django.db import migrations, models

from keshen.house.immutable import append_only

# What an entry counts now: as it was laid, and what came since.
COUNTED = """
CREATE FUNCTION air_counted(laid air_entry, OUT sequence bigint, OUT discontinuity bigint) LANGUAGE sql STABLE AS $$
    SELECT laid.sequence + coalesce(sum(segments), 0), laid.discontinuity + coalesce(sum(breaks), 0)
    FROM air_renumbering WHERE service_id = laid.service_id AND entry >= laid.id AND tick <= laid.start_tick
$$;
CREATE FUNCTION air_counts_on(own air_entry) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    before air_entry;
    after air_entry;
    counted record := air_counted(own);
    other record;
BEGIN
    SELECT * INTO before FROM air_entry WHERE service_id = own.service_id AND state = 'laid'
        AND start_tick < own.start_tick ORDER BY start_tick DESC LIMIT 1;
    IF FOUND THEN
        other := air_counted(before);
        IF counted.sequence <> other.sequence + air_segments(before.end_tick - before.start_tick, before.cuts)
                OR counted.discontinuity <> other.discontinuity + own.breaks::int THEN
            RAISE EXCEPTION 'entry % counts from segment % and break %, not on from entry %',
                own.id, counted.sequence, counted.discontinuity, before.id USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    SELECT * INTO after FROM air_entry WHERE service_id = own.service_id AND state = 'laid'
        AND start_tick > own.start_tick ORDER BY start_tick LIMIT 1;
    IF FOUND THEN
        other := air_counted(after);
        IF other.sequence <> counted.sequence + air_segments(own.end_tick - own.start_tick, own.cuts)
                OR other.discontinuity <> counted.discontinuity + after.breaks::int THEN
            RAISE EXCEPTION 'entry % counts from segment % and break %, not on from entry %',
                after.id, other.sequence, other.discontinuity, own.id USING ERRCODE = 'check_violation';
        END IF;
    END IF;
END $$;
CREATE OR REPLACE FUNCTION air_entry_numbering() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE own air_entry;
BEGIN
    SELECT * INTO own FROM air_entry WHERE id = NEW.id AND state = 'laid';
    IF FOUND THEN PERFORM air_counts_on(own); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION air_renumbering_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    frozen bigint := coalesce(
        nullif(current_setting('keshen.tick', true), '')::bigint,
        floor(extract(epoch FROM clock_timestamp()) * 1000 / 320)::bigint
    ) + 36;
BEGIN
    IF NEW.tick < frozen THEN
        RAISE EXCEPTION 'segments from tick % on have their numbers: they are before the freeze horizon %', NEW.tick, frozen
            USING ERRCODE = 'restrict_violation';
    END IF;
    -- what was laid later counts with this already, so it holds for everything that was laid before
    IF NEW.entry IS DISTINCT FROM (
        SELECT id FROM air_entry WHERE service_id = NEW.service_id ORDER BY id DESC LIMIT 1
    ) THEN
        RAISE EXCEPTION 'entry % is not the last that was laid: what follows would count on for a part alone', NEW.entry
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER air_renumbering_guard BEFORE INSERT ON air_renumbering
    FOR EACH ROW EXECUTE FUNCTION air_renumbering_guard();
CREATE FUNCTION air_renumbering_numbering() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE own air_entry;
BEGIN
    SELECT * INTO own FROM air_entry WHERE service_id = NEW.service_id AND state = 'laid'
        AND start_tick >= NEW.tick ORDER BY start_tick LIMIT 1;
    IF FOUND THEN PERFORM air_counts_on(own); END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER air_renumbering_numbering AFTER INSERT ON air_renumbering
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION air_renumbering_numbering();
CREATE TRIGGER air_renumbering_notify AFTER INSERT ON air_renumbering FOR EACH ROW EXECUTE FUNCTION air_notify();
"""
# The neighbour of an entry is one step in the index; a planner that has not counted the table yet would sort all of it.
for guard in ("air_entry_no_gap()", "air_counts_on(air_entry)", "air_renumbering_guard()", "air_renumbering_numbering()"):
    COUNTED += f"ALTER FUNCTION {guard} SET enable_seqscan = off;\n"
    COUNTED += f"ALTER FUNCTION {guard} SET enable_bitmapscan = off;\n"
    COUNTED += f"ALTER FUNCTION {guard} SET enable_sort = off;\n"
UNCOUNTED = "ALTER FUNCTION air_entry_no_gap() RESET ALL;" + """
DROP TRIGGER air_renumbering_notify ON air_renumbering;
DROP TRIGGER air_renumbering_numbering ON air_renumbering;
DROP FUNCTION air_renumbering_numbering();
DROP TRIGGER air_renumbering_guard ON air_renumbering;
DROP FUNCTION air_renumbering_guard();
CREATE OR REPLACE FUNCTION air_entry_numbering() RETURNS trigger LANGUAGE plpgsql AS $$
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
DROP FUNCTION air_counts_on(air_entry);
DROP FUNCTION air_counted(air_entry);
"""


class Migration(migrations.Migration):
    dependencies = [("air", "0011_variants"), ("house", "0002_event_log")]

    operations = [
        migrations.CreateModel(
            name="Renumbering",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tick", models.BigIntegerField()),
                ("entry", models.BigIntegerField()),
                ("segments", models.BigIntegerField()),
                ("breaks", models.BigIntegerField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="renumberings", to="house.service"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["service", "entry"], name="air_renumbe_service_6d4309_idx")],
            },
        ),
        append_only("air_renumbering"),
        migrations.RunSQL(COUNTED, UNCOUNTED),
    ]
