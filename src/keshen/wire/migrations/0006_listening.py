import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("wire", "0005_the_head_of_a_queue")]

    operations = [
        migrations.CreateModel(
            name="Listening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hub", models.CharField(max_length=2000)),
                ("topic", models.CharField(max_length=2000)),
                ("token", models.CharField(max_length=43, unique=True)),
                ("secret", models.CharField(max_length=64)),
                ("asked_at", models.DateTimeField(null=True)),
                ("agreed_at", models.DateTimeField(null=True)),
                ("until", models.DateTimeField(null=True)),
                (
                    "heard_at",
                    models.DateTimeField(
                        help_text="When it last sent something that was ours to take", null=True
                    ),
                ),
                ("reason", models.TextField(blank=True, help_text="Why it does not send")),
                (
                    "source",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="listening", to="wire.source"
                    ),
                ),
            ],
        ),
    ]
