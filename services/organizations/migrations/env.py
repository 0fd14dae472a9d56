from chassis import migrations
from services.organizations.models import Base

migrations.run(Base.metadata)
