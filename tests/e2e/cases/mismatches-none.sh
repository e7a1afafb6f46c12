# Programs in which all frees fit: no mismatches, whatever operators new and delete they bring themselves.
. "$TOP/tests/e2e/lib.sh"
needs g++

none() { # none PROGRAM [ARG...]
	watch --no-scan -- "$@"
	expect "status of $*" "$status" 0
	expect "mismatches of $*" "$(json '.processes[] | .mismatches[] | tostring')" ""
}

victim own_operators own_operators
none "$victim"
victim own_operators own_operators_header -DHEADER
none "$victim"
victim own_operators own_operators_static -DPART=2 -static-libstdc++
none "$victim"
for header in "" -DHEADER; do
	victim own_operators libown_operators$header.so -DPART=1 -fPIC -shared $header
	library=$victim
	victim own_operators own_operators_library$header -DPART=2 "$library"
	none "$victim"
done

victim mismatches
none "$victim" clean

none g++ -x c++ -std=c++17 -O1 -c -o module.o "$TOP/tests/e2e/victims/own_operators.cc"
for program in python3 git cmake sqlite3 node gdb perl; do
	command -v $program >/dev/null || continue
	case $program in
	python3) none python3 -c 'import json, ctypes; print(json.dumps([1]))' ;;
	sqlite3) none sqlite3 :memory: 'create table t(a); insert into t values (1); select * from t' ;;
	*) none $program --version ;;
	esac
done
