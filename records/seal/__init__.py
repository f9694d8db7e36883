"""What holds a record fast: signatures, heads that are kept elsewhere, redaction, migration."""

from folkmoot.records.seal.anchors import Anchor, Anchoring, anchoring
from folkmoot.records.seal.heads import KeptHead, head_of, keep, read_heads
from folkmoot.records.seal.keys import fingerprint, new_key
from folkmoot.records.seal.migrate import Migrated, migrate
from folkmoot.records.seal.redact import Redacted, redact
from folkmoot.records.seal.signature import Signature, Statement, read_signature, sign

__all__ = [
    "Anchor",
    "Anchoring",
    "KeptHead",
    "Migrated",
    "Redacted",
    "Signature",
    "Statement",
    "anchoring",
    "fingerprint",
    "head_of",
    "keep",
    "migrate",
    "new_key",
    "read_heads",
    "read_signature",
    "redact",
    "sign",
]
