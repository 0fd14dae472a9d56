"""How a service runs: nameko, SQL and AMQP plumbing, and no business."""
