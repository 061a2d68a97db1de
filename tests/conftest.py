"""Nothing in these tests is judged by how long it takes, nor by whether they run in the background."""

import os
import signal
from functools import cache
from typing import Any

import botocore.loaders
import botocore.session
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell starts what it does not wait for
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Threads of numpy spin where tests run side by side; said before anything imports it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# The models of services are read once in a process, and not again by each session.
sessions: Any = botocore.session
sessions.create_loader = cache(botocore.loaders.create_loader)
