"""Every node is told at once of whatever else a snapshot is read from: the plan, offers, services; and of a
substitute, whose it is."""

from django.db import migrations

TOLD = """
CREATE FUNCTION air_notify_of_service() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('keshen_air', coalesce(NEW.service_id, OLD.service_id)::text);
    RETURN NULL;
END $$;
CREATE FUNCTION air_notify_of_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('keshen_air', (SELECT service_id::text FROM air_entry WHERE id = NEW.entry_id));
    RETURN NULL;
END $$;
CREATE FUNCTION air_notify_of_itself() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('keshen_air', NEW.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER air_slot_notify AFTER INSERT OR UPDATE OR DELETE ON air_slot
    FOR EACH ROW EXECUTE FUNCTION air_notify_of_service();
CREATE TRIGGER air_offer_notify AFTER INSERT OR UPDATE ON air_offer
    FOR EACH ROW EXECUTE FUNCTION air_notify_of_service();
DROP TRIGGER air_substitute_notify ON air_substitute;
CREATE TRIGGER air_substitute_notify AFTER INSERT ON air_substitute
    FOR EACH ROW EXECUTE FUNCTION air_notify_of_entry();
CREATE TRIGGER house_service_notify_air AFTER INSERT OR UPDATE ON house_service
    FOR EACH ROW WHEN (NEW.kind IN ('tv', 'radio')) EXECUTE FUNCTION air_notify_of_itself();
"""
SILENT = """
DROP TRIGGER house_service_notify_air ON house_service;
DROP TRIGGER air_substitute_notify ON air_substitute;
DROP TRIGGER air_offer_notify ON air_offer;
DROP TRIGGER air_ruling_notify ON air_ruling;
DROP TRIGGER air_slot_notify ON air_slot;
DROP FUNCTION air_notify_of_itself();
DROP FUNCTION air_notify_of_entry();
DROP FUNCTION air_notify_of_service();
"""


class Migration(migrations.Migration):
    dependencies = [("air", "0012_renumbering")]

    operations = [migrations.RunSQL(TOLD, SILENT)]
