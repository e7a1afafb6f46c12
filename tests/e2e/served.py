#!/usr/bin/env python3
"""Asks a session that serves, as its clients do. usage: served.py URL PID; the victim's input is 9, its output 8."""
import gzip
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import urllib.parse

PORT = urllib.parse.urlsplit(sys.argv[1]).port
PID = sys.argv[2]
PPROF = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pprof.py")


class Answer:
    def __init__(self, path, method="GET", body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        self.status, self.headers, self.body = reply.status, reply.headers, reply.read()
        self.text = self.body.decode("utf-8", "replace")
        connection.close()


def expect(what, got, wanted):
    assert got == wanted, f"{what}: got {got!r}, wanted {wanted!r}"


def get(path, **more):
    answer = Answer(path, **more)
    expect(path, answer.status, 200)
    return answer


def step():
    os.write(9, b"\n")
    expect("the victim", os.read(8, 5), b"done\n")


def functions(body):
    with open("profile.pb.gz", "wb") as file:
        file.write(body)
    lines = subprocess.run([sys.executable, PPROF, "profile.pb.gz", "functions"], check=True,
                           stdout=subprocess.PIPE).stdout.decode().splitlines()
    return {line.split()[0]: [int(n) for n in line.split()[1:]] for line in lines}


def profiles():
    heap = get("/debug/pprof/heap")
    expect("type", heap.headers["Content-Type"], "application/octet-stream")
    expect("name", heap.headers["Content-Disposition"], 'attachment; filename="heap"')
    expect("sniffing", heap.headers["X-Content-Type-Options"], "nosniff")
    found = functions(heap.body)
    expect("kept", found["keep"], [100, 6400, 100, 6400])
    expect("passed", found["pass"], [50, 50000, 0, 0])
    expect("gc=1", functions(get("/debug/pprof/heap?gc=1").body), found)
    expect("allocs", functions(get("/debug/pprof/allocs").body), found)
    expect("by pid", functions(get(f"/debug/pprof/heap?pid={PID}").body), found)
    expect("of all", functions(get("/debug/pprof/heap?pid=all").body), found)
    report = json.loads(get("/report.json").body)["processes"][0]["totals"]
    expect("as in the report", [sum(column) for column in zip(*found.values())],
           [report[name] for name in ("allocations", "allocated_bytes", "live_blocks", "live_bytes")])
    # only what happens within the time; other requests are answered meanwhile
    deltas = {}
    thread = threading.Thread(target=lambda: deltas.update(functions(get("/debug/pprof/heap?seconds=2").body)))
    thread.start()
    while get("/metrics").status == 200 and not deltas and thread.is_alive():
        step()
    thread.join()
    assert deltas["keep"][0] > 0 and deltas["keep"][0] % 10 == 0, deltas
    expect("kept within the time", deltas["keep"][0], deltas["keep"][2])
    expect("set free within the time", deltas["pass"][2:], [0, 0])
    expect("half as many", deltas["pass"][0] * 2, deltas["keep"][0])


def texts():
    index = get("/debug/pprof/")
    assert "<a href='heap?debug=1'>heap</a>" in index.text
    expect("without the slash", Answer("/debug/pprof").status, 301)
    notes = get("/debug/pprof/heap?debug=1").text
    assert notes.startswith("heap profile: ") and "# runtime.MemStats\n# Alloc = " in notes, notes
    plain = get("/pprof/heap").text
    head = plain.split("\n")[0].split()
    totals = json.loads(get("/report.json").body)["processes"][0]["totals"]
    expect("its first line", head[2:6], [f"{totals['live_blocks']}:", str(totals["live_bytes"]),
                                         f"[{totals['allocations']}:", f"{totals['allocated_bytes']}]"])
    assert "\nMAPPED_LIBRARIES:\n" in plain and "#" not in plain
    for path in "/debug/pprof/symbol", "/pprof/symbol":
        expect("symbols", get(path).text, "num_symbols: 1\n")
        expect("symbols are known", Answer(path, method="HEAD").status, 200)
        pc = next(int(line.split("] @ ")[1].split()[0], 16) for line in plain.split("\n") if "] @ 0x" in line)
        named = get(path, method="POST", body=f"0x{pc - 1:016x}+0x10").text.splitlines()
        assert any(line.startswith(f"{hex(pc - 1)} ") for line in named), (named, hex(pc))
    expect("NUL between arguments", get("/debug/pprof/cmdline").text.split("\0")[1:], ["an argument"])
    expect("lines", get("/pprof/cmdline").text.splitlines()[1:], ["an argument"])
    memstats = json.loads(get("/debug/vars").body)["memstats"]
    expect("MemStats", memstats["HeapAlloc"], totals["live_bytes"])
    assert "Summary" in get("/report.txt").text
    page = get("/report")
    expect("type of the page", page.headers["Content-Type"], "text/html; charset=utf-8")
    assert "<!doctype html>" in page.text.lower() and "Content-Security-Policy" in page.text
    scanned = json.loads(get("/scan", method="POST").body)["processes"][0]["verdicts"]
    expect("a scan", scanned["scanned"], True)
    metrics = get("/metrics")
    expect("metrics", metrics.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
    assert f"\nmemwatch_heap_live_bytes {totals['live_bytes']}\n" in metrics.text
    lost = scanned["definite"]["bytes"]
    assert lost and f'memwatch_leaked_bytes{{class="definite"}} {lost}\n' in metrics.text, metrics.text
    leaks = json.loads(get("/report.json").body)["processes"][0]["leaks"]
    kept = sum(leak["bytes"] for leak in leaks if leak["frames"][0]["function"] == "keep")
    assert f'\nmemwatch_function_live_bytes{{function="keep"}} {kept}\n' in metrics.text, metrics.text
    resident = re.search(r"^process_resident_memory_bytes ([0-9]+)$", metrics.text, re.M)
    assert resident and int(resident.group(1)) > 100000, metrics.text
    metrics = get("/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"})
    assert metrics.headers["Content-Type"].startswith("application/openmetrics-text")
    assert metrics.text.endswith("\n# EOF\n") and "# TYPE memwatch_frees counter\n" in metrics.text


def heads():
    """A HEAD has no body behind it: the next answer on the connection would begin with it."""
    asked = b"".join(b"%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n" % pair for pair in (
        (b"HEAD /debug/pprof/heap", b""), (b"HEAD /nothing", b""), (b"GET /pprof/symbol", b"Connection: close\r\n")))
    with socket.create_connection(("127.0.0.1", PORT), timeout=60) as client:
        client.sendall(asked)
        heap, nothing, symbol = client.makefile("rb").read().decode().split("HTTP/1.1 ")[1:]
    for status, reply in ("200", heap), ("404", nothing):
        assert reply.startswith(status) and reply.endswith("\r\n\r\n"), reply
        assert int(re.search(r"Content-Length: (\d+)", reply)[1]) > 0, reply
    assert symbol.endswith("\r\n\r\nnum_symbols: 1\n"), symbol


def refusals():
    for path, status in (("/debug/pprof/profile", 404), ("/nothing", 404), ("/debug/pprof/heap?seconds=0", 400),
                         ("/debug/pprof/heap?seconds=-1", 400), ("/debug/pprof/heap?seconds=x", 400),
                         ("/debug/pprof/heap?seconds=1&debug=1", 400), ("/debug/pprof/heap?pid=1", 404),
                         ("/debug/pprof/heap?pid=x", 400), ("/debug/pprof/../pprof/heap", 404)):
        answer = Answer(path)
        expect(path, answer.status, status)
        expect("for pprof", answer.headers["X-Go-Pprof"], "1")
    for method, path, status in ("GET", "/scan", 405), ("POST", "/metrics", 405), ("PUT", "/metrics", 405), \
                                ("DELETE", "/", 405):
        expect(f"{method} {path}", Answer(path, method=method).status, status)
    for name, value in ("Host", "evil.example"), ("Host", "127.0.0.1.evil.example"), ("Origin", "null"), \
                       ("Origin", "http://evil.example"):
        expect(f"{name}: {value}", Answer("/scan", method="POST", headers={name: value}).status, 403)
    expect("its own page", Answer("/metrics", headers={"Origin": f"http://127.0.0.1:{PORT}"}).status, 200)
    host = "Host: localhost\r\n"
    for what, first, hosts, status in (("no Host", "HTTP/1.1", "", 400), ("two", "HTTP/1.1", host * 2, 400),
                                       ("no Host in HTTP/1.0", "HTTP/1.0", "", 200)):
        with socket.create_connection(("127.0.0.1", PORT)) as client:
            client.sendall(f"GET /metrics {first}\r\n{hosts}Connection: close\r\n\r\n".encode())
            expect(what, int(client.recv(100).split()[1]), status)
    expect("NUL in a path", Answer("/metrics%00").status, 400)
    expect("a long head", Answer("/metrics", headers={"X": "x" * 9000}).status, 400)
    # only announced: one that is sent may meet a closed connection
    long_body = Answer("/pprof/symbol", method="POST", headers={"Content-Length": "1048577"})
    expect("a long body", long_body.status, 413)


profiles()
texts()
heads()
refusals()
