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
