from chassis.migrations import run
from services.licensing.models import Base

run(Base.metadata)
