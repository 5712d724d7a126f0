"""Variants: what was ruled for each audience, what is shown instead, and what a service offers."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from keshen.house.immutable import append_only

NOTIFY = """
CREATE TRIGGER air_ruling_notify AFTER INSERT ON air_ruling FOR EACH ROW EXECUTE FUNCTION air_notify();
CREATE FUNCTION air_notify_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('keshen_air', 'all');
    RETURN NULL;
END $$;
CREATE TRIGGER air_substitute_notify AFTER INSERT ON air_substitute
    FOR EACH STATEMENT EXECUTE FUNCTION air_notify_all();
"""
SILENCE = """
DROP TRIGGER air_substitute_notify ON air_substitute;
DROP FUNCTION air_notify_all();
DROP TRIGGER air_ruling_notify ON air_ruling;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('air', '0010_marks'),
        ('house', '0002_event_log'),
        ('media', '0001_initial'),
        ('rights', '0002_append_only'),
    ]

    operations = [
        migrations.AddField(
            model_name='entry',
            name='barred',
            field=models.BooleanField(db_default=False, default=False, help_text='Only variants show it: rights keep it from the rest'),
        ),
        migrations.AddField(
            model_name='entry',
            name='restricted',
            field=models.BooleanField(db_default=False, default=False, help_text='There were terms on it when it was laid'),
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('body', models.JSONField()),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('service', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='offer', to='house.service')),
            ],
        ),
        migrations.CreateModel(
            name='Ruling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('audience', models.CharField(max_length=20)),
                ('tick', models.BigIntegerField()),
                ('spans', models.JSONField(default=list)),
                ('terms', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rulings', to='media.asset')),
                ('decision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rights.decision')),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rulings', to='house.service')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['service', 'asset'], name='air_ruling_service_a5f05a_idx')],
            },
        ),
        migrations.CreateModel(
            name='Substitute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('audience', models.CharField(max_length=20)),
                ('titles', models.JSONField(default=dict)),
                ('tick', models.BigIntegerField()),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='substitutes', to='media.asset')),
                ('decision', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rights.decision')),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='substitutes', to='air.entry')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('entry', 'audience'), name='one_substitute_an_audience')],
            },
        ),
        append_only("air_ruling"),
        append_only("air_substitute"),
        migrations.RunSQL(NOTIFY, SILENCE),
    ]
