"""The names of the jobs, so that who asks for work and who does it agree."""

VALIDATE_FINDING = "validate-finding"
VERIFY_PATCH = "verify-patch"
PUBLISH_DUE = "publish-due"
DELIVER_OUTBOX = "deliver-outbox"
