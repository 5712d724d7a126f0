from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("wire", "0010_warnings_in_every_language")]

    operations = [
        migrations.AddField(
            model_name="incomingitem",
            name="beside",
            field=models.JSONField(default=dict, help_text="What it says that a story has no place for, as understood"),
        ),
    ]
