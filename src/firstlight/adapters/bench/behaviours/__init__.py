"""Who answers when a behaviour is tested: an endpoint over HTTP, or a recording of one."""
