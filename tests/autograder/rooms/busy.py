"""A module that starts a thread when it is imported, as some do; but not in the tests' process."""

import sys
import threading
import time

if "pytest" not in sys.modules:
    threading.Thread(target=time.sleep, args=(60,), name="busy", daemon=True).start()
