"""A server that --push can talk to.

usage: pushed.py FOLDER ANSWER...    prints its port, and answers with ANSWER in turn, the last one for ever

ANSWER is a status, "close" (no answer), or "slow" (a byte now and then). Each request is kept in FOLDER: N.head has the
method, the path and the headers, N.body its body; then N is printed, while somebody reads that.
"""
import os
import socketserver
import sys
import threading

FOLDER, ANSWERS = sys.argv[1], sys.argv[2:]
lock = threading.Lock()
n_requests = 0
never = threading.Event()


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        global n_requests
        head = []
        while (line := self.rfile.readline().decode().rstrip("\r\n")):
            head.append(line)
        if not head:
            return
        fields = {line.split(": ")[0].lower(): line.split(": ")[1] for line in head[1:]}
        body = self.rfile.read(int(fields.get("content-length", "0")))
        with lock:
            n_requests += 1
            number = n_requests
            answer = ANSWERS[min(number, len(ANSWERS)) - 1]
            with open(os.path.join(FOLDER, f"{number}.body"), "wb") as file:
                file.write(body)
            with open(os.path.join(FOLDER, f"{number}.head"), "w", encoding="utf-8") as file:
                file.write("\n".join(head) + "\n")
            try:
                print(number, flush=True)
            except BrokenPipeError:
                pass
        if answer == "slow":
            while not never.wait(0.2):
                self.wfile.write(b"H")
        elif answer != "close":
            words = b"out of \x1b[31morder\r\nnot told\n"
            self.wfile.write(b"HTTP/1.1 %d Whatever\r\nContent-Length: %d\r\n\r\n" % (int(answer), len(words)) + words)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


with Server(("127.0.0.1", 0), Handler) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
