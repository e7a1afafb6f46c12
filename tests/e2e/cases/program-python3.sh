# A real program, the same with and without memwatch: python3.
. "$TOP/tests/e2e/lib.sh"
needs python3

cat >work.py <<'END'
import json, re, subprocess, threading
words = [f"{i}:{i * i}" for i in range(20000)]
print(len(json.dumps({w: [w] for w in words})), len(re.findall(r"\d+", " ".join(words))))
threads = [threading.Thread(target=lambda: sum(len(str(i)) for i in range(20000))) for _ in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
print(subprocess.run(["echo", "child"], capture_output=True, text=True).stdout)
END
same_as_native python3 work.py
PYTHONMALLOC=malloc
export PYTHONMALLOC
same_as_native python3 work.py
same_as_native python3 -c 'import sys; sys.exit(11)'
