"""How a service runs: nameko, SQL and AMQP plumbing, and no business."""

import warnings

# Its bugfix mode is a known and accepted fact (docs/decisions), not news at every start.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
