# Programs that do their work and end: they keep a little of everything, and no stack of theirs leaks.
. "$TOP/tests/e2e/growth_lib.sh"
needs python3 sqlite3 gcc

quiet() { # quiet NAME PROGRAM [ARG...]
	quiet_name=$1
	shift
	"$MEMWATCH" --json="$quiet_name.json" --log-file="$quiet_name.text" "$@" >/dev/null 2>"$quiet_name.err" ||
		fail "$quiet_name: status $?"
	grows_not "$quiet_name"
}

cat >words.py <<'EOF'
import collections, json, re, time
end, seen = time.time() + 10, collections.Counter()
while time.time() < end:
    text = json.dumps({"numbers": list(range(200)), "text": "x" * 700})
    seen.update(m.group() for m in re.finditer(r"\d+", text))
    json.loads(text)
EOF
cat >rows.sql <<'EOF'
create table t(a integer primary key, b text, c real);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000)
	insert into t select i, 'text' || (i * 7919 % 100003), i * 1.5 from n;
create index tb on t(b);
select b, count(*) from t group by b order by 2 desc limit 5;
update t set c = c + 1 where a % 3 = 0;
delete from t where a % 5 = 0;
vacuum;
EOF
for i in $(seq 1 250); do
	cat <<EOF
struct s$i { int a, b; double d[$i]; };
int f$i(struct s$i *p, int n)
{
	int r = 0;
	for (int i = 0; i < n; i++) {
		r += p->a * i;
		switch (r % 7) { case 0: r++; break; case 1: r--; break; case 5: r *= 3; break; }
		for (int k = 0; k < $i; k++) p->d[k] += r / (k + 1.0);
	}
	return r + (p->b ^= r);
}
EOF
done >large.c
quiet python3 python3 words.py
quiet sqlite3 sqlite3 rows.db ".read rows.sql"
quiet cc1 gcc -O2 -c large.c -o large.o
