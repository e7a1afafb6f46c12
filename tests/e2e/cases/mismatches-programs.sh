# Real programs have no mismatches.
. "$TOP/tests/e2e/lib.sh"

none() { # none PROGRAM [ARG...]
	watch --no-scan -- "$@"
	expect "status of $*" "$status" 0
	expect "mismatches of $*" "$(json '.processes[] | .mismatches[] | tostring')" ""
}

for program in g++ python3 git cmake sqlite3; do
	command -v $program >/dev/null || continue
	case $program in
	g++)
		echo 'int f(int a) { return new int(a) != nullptr; }' >module.cc
		none g++ -O1 -c module.cc
		;;
	python3) none python3 -c 'import json, ctypes; print(json.dumps([1]))' ;;
	sqlite3) none sqlite3 :memory: 'create table t(a); insert into t values (1); select * from t' ;;
	*) none $program --version ;;
	esac
done
