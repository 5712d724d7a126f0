from django.db import migrations

from keshen.house.immutable import append_only


class Migration(migrations.Migration):
    dependencies = [("rights", "0001_initial")]

    operations = [append_only("rights_terms"), append_only("rights_decision")]
