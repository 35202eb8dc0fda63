"""Serves the application: python -m drf SUPER_USERS_KEY MEMBERS_KEY. Prints the port first.

The server is our own, as small as can be. Those that come with Python and Django repair requests (double slashes, white space round
header values, a missing Content-Type), and the comparison would not see what they repair.
"""
import io
import os
import socketserver
import sys
import traceback
from urllib.parse import unquote_to_bytes

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "drf.settings"


class Connection(socketserver.StreamRequestHandler):
    def handle(self):
        while line := self.rfile.readline():
            self.answer(*line.decode("latin-1").split(" ")[:2])

    def answer(self, method, target):
        headers = {}
        while line := self.rfile.readline().rstrip(b"\r\n"):
            name, _, value = line.partition(b":")
            name = name.decode("latin-1").upper().replace("-", "_")
            headers.setdefault(name, []).append(value.strip(b" \t").decode("latin-1"))
        joined = {name: ",".join(values) for name, values in headers.items()}
        body = self.rfile.read(int(joined.get("CONTENT_LENGTH", 0)))
        path, _, query = target.partition("?")
        environ = {f"HTTP_{name}": value for name, value in joined.items()}
        environ |= {name: joined[name] for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if name in joined}
        environ |= {
            "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr,
            "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
        }
        started = []
        try:
            content = b"".join(self.server.application(environ, lambda *status: started.append(status)))
        except Exception:
            traceback.print_exc()
            started, content = [("500 Internal Server Error", [])], b""
        status, sent = started[-1][:2]
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in sent if name != "Content-Length")]
        lines += [f"Content-Length: {len(content)}", "", ""]
        self.wfile.write("\r\n".join(lines).encode("latin-1") + (b"" if method == "HEAD" else content))


def main():
    # Django has to be set up before its models can be imported.
    application = get_wsgi_application()
    from django.contrib.auth.models import User
    from rest_framework.authtoken.models import Token

    call_command("migrate", run_syncdb=True, verbosity=0)
    for key, is_super_user in [(sys.argv[1], True), (sys.argv[2], False)]:
        user = User.objects.create(username=f"super user: {is_super_user}", is_superuser=is_super_user)
        Token.objects.create(user=user, key=key)
    with socketserver.TCPServer(("127.0.0.1", 0), Connection) as server:
        server.application = application
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
