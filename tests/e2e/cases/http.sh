# --http: each path answers as its clients want it, the numbers are those of the report, and strangers get nothing.
. "$TOP/tests/e2e/lib.sh"
needs jq python3

# The address is told before the program starts.
url_of() { sed -n 's|^memwatch: serving at \(.*\)/debug/pprof/$|\1|p' "$1"; }

victim served
begin run --http=0 "$victim" "an argument"
python3 "$TOP/tests/e2e/served.py" "$(url_of run.err)" "$pid" >served.out 2>&1 || fail "$(cat served.out)"
finish
expect "the program's status" "$status" 0
expect "the report" "$(jq -c '.processes[0].completeness.complete' run.json)" true

# A token, when there is one, is asked for, and the program does not see it.
MEMWATCH_HTTP_TOKEN=secret
export MEMWATCH_HTTP_TOKEN
begin token --http=0 -- "$victim"
code() { # code URL [HEADER]: the status that it is answered with
	python3 - "$@" <<'EOF'
import sys, urllib.request, urllib.error
request = urllib.request.Request(sys.argv[1])
for header in sys.argv[2:]:
    request.add_header(*header.split(": "))
try:
    print(urllib.request.urlopen(request).status)
except urllib.error.HTTPError as error:
    print(error.code)
EOF
}
url=$(url_of token.err)
expect "no token" "$(code "$url/metrics")" 401
expect "a wrong one" "$(code "$url/metrics?token=Secret")" 401
expect "in the address" "$(code "$url/metrics?token=secret")" 200
expect "as a header" "$(code "$url/metrics" "Authorization: Bearer secret")" 200
expect "in the program" "$(tr '\0' '\n' <"/proc/$pid/environ" | grep -c MEMWATCH_HTTP_TOKEN)" 0
finish
unset MEMWATCH_HTTP_TOKEN

# What cannot be.
refused() { # refused STATUS REGEXP OPTION...
	refused_status=$1
	refused_words=$2
	shift 2
	got=0
	"$MEMWATCH" "$@" "$victim" </dev/null >stdout 2>stderr || got=$?
	expect "status of $*" "$got" "$refused_status"
	expect_match "words of $*" "$(cat stderr)" "$refused_words"
}
refused 2 "'99999' is no port" --http=127.0.0.1:99999
refused 2 "is no IP address" --http=example.org:80
refused 2 "give a --http-token" --http=0.0.0.0:0
begin first --http=0 "$victim"
refused 125 'cannot listen at http://127.0.0.1:[0-9]+: Address already in use' \
	"--http=$(url_of first.err | sed 's|.*:||')"
finish
