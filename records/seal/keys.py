"""Ed25519 keys in files: a private one in PEM (PKCS 8), which nobody else may read, and the public one beside it."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from folkmoot.records.canonical import digest
from folkmoot.records.errors import InputError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")
_PUB: Final = ".pub"


def new_key(path: Path | str) -> tuple[Path, str]:
    """Make a key: the private one in `path`, readable for its owner alone, the public one in `path`.pub.

    Returns:
        The file of the public key, and its fingerprint.

    Raises:
        InputError: one of the files is there already, or cannot be written.
    """
    ed25519, forms = _cryptography()
    private, public = Path(path), Path(f"{path}{_PUB}")
    key = ed25519.Ed25519PrivateKey.generate()
    secret = key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())
    shown = key.public_key().public_bytes(
        forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo
    )
    if public.exists():
        raise InputError(f"{str(public)!r} is there already", "a key is never overwritten")
    _put(private, secret, 0o600)
    try:
        _put(public, shown, 0o644)
    except InputError:
        private.unlink()
        raise
    return public, digest(key.public_key().public_bytes_raw())


def private_key(path: Path) -> "Ed25519PrivateKey":
    """The private key in a file.

    Raises:
        InputError: there is none, or it is of another kind.
    """
    ed25519, forms = _cryptography()
    try:
        found = forms.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise InputError(
            f"cannot read the key {str(path)!r}: {error.strerror or error}",
            "folkmoot sign --new-key FILE makes one",
        ) from error
    except (ValueError, TypeError) as error:
        raise InputError(
            f"{str(path)!r} holds no private key that can be read",
            "needed: PEM (PKCS 8), without a password; folkmoot sign --new-key FILE makes one",
        ) from error
    if not isinstance(found, ed25519.Ed25519PrivateKey):
        raise InputError(
            f"the key in {str(path)!r} is not Ed25519", "folkmoot sign --new-key FILE makes one"
        )
    return found


def fingerprint(given: str) -> str:
    """The fingerprint of a public key: of the one in a file, or the 64 digits themselves.

    Raises:
        InputError: the file holds no such key.
    """
    if _FINGERPRINT.fullmatch(given):
        return given
    ed25519, forms = _cryptography()
    try:
        found = forms.load_pem_public_key(Path(given).read_bytes())
    except OSError as error:
        raise InputError(
            f"cannot read the key {given!r}: {error.strerror or error}",
            "needed: the file FILE.pub, or the 64 digits of its fingerprint",
        ) from error
    except (ValueError, TypeError) as error:
        raise InputError(
            f"{given!r} holds no public key",
            "needed: FILE.pub, or the 64 digits of its fingerprint",
        ) from error
    if not isinstance(found, ed25519.Ed25519PublicKey):
        raise InputError(f"the key in {given!r} is not Ed25519", "needed: an Ed25519 key")
    return digest(found.public_bytes_raw())


def signed_by(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature of some bytes is by a key.

    Raises:
        InputError: the package that can tell is not installed.
    """
    ed25519, _ = _cryptography()
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except _invalid():
        return False
    return True


def _put(path: Path, data: bytes, mode: int) -> None:
    try:
        fd = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode
        )
    except FileExistsError as error:
        raise InputError(f"{str(path)!r} is there already", "a key is never overwritten") from error
    except OSError as error:
        raise InputError(f"cannot write {str(path)!r}: {error.strerror or error}") from error
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise InputError(f"cannot write {str(path)!r}: {error.strerror or error}") from error


def _cryptography() -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise InputError(
            "signatures need the package cryptography", "pip install 'folkmoot[sign]'"
        ) from error
    return ed25519, serialization


def _invalid() -> type[Exception]:
    from cryptography.exceptions import InvalidSignature

    return InvalidSignature
