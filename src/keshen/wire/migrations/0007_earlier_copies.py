import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("wire", "0006_listening")]

    operations = [
        migrations.CreateModel(
            name="EarlierCopy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.BigIntegerField()),
                ("payload", models.BinaryField()),
                ("payload_sha256", models.CharField(max_length=64)),
                ("sent_at", models.DateTimeField()),
                ("attempts", models.PositiveIntegerField()),
                ("response_code", models.PositiveSmallIntegerField(null=True)),
                ("tail", models.TextField(blank=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="earlier", to="wire.delivery"
                    ),
                ),
            ],
            options={
                "ordering": ["sequence"],
                "constraints": [models.UniqueConstraint(fields=("delivery", "sequence"), name="one_copy_a_number")],
            },
        ),
    ]
