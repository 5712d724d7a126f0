from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("house", "0002_event_log")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["xid", "id"], name="house_event_by_xid"),
        ),
    ]
