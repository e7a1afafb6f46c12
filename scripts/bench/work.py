# Objects of many kinds and lives: dicts, strings, regular expressions, JSON. work.py ROUNDS
import json
import re
import sys

table = {}
for round_number in range(int(sys.argv[1])):
    for i in range(2000):
        table[f"{round_number % 20}-{i}"] = [i, str(i) * 3, {"id": i, "name": f"name {i}"}]
    text = json.dumps(table)
    back = json.loads(text)
    words = re.findall(r"[a-z]+ \d+", text)
    counts = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
print(len(table), len(back), len(counts))
