"""An old system that verifies the signature of each question with the package standardwebhooks. It prints its URL, and runs
until its standard input is closed."""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["SECRET"])


class Verify(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            question = webhook.verify(body, dict(self.headers))
        except WebhookVerificationError:
            return self.send_error(400)
        valid = question == {"login": "grace", "password": os.environ["PASSWORD"]}
        user = {"id": 17, "username": "grace", "email": "grace@example.com"}
        answer = json.dumps({"valid": True, "user": user} if valid else {"valid": False}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


server = HTTPServer(("127.0.0.1", 0), Verify)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"http://127.0.0.1:{server.server_port}/verify", flush=True)
sys.stdin.read()
