"""One module per service, each with a ``blueprint`` that `gateway.app` finds and registers."""
