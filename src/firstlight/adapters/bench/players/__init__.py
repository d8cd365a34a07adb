"""What may drive an agent: endpoints of models, and scripts that speak like one."""
