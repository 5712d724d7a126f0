from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("media", "0003_stages_by_age")]

    operations = [
        migrations.RemoveConstraint(model_name="rendition", name="one_rendition_a_width_and_type"),
        migrations.AddField(
            model_name="rendition",
            name="tag",
            field=models.CharField(
                blank=True,
                default="",
                help_text="BCP 47 tag of the words in it; empty: as it came",
                max_length=12,
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="rendition",
            constraint=models.UniqueConstraint(
                fields=["asset", "tag", "width", "media_type"], name="one_rendition_a_width_and_type"
            ),
        ),
    ]
