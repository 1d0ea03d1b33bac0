"""The emulator over TLS, which a deployed API requires of its callers."""

import socketserver
import ssl
import threading
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from socket import create_connection

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from support.containers import copy
from support.threads import serving


def make_certificate(folder, hosts):
    """Writes a key and a certificate for these hosts, which is its own authority. Returns their paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "parc e2e")])
    now = datetime.now(timezone.utc)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    paths = folder / "key.pem", folder / "certificate.pem"
    encoding, no_encryption = serialization.Encoding.PEM, serialization.NoEncryption()
    paths[0].write_bytes(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, no_encryption))
    paths[1].write_bytes(certificate.public_bytes(encoding))
    return paths


@contextmanager
def terminating(folder, port, host, others=()):
    """Accepts TLS connections for these hosts, each with one request, and forwards them to a loopback port.

    Names `host` in the requests to localhost. Yields the port and the path of the certificate.
    """
    key, certificate = make_certificate(folder, ["localhost", *others])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Relay(socketserver.BaseRequestHandler):
        def handle(self):
            own = f"localhost:{self.server.server_address[1]}"
            try:
                with context.wrap_socket(self.request, server_side=True) as client, create_connection(("127.0.0.1", port)) as upstream:
                    start = client.recv(65536)
                    upstream.sendall(start.replace(own.encode(), host.encode(), 1))
                    threading.Thread(target=copy, args=(client, upstream), daemon=True).start()
                    copy(upstream, client)
            except OSError:
                # Callers may close first.
                pass

    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay)) as server:
        yield server.server_address[1], certificate
