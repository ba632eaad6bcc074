"""A pytest plugin that is loaded first, and makes all the others quicker."""

import os
import sys

# Two workers with two threads each would wait for one another on two cores: lesson 08
# takes 16 s with one thread and 105 s with two.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# Whatever reads notebooks imports jsonschema. That looks for a package which builds the
# grammar of web addresses, in 1.4 s for each process; without it, jsonschema goes on.
sys.modules.setdefault("rfc3987_syntax", None)
