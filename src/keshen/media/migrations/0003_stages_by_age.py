from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("media", "0002_pieces")]

    operations = [
        migrations.AlterField(
            model_name="stageresult",
            name="created_at",
            field=models.DateTimeField(auto_now_add=True, db_index=True),
        ),
    ]
