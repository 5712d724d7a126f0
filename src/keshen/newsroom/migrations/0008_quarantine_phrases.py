from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("newsroom", "0007_kept_assets")]

    operations = [
        migrations.AddField(
            model_name="quarantine",
            name="said",
            field=models.JSONField(default=dict, help_text="Reason and remedy as phrases, for any language"),
        ),
    ]
