import sys

from services.licensing.operate import main

sys.exit(main())
