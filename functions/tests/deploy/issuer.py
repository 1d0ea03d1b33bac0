"""An OIDC issuer that is not Cognito."""

import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa

from tokens import part, signed

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Issuer:
    """Serves its key at `url`, and signs."""

    def __init__(self, url):
        self.url = url
        modulus = KEY.public_key().public_numbers().n.to_bytes(256, "big")
        self.header = {"alg": "RS256", "kid": hashlib.sha256(modulus).hexdigest()}
        jwk = {"kty": "RSA", "use": "sig", **self.header, "n": part(modulus), "e": "AQAB"}
        documents = {
            "/.well-known/openid-configuration": {"issuer": url, "jwks_uri": f"{url}/keys"},
            "/keys": {"keys": [jwk]},
        }

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                document = documents.get(self.path)
                self.send_response(200 if document else 404)
                self.end_headers()
                self.wfile.write(json.dumps(document).encode())

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", urlsplit(url).port), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def token(self, **claims):
        now = int(time.time())
        return signed(self.header, {"iss": self.url, "sub": "someone", "iat": now, "exp": now + 600, **claims}, KEY)
