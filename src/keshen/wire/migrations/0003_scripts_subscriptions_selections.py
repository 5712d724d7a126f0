import django.db.models.deletion
from django.db import migrations, models

import keshen.wire.formats.registry
import keshen.wire.models
from keshen.house.immutable import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('newsroom', '0003_intake'),
        ("wire", "0002_channels"),
    ]

    operations = [
        migrations.AddField(
            model_name='delivery',
            name='tag',
            field=models.CharField(blank=True, help_text="BCP 47 tag it goes out under; empty: the text's own", max_length=12),
        ),
        migrations.AddField(
            model_name='subscriber',
            name='encoding',
            field=models.CharField(blank=True, choices=keshen.wire.models.encodings, help_text='Of plain text; UTF-8 when empty', max_length=20),
        ),
        migrations.AddField(
            model_name='subscriber',
            name='script',
            field=models.CharField(blank=True, choices=[('Cyrl', 'Cyrillic'), ('Latn', 'Latin'), ('Arab', 'Arabic script')], help_text='Texts that can be had in it are sent in it (ISO 15924)', max_length=4),
        ),
        migrations.AlterField(
            model_name='subscriber',
            name='format',
            field=models.CharField(choices=keshen.wire.formats.registry.choices, max_length=20),
        ),
        migrations.CreateModel(
            name='Selection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('choices', models.JSONField()),
                ('made_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='newsroom.version')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('terms', models.JSONField(blank=True, default=dict, help_text='entitlements.Entitlement as JSON')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='wire.product')),
                ('subscriber', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='subscriptions', to='wire.subscriber')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('subscriber', 'product'), name='one_subscription_a_product')],
            },
        ),
        append_only('wire_selection'),
    ]
