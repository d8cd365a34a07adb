"""The portal: server-rendered pages that translate a request and call a use case."""
