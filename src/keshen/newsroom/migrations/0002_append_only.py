from django.db import migrations

from keshen.house.immutable import append_only


class Migration(migrations.Migration):
    dependencies = [("newsroom", "0001_initial")]

    operations = [append_only("newsroom_version"), append_only("newsroom_publication")]
