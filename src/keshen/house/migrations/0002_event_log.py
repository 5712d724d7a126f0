from django.db import migrations

from keshen.house.immutable import append_only

TELL = """
CREATE FUNCTION keshen_tell_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('keshen_event', NEW.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER house_event_tell AFTER INSERT ON house_event FOR EACH ROW EXECUTE FUNCTION keshen_tell_event();
"""


class Migration(migrations.Migration):
    dependencies = [("house", "0001_initial")]

    operations = [
        append_only("house_event"),
        migrations.RunSQL(
            TELL, "DROP TRIGGER house_event_tell ON house_event; DROP FUNCTION keshen_tell_event();"
        ),
    ]
