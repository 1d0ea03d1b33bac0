"""An OpenID Connect issuer that is not Cognito."""

import hashlib
import json
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric import rsa

from support.threads import serving
from support.tokens import encode, sign


class Issuer:
    def __init__(self, url):
        self.url = url
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        modulus = self.key.public_key().public_numbers().n.to_bytes(256, "big")
        self.header = {"alg": "RS256", "kid": hashlib.sha256(modulus).hexdigest()}
        jwk = {"kty": "RSA", "use": "sig", **self.header, "n": encode(modulus), "e": "AQAB"}
        self.documents = {
            "/.well-known/openid-configuration": {"issuer": url, "jwks_uri": f"{url}/keys"},
            "/keys": {"keys": [jwk]},
        }

    def token(self, **claims):
        now = int(time.time())
        standard = {"iss": self.url, "sub": "someone", "iat": now, "exp": now + 600}
        return sign(self.header, standard | claims, self.key)


@contextmanager
def issuing():
    """Serves an issuer's documents on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            document = issuer.documents.get(self.path)
            self.send_response(200 if document else 404)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_):
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        issuer = Issuer(f"http://127.0.0.1:{server.server_port}")
        yield issuer
