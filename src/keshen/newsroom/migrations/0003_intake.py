
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("newsroom", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="original",
            name="one_story_an_original",
        ),
        migrations.AlterField(
            model_name="identifier",
            name="value",
            field=models.CharField(db_index=True, max_length=500),
        ),
        migrations.AddIndex(
            model_name="original",
            index=models.Index(fields=["sha256", "part"], name="newsroom_or_sha256_619e52_idx"),
        ),
        migrations.AddConstraint(
            model_name="identifier",
            constraint=models.UniqueConstraint(fields=("story", "value"), name="one_name_a_story_and_value"),
        ),
    ]
