"""Asks a server for its certificate as libpq does, to learn why it is not trusted: libpq only says that it is not."""

import asyncio
from contextlib import suppress

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
"""https://www.postgresql.org/docs/current/protocol-message-formats.html, SSLRequest."""
EXPIRED = 10
"""X509_V_ERR_CERT_HAS_EXPIRED, of OpenSSL's x509_vfy.h."""


async def has_expired(ip: str, port: int, ca_file: str) -> bool:
    """Return whether the certificate is refused because its time is over, or that of one above it."""
    import ssl

    context = ssl.create_default_context(cafile=ca_file)
    context.check_hostname = False
    reader, writer = await asyncio.open_connection(ip, port)
    try:
        writer.write(SSL_REQUEST)
        if await reader.readexactly(1) == b"S":
            await writer.start_tls(context)
    except ssl.SSLCertVerificationError as refused:
        return refused.verify_code == EXPIRED
    except asyncio.IncompleteReadError:
        return False
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    return False
