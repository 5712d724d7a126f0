from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("wire", "0004_sources_items_rules")]

    operations = [
        migrations.RemoveIndex(model_name="delivery", name="wire_due"),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                fields=["subscriber", "-is_kill", "-state", "attempts", "id"],
                name="wire_head",
                condition=models.Q(state__in=["queued", "sending"]),
            ),
        ),
    ]
