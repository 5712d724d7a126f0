from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("wire", "0009_embargoes_in_advance")]

    operations = [
        migrations.AddField(
            model_name="incomingitem",
            name="said",
            field=models.JSONField(default=list, help_text="The warnings as phrases, for every language"),
        ),
    ]
