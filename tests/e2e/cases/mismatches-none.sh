# Programs in which all frees fit: no mismatches, whatever operators new and delete they bring themselves.
. "$TOP/tests/e2e/lib.sh"
needs g++

none() { # none PROGRAM [ARG...]
	watch --no-scan -- "$@"
	expect "status of $*" "$status" 0
	expect "mismatches of $*" "$(json '.processes[] | .mismatches[] | tostring')" ""
}

# What uses them is compiled once, and linked with them in the program, in a library, and without them.
part() { # part NUMBER FILE FLAG...
	part_number=$1
	part_file=$2
	shift 2
	g++ -std=gnu++17 -g -O1 -fno-builtin -DPART="$part_number" -o "$part_file" "$@" ||
		fail "cannot compile $part_file"
}

source=$TOP/tests/e2e/victims/own_operators.cc
part 2 use.o -c "$source"
part 2 static use.o -static-libstdc++
none ./static
for header in -UHEADER -DHEADER; do
	part 1 operators.o $header -fPIC -c "$source"
	part 2 program use.o operators.o
	none ./program
	part 1 liboperators.so operators.o -shared
	part 2 program use.o ./liboperators.so
	none ./program
done

victim mismatches
none "$victim" clean
